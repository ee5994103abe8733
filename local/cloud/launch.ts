import * as fs from 'node:fs';
import * as path from 'node:path';
import type { CdkPlace } from './cdk';
import type { Clients } from './clients';
import { LocalCloud } from './cloud';
import { cloudScript } from './environment';
import { PRIVATE_FILE, type LocalFolder } from './folder';
import { deployBridge, destroyBridge } from './deploy';
import { LocalProblem, ProblemInRunningCloud } from './problem';
import type { Progress } from './progress';
import { isUp } from './running';
import { Session } from './session';
import { onSignals } from './signals';
import type { EndpointSettings } from './stand-in-settings';
import {
  launcherRuns, readState, recorded, removeState, removeTraces, StateFile, stopRecorded, type LocalState, type RecordedProcess,
} from './state';

/** What is deployed into a local cloud. */
export interface Workload {
  /** Also a second time, into a cloud that runs. */
  deploy(cloud: LocalCloud, progress: Progress): Promise<void>;
  /** Shows what was made. Where it fails, the cloud stays up, so that the user can look into it. */
  show(cloud: LocalCloud, progress: Progress, session: Session): Promise<void>;
  destroy(cloud: LocalCloud, progress: Progress): Promise<void>;
  /** Whether a failed deployment is the user's to mend and to try again: then the cloud stays up for that, too. */
  readonly canBeMended: boolean;
}

/** How to see what destroyed stacks have left. */
export interface Leftovers {
  readonly find: (clients: Clients) => Promise<string[]>;
  /** Of which kinds nothing is left, in words. */
  readonly kinds: string;
}

export interface LaunchOptions {
  readonly folder: LocalFolder;
  readonly progress: Progress;
  readonly workload: Workload;
  /** Destroy at the end, look for what is left by this, and stop. */
  readonly once?: Leftovers;
  /** These five: see CloudOptions. */
  readonly prebuilt: boolean;
  readonly endpoints?: EndpointSettings;
  readonly place?: CdkPlace;
  readonly onnxRuntime?: string;
  readonly experiments?: boolean;
}

/** Starts the cloud of a folder, unless it runs, and deploys into it. */
export async function launch(options: LaunchOptions): Promise<void> {
  const { folder } = options;
  folder.make();
  const running = await runningCloud(options);
  const launcher: RecordedProcess = { name: 'launcher', pid: process.pid, marker: path.basename(process.argv[1] ?? 'node') };
  const state = running ? new StateFile(folder, running) : StateFile.claim(folder, {
    launcher,
    startedAt: new Date().toISOString(),
    processes: [],
  });
  const session = new Session((groups) => {
    state.update({ processes: [...running?.processes ?? [], ...recorded(groups)] });
  });
  const release = onSignals(session, () => {
    if (!running) { // one that ran before goes on
      removeTraces(folder, readState(folder));
    }
  });
  try {
    if (running) {
      await again(options, session, running);
    } else {
      await anew(options, session, state);
    }
  } finally {
    release();
  }
}

async function anew(options: LaunchOptions, session: Session, state: StateFile): Promise<void> {
  const { folder, progress, once, workload } = options;
  const began = Date.now();
  try {
    const cloud = await LocalCloud.start({ ...options, session, state });
    await progress.step('CDK bootstrap and the bridge to missing resource types', async () => deployBridge(cloud));
    const keep = (): void => {
      state.update({ launcher: undefined });
      session.release();
      writeEnvironment(cloud);
      cloud.close();
    };
    let mayStay = workload.canBeMended;
    try {
      await workload.deploy(cloud, progress);
      mayStay = true;
      await workload.show(cloud, progress, session);
    } catch (error) {
      if (!mayStay || once !== undefined || !(error instanceof LocalProblem) || session.isAborted) {
        throw error;
      }
      keep();
      throw new ProblemInRunningCloud(error.message, [...error.advice, 'the local cloud stays up', ...howToLook(cloud)], error.exitCode);
    }
    if (once === undefined) {
      keep();
      farewell(cloud, progress, began);
      return;
    }
    await tearDown(cloud, progress, session, workload, once);
    cloud.close();
  } catch (error) {
    if (!(error instanceof ProblemInRunningCloud)) {
      await clear(folder, session);
    }
    throw error;
  }
  await progress.step('stopping emulator and stand-ins', async () => clear(folder, session));
  const made = fs.existsSync(folder.greengrass) ? `, ${relative(folder.greengrass)} (recipes and artifacts)` : '';
  progress.note(`kept: ${relative(folder.requests)} (each call of handlers and devices), ${relative(folder.logs)}${made}`);
}

/** Deploys into the cloud that runs. A failure leaves that cloud as it is. */
async function again(options: LaunchOptions, session: Session, { endpoints, startedAt }: LocalState): Promise<void> {
  const { folder, progress, workload, place } = options;
  if (!endpoints) {
    throw new LocalProblem('the local cloud that runs has recorded no endpoints', [`${folder.commands.down}, then ${folder.commands.up}`]);
  }
  const began = Date.now();
  progress.note(`a local cloud is up since ${startedAt}: working in it (${folder.commands.down} stops it)`);
  try {
    const cloud = new LocalCloud(session, folder, endpoints, place);
    await workload.deploy(cloud, progress);
    await workload.show(cloud, progress, session);
    writeEnvironment(cloud);
    cloud.close();
    farewell(cloud, progress, began);
  } catch (error) {
    await session.stopAll();
    throw error;
  }
}

/** The state of a cloud that runs; what is left of one that does not is cleared away. */
async function runningCloud({ folder, once, progress }: LaunchOptions): Promise<LocalState | undefined> {
  const state = readState(folder);
  if (!state) {
    removeState(folder); // one that was cut off
    return undefined;
  }
  if (launcherRuns(state)) {
    throw new LocalProblem(
      `another launcher is at work on ${relative(folder.root)} (process ${state.launcher?.pid ?? 0})`,
      [`wait for it, or end both it and the cloud: ${folder.commands.down}`],
    );
  }
  if (!isUp(state)) {
    progress.note('clearing away what is left of an earlier local cloud');
    await stopRecorded(folder, state);
    return undefined;
  }
  if (once !== undefined) {
    throw new LocalProblem(`a local cloud is up since ${state.startedAt}, and --once needs an empty one`, [folder.commands.down]);
  }
  return state;
}

async function tearDown(
  cloud: LocalCloud, progress: Progress, session: Session, workload: Workload, { find, kinds }: Leftovers,
): Promise<void> {
  await workload.destroy(cloud, progress);
  await progress.step('cdk destroy of the bridge', async () => destroyBridge(cloud));
  const left = await progress.step('looking for what is left', async () => session.step(async () => find(cloud.clients)));
  if (left.length > 0) {
    throw new LocalProblem('the destroyed stacks left something behind:', left);
  }
  progress.note(`nothing: no ${kinds}`);
}

async function clear(folder: LocalFolder, session: Session): Promise<void> {
  await session.stopAll();
  await stopRecorded(folder, readState(folder) ?? { startedAt: '', processes: [] });
}

function writeEnvironment({ folder, endpoints }: LocalCloud): void {
  fs.rmSync(folder.environment, { force: true }); // a mode is for a new file
  fs.writeFileSync(folder.environment, cloudScript(folder, endpoints), { mode: PRIVATE_FILE });
}

function farewell(cloud: LocalCloud, progress: Progress, began: number): void {
  progress.note(`up after ${((Date.now() - began) / 1000).toFixed(0)} s; it stays up in the background`);
  for (const line of howToLook(cloud)) {
    progress.note(line);
  }
}

/** How to look into a cloud that stays up. */
function howToLook({ folder, endpoints }: LocalCloud): string[] {
  return [
    `dashboards, devices and captures:        ${endpoints.page}`,
    `to look into it with an AWS SDK or CLI:  . ${relative(folder.environment)}`,
    `what handlers and devices asked for:     ${relative(folder.requests)}`,
    `to stop it:                              ${folder.commands.down}`,
  ];
}

function relative(file: string): string {
  return path.relative(process.cwd(), file);
}
