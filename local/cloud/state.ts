import * as fs from 'node:fs';
import type { Endpoints } from './clients';
import { PRIVATE_FILE, type LocalFolder } from './folder';
import { LocalProblem } from './problem';
import { runs, stopGroup } from './processes';

/** A process group that outlives the launcher. */
export interface RecordedProcess {
  readonly name: string;
  readonly pid: number;
  /** Part of its command line. */
  readonly marker: string;
}

/** `state.json`: what `local:down`, and a second `up`, must know. */
export interface LocalState {
  /** The launcher, while it starts or stops the cloud. */
  readonly launcher?: RecordedProcess;
  readonly startedAt: string;
  readonly processes: readonly RecordedProcess[];
  readonly endpoints?: Endpoints;
  /** The folder of the emulator's socket. */
  readonly sockets?: string;
}

export function readState(folder: LocalFolder): LocalState | undefined {
  try {
    return JSON.parse(fs.readFileSync(folder.state, 'utf8')) as LocalState;
  } catch {
    return undefined; // none, or one that was cut off while it was written
  }
}

/** The state file while a launcher works: brought up to date as processes come and go. */
export class StateFile {
  public constructor(private readonly folder: LocalFolder, private state: LocalState) {
    this.update({});
  }

  /** Of a cloud that is to start. Throws if another launcher has been faster: two would work in one folder. */
  public static claim(folder: LocalFolder, state: LocalState): StateFile {
    const staged = `${folder.state}.${process.pid}`;
    fs.writeFileSync(staged, JSON.stringify(state), { mode: PRIVATE_FILE });
    try {
      fs.linkSync(staged, folder.state); // fails where there is one
    } catch (error) {
      if (!fs.existsSync(folder.state)) {
        throw error;
      }
      throw new LocalProblem(
        `another launcher has just begun to work on ${folder.root}`,
        [`wait for it, or end both it and the cloud: ${folder.commands.down}`],
      );
    } finally {
      fs.rmSync(staged);
    }
    return new StateFile(folder, state);
  }

  public update(change: Partial<LocalState>): void {
    this.state = { ...this.state, ...change };
    const staged = `${this.folder.state}.new`;
    fs.writeFileSync(staged, `${JSON.stringify(this.state, undefined, 2)}\n`, { mode: PRIVATE_FILE });
    fs.renameSync(staged, this.folder.state); // whole, or not at all
  }
}

export function recorded(groups: readonly RecordedProcess[]): RecordedProcess[] {
  return groups.map(({ name, pid, marker }) => ({ name, pid, marker }));
}

export function removeState(folder: LocalFolder): void {
  fs.rmSync(folder.state, { force: true });
}

export function living(state: LocalState): RecordedProcess[] {
  return state.processes.filter(({ pid, marker }) => runs(pid, marker));
}

export function launcherRuns({ launcher }: LocalState): boolean {
  return launcher !== undefined && launcher.pid !== process.pid && runs(launcher.pid, launcher.marker);
}

/** Ends what a state records and takes its traces away. */
export async function stopRecorded(folder: LocalFolder, state: LocalState): Promise<void> {
  for (const { pid } of living(state).reverse()) {
    await stopGroup(pid);
  }
  removeTraces(folder, state);
}

/** Takes away what a cloud that has ended wrote, all but logs and what it was asked. */
export function removeTraces(folder: LocalFolder, state: LocalState | undefined): void {
  const sockets = state?.sockets === undefined ? [] : [state.sockets];
  for (const made of [folder.tmp, folder.home, folder.devices, folder.sockets, folder.images, folder.environment, ...sockets]) {
    fs.rmSync(made, { recursive: true, force: true });
  }
  removeState(folder);
}
