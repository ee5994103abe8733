import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fold } from './recipe';

/** A step of a lifecycle. */
export interface Step {
  readonly script: string;
  readonly timeoutMs: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** Of the system, by numbers. */
export interface ComponentUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where and how scripts run. */
export interface StepPlace {
  readonly workPath: string;
  /** Default: the user of this process. */
  readonly user?: ComponentUser;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/** Seconds. Run has none. */
const TIMEOUTS: Readonly<Record<string, number>> = {
  install: 120,
  startup: 120,
  shutdown: 15,
  recover: 60,
  bootstrap: 120,
  uninstall: 120,
};
const KILL_MS = 5000;

/** Undefined where the lifecycle has none, or it is to be skipped. The keys of `lifecycle` are in lower case. */
export function stepOf(lifecycle: Readonly<Record<string, unknown>>, name: string): Step | undefined {
  const value = lifecycle[name];
  if (value === undefined || value === null) {
    return undefined;
  }
  const folded = typeof value === 'object' && !Array.isArray(value) ? fold(value) : { script: value };
  if (skips(folded.skipif)) {
    return undefined;
  }
  const script: unknown = folded.script ?? '';
  const timeout = folded.timeout === undefined ? TIMEOUTS[name] : Number(folded.timeout);
  return {
    script: typeof script === 'string' ? script : JSON.stringify(script), // a list becomes a broken line
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    environment: { ...texts(lifecycle.setenv), ...texts(folded.setenv) },
  };
}

/** Starts a step with sh, in a process group of its own. */
export function spawnStep(name: string, { script, environment }: Step, place: StepPlace): ChildProcess {
  place.log(`${name}: ${script}`);
  const child = spawn('sh', ['-c', script], {
    cwd: place.workPath, env: { ...place.environment, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...place.user,
  });
  for (const [stream, pipe] of [['stdout', child.stdout], ['stderr', child.stderr]] as const) {
    pipe.on('data', (chunk: Buffer) => {
      place.log(`${stream}. ${chunk.toString().trimEnd()}`);
    });
  }
  return child;
}

/** Gives a component's user the work folder, and the files of its artifacts: the folders of those stay the nucleus's. */
export function giveTo(user: ComponentUser, workPath: string, artifactFolders: readonly string[]): void {
  for (const entry of [workPath, ...below(workPath), ...artifactFolders.flatMap(below).filter((found) => fs.lstatSync(found).isFile())]) {
    fs.lchownSync(entry, user.uid, user.gid);
  }
}

function below(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)) : [];
}

/**
 * The exit code of a step; undefined for one that was ended at its time limit, with all that it had started. The limit counts until
 * `unlimited` is aborted.
 */
export async function endOf(child: ChildProcess, timeoutMs: number | undefined, unlimited?: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const limit = timeoutMs === undefined ? undefined : setTimeout(() => {
      signal(child, 'SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(undefined);
    }, timeoutMs);
    unlimited?.addEventListener('abort', () => {
      clearTimeout(limit);
    });
    child.once('error', reject);
    // Not 'exit': the step has not ended as long as a background process holds its output open.
    child.once('close', (code, killedBy) => {
      clearTimeout(limit);
      resolve(code ?? 128 + (killedBy === 'SIGKILL' ? 9 : 15));
    });
  });
}

/** Ends a process and its children. */
export async function endGroup(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
    } else {
      child.once('exit', () => {
        resolve();
      });
    }
  });
  signal(child, 'SIGTERM');
  const limit = setTimeout(() => {
    signal(child, 'SIGKILL');
  }, KILL_MS);
  await ended;
  clearTimeout(limit);
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, name);
  } catch {
    // it has ended
  }
}

/** No `$VARIABLE` is expanded. */
function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) {
    return {};
  }
  return Object.fromEntries(Object.entries(value).map(([key, text]: [string, unknown]) => [
    key,
    typeof text === 'string' ? text : JSON.stringify(text),
  ]));
}

function skips(condition: unknown): boolean {
  const [kind = '', what = ''] = typeof condition === 'string' ? condition.split(/\s+(.*)/, 2) : [];
  if (kind === 'exists') {
    return fs.existsSync(what);
  }
  return kind === 'onpath' && (process.env.PATH ?? '').split(path.delimiter).some((folder) => fs.existsSync(path.join(folder, what)));
}
