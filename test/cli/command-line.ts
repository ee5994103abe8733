import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The command as it is built: `npm run build:assets` makes it. */
export const COMMAND = resolve('assets', 'cli', 'main.js');

export interface Run { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** A folder of a test file's own, in which the command runs. */
export class Workplace {
  public readonly folder = mkdtempSync(join(tmpdir(), 'cli-'));

  public run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
    return spawnSync(process.execPath, [COMMAND, ...args], {
      cwd: this.folder, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: this.folder, XDG_CACHE_HOME: join(this.folder, 'cache'), ...env },
    });
  }

  public in(...names: string[]): string {
    return join(this.folder, ...names);
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
