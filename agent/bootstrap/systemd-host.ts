import { execFile, type ExecFileException } from 'node:child_process';
import { chown, mkdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { AGENT_UNIT, agentUnit } from './agent-unit';
import type { AgentHost, Generation } from './contracts';
import { type Owner, writeAtomically } from './files';
import type { DevicePaths } from './paths';

export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

export type RunCommand = (file: string, args: readonly string[]) => Promise<CommandResult>;

export interface SystemdHostOptions {
  readonly paths: DevicePaths;
  readonly node: string;
  readonly user: string;
  readonly owner: Owner;
  /** Where systemd looks for units. */
  readonly unitFolder: string;
  readonly run: RunCommand;
}

/** Agents as instances of one hardened unit. */
export class SystemdHost implements AgentHost {
  public constructor(private readonly options: SystemdHostOptions) {}

  /** Writes the unit if it is new or another, and makes the folders that it may write to. */
  public async install(): Promise<void> {
    const { paths, owner, unitFolder } = this.options;
    for (const folder of [paths.data, paths.run]) {
      await mkdir(folder, { recursive: true, mode: 0o750 });
      await chown(folder, owner.uid, owner.gid);
    }
    const file = path.join(unitFolder, `${AGENT_UNIT}.service`);
    const unit = agentUnit(this.options);
    if (await readFile(file, 'utf8').catch(() => '') === unit) {
      return;
    }
    await writeAtomically(file, unit);
    await this.systemctl('daemon-reload');
  }

  public async start(generation: Generation): Promise<void> { await this.systemctl('start', unitOf(generation.id)); }

  public async stop(id: string): Promise<void> {
    await this.systemctl('stop', unitOf(id));
    await this.options.run('systemctl', ['reset-failed', unitOf(id)]); // fails where there is nothing to reset
  }

  public async stopAllBut(id: string | undefined): Promise<void> {
    const listed = await this.systemctl('list-units', '--plain', '--no-legend', '--full', `${AGENT_UNIT}*.service`);
    const units = listed.split('\n').map((line) => line.trim().split(/\s+/)[0] ?? '').filter((unit) => unit.startsWith(AGENT_UNIT));
    for (const unit of units) {
      if (id === undefined || unit !== unitOf(id)) {
        await this.stop(unit.slice(AGENT_UNIT.length, -'.service'.length));
      }
    }
  }

  public async lastWords(id: string): Promise<string> {
    const { output } = await this.options.run('journalctl', ['--unit', unitOf(id), '--lines', '5', '--output', 'cat', '--no-pager']);
    return output.trim() === '' ? 'none' : output.trim();
  }

  private async systemctl(...args: readonly string[]): Promise<string> {
    const { code, output } = await this.options.run('systemctl', args);
    if (code !== 0) {
      throw new Error(`systemctl ${args.join(' ')} ended with ${code}: ${output.trim()}`);
    }
    return output;
  }
}

/** Runs a program without a shell. */
export const runCommand: RunCommand = (file, args) => new Promise((resolve) => {
  execFile(file, args, { timeout: 120_000 }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : exitCodeOf(error), output: `${stdout}${stderr}` });
  });
});

/** 1 for a program that could not be started or was killed. */
function exitCodeOf({ code }: ExecFileException): number {
  return typeof code === 'number' ? code : 1;
}

function unitOf(id: string): string {
  return `${AGENT_UNIT}${id}.service`;
}
