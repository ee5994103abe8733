import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fold } from './recipe';
import { errorText } from '../service/errors';

/** As Greengrass names them. */
export type ComponentState = 'NEW' | 'INSTALLED' | 'STARTING' | 'RUNNING' | 'FINISHED' | 'ERRORED' | 'BROKEN' | 'STOPPING';

/** A component as a deployment has worked it out. */
export interface ComponentPlan {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly { readonly name: string; readonly hard: boolean }[];
  /** With its variables replaced. */
  readonly lifecycle: Readonly<Record<string, unknown>>;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** What the nucleus gives to each script. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workPath: string;
  readonly logFile: string;
}

interface Step {
  readonly script: string;
  readonly timeoutMs: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
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
const ERRORS = 3;
const KILL_MS = 5000;

/** A component on the device: runs the steps of its lifecycle with sh, one after the other. */
export class Component {
  public state: ComponentState = 'NEW';
  /** Of the last error: what a person would look for in the log. */
  public lastError = '';
  private errors = 0;
  private installed = false;
  private running: ChildProcess | undefined;
  private stopping = false;
  private readonly lifecycle: Readonly<Record<string, unknown>>;

  public constructor(public readonly plan: ComponentPlan) {
    this.lifecycle = fold(plan.lifecycle); // nucleus classic does not mind the case, and nobody looks at unknown keys
  }

  /** Resolves when the component is RUNNING, FINISHED or, after three errors without a pause, BROKEN. */
  public async start(): Promise<void> {
    this.stopping = false;
    fs.mkdirSync(this.plan.workPath, { recursive: true, mode: 0o700 });
    while (this.state !== 'BROKEN') {
      try {
        if (!this.installed) {
          await this.runStep('install');
        }
        this.installed = true;
        this.state = 'STARTING';
        if (this.has('startup')) { // with startup and run both, run is not looked at
          await this.runStep('startup');
          this.state = 'RUNNING';
        } else if (this.has('run')) {
          this.launch();
        } else {
          this.state = 'FINISHED';
        }
        return;
      } catch (error) {
        await this.fail(error);
      }
    }
  }

  public async stop(): Promise<void> {
    if (this.state === 'NEW' || this.stopping) {
      return;
    }
    this.stopping = true;
    const broken = this.state === 'BROKEN';
    this.state = 'STOPPING';
    await this.runStep('shutdown').catch((error: unknown) => {
      this.log(`shutdown: ${errorText(error)}`);
    });
    const { running } = this;
    if (running?.pid !== undefined) {
      await endGroup(running, running.pid);
    }
    this.running = undefined;
    const unbroken = this.installed ? 'INSTALLED' : 'NEW';
    this.state = broken ? 'BROKEN' : unbroken;
  }

  private launch(): void {
    const step = this.step('run');
    if (!step) {
      this.state = 'FINISHED';
      return;
    }
    const child = this.spawn('run', step);
    this.running = child;
    this.state = 'RUNNING'; // as soon as the process has started: one that dies a second later has succeeded
    const limit = step.timeoutMs === undefined ? undefined : setTimeout(() => {
      child.kill('SIGKILL');
    }, step.timeoutMs);
    child.once('close', (code) => {
      clearTimeout(limit);
      if (this.stopping || this.running !== child) {
        return;
      }
      this.running = undefined;
      if (code === 0) {
        this.state = 'FINISHED';
        return;
      }
      void this.fail(new Error(`run ended with ${String(code)}`)).then(async () => {
        if (!this.stopping) {
          await this.start();
        }
      });
    });
  }

  private async fail(error: unknown): Promise<void> {
    this.errors += 1;
    this.lastError = errorText(error);
    this.log(`error ${this.errors}: ${this.lastError}`);
    this.state = 'ERRORED';
    await this.runStep('recover').catch((again: unknown) => {
      this.log(`recover: ${errorText(again)}`);
    });
    if (this.errors >= ERRORS) {
      this.state = 'BROKEN';
    }
  }

  private async runStep(name: string): Promise<void> {
    const step = this.step(name);
    if (!step) {
      return;
    }
    const child = this.spawn(name, step);
    const tail: string[] = [];
    child.stderr?.on('data', (chunk: Buffer) => {
      tail.push(chunk.toString());
    });
    const code = await new Promise<number | string | null>((resolve, reject) => {
      const limit = setTimeout(() => {
        child.kill('SIGKILL'); // the shell alone: what it left in the background stays
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve('its timeout');
      }, step.timeoutMs);
      child.once('error', reject);
      // Not 'exit': the step has not ended as long as a background process holds its output open.
      child.once('close', (exit) => {
        clearTimeout(limit);
        resolve(exit);
      });
    });
    if (code !== 0) {
      throw new Error(`${name} ended with ${String(code)}${tail.length > 0 ? `: ${tail.join('').trim().slice(-2000)}` : ''}`);
    }
  }

  private spawn(name: string, { script, environment }: Step): ChildProcess {
    this.log(`${name}: ${script}`);
    const child = spawn('sh', ['-c', script], {
      cwd: this.plan.workPath, env: { ...this.plan.environment, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    });
    for (const [stream, pipe] of [['stdout', child.stdout], ['stderr', child.stderr]] as const) {
      pipe.on('data', (chunk: Buffer) => {
        this.log(`${stream}. ${chunk.toString().trimEnd()}`);
      });
    }
    return child;
  }

  /** Undefined where the recipe has none, or it is to be skipped. */
  private step(name: string): Step | undefined {
    const value = this.lifecycle[name];
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
      environment: { ...texts(this.lifecycle.setenv), ...texts(folded.setenv) },
    };
  }

  private has(name: string): boolean {
    return this.lifecycle[name] !== undefined && this.lifecycle[name] !== null;
  }

  private log(line: string): void {
    fs.mkdirSync(path.dirname(this.plan.logFile), { recursive: true });
    fs.appendFileSync(this.plan.logFile, `${new Date().toISOString()} [${this.state}] ${line}\n`);
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

async function endGroup(child: ChildProcess, group: number): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
    } else {
      child.once('exit', () => {
        resolve();
      });
    }
  });
  signal(group, 'SIGTERM');
  const limit = setTimeout(() => {
    signal(group, 'SIGKILL');
  }, KILL_MS);
  await ended;
  clearTimeout(limit);
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // it has ended
  }
}
