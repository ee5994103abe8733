import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as readline from 'node:readline';
import { LocalProblem } from './problem';

const GRACE_MS = 3000;
/** What was killed ends at once; on a busy machine at once takes a while. */
const KILLED_MS = 60_000;
/** For the last lines of a program that has ended, whose children may hold its output open for ever. */
const LAST_LINES_MS = 5000;
const TAIL_LINES = 40;

/** How to start a program. */
export interface ProcessSpec {
  /** For messages and the log's name. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Output is appended here; without it, it is piped to `onLine`. */
  readonly logFile?: string;
  readonly onLine?: (line: string) => void;
  /** Its input is a pipe that ends when this process does. Otherwise it has none. */
  readonly holdsInput?: boolean;
  /** A channel for messages from the child. */
  readonly ipc?: boolean;
}

export interface ProcessEnd { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/**
 * A program in a process group of its own: Ctrl-C in the terminal does not reach it, it can outlive this process, and
 * stopping it takes its children along.
 */
export class ProcessGroup {
  public readonly pid: number;
  public readonly ended: Promise<ProcessEnd>;
  public readonly name: string;
  /** Part of its command line, to know it by later. */
  public readonly marker: string;
  private readonly tail: string[] = [];
  private readonly logFile?: string;

  private constructor(private readonly child: ChildProcess, spec: ProcessSpec, pid: number) {
    this.pid = pid;
    this.name = spec.name;
    this.marker = spec.args.slice(0, 3).join(' ');
    this.logFile = spec.logFile;
    const lines = [child.stdout, child.stderr].filter((stream) => stream !== null).map((stream) => new Promise<void>((resolve) => {
      const reader = readline.createInterface({ input: stream });
      reader.on('line', (line) => {
        this.keep(line);
        spec.onLine?.(line);
      });
      reader.once('close', resolve);
    }));
    this.ended = new Promise<ProcessEnd>((resolve) => {
      child.once('exit', (code, signal) => {
        void Promise.race([Promise.all(lines), sleep(LAST_LINES_MS, undefined, { ref: false })]).then(() => {
          resolve({ code, signal });
        });
      });
    });
  }

  /** Throws a LocalProblem if the program cannot be started at all. */
  public static async start(spec: ProcessSpec): Promise<ProcessGroup> {
    const output = spec.logFile === undefined ? 'pipe' : openLog(spec.logFile);
    const stdio: StdioOptions = [spec.holdsInput === true ? 'pipe' : 'ignore', output, output, ...(spec.ipc === true ? ['ipc' as const] : [])];
    const child = spawn(spec.command, [...spec.args], { cwd: spec.cwd, env: { ...spec.env }, stdio, detached: true });
    if (typeof output === 'number') {
      fs.closeSync(output);
    }
    const { pid } = child;
    if (pid === undefined) {
      const reason = await new Promise<Error>((resolve) => {
        child.once('error', resolve);
      });
      throw new LocalProblem(`${spec.name} could not be started: ${reason.message}`);
    }
    child.stdin?.on('error', () => { /* its end is reported by `ended` */ });
    child.on('error', () => { /* a message to a child that has ended: its end is reported by `ended` */ });
    return new ProcessGroup(child, spec, pid);
  }

  /** The first message that the child sends; rejects if it ends before. */
  public async message(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.child.once('message', resolve);
      void this.ended.then(() => {
        reject(new LocalProblem(`${this.name} ended before it was ready`, this.lastLines()));
      });
    });
  }

  /** Last lines that it printed. */
  public lastLines(count = 15): string[] {
    if (this.logFile === undefined) {
      return this.tail.slice(-count);
    }
    return fs.existsSync(this.logFile) ? fs.readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-count) : [];
  }

  /** Lets this process end while the child runs on. */
  public release(): void {
    if (this.child.connected) {
      this.child.disconnect();
    }
    this.child.unref();
  }

  public async stop(): Promise<void> {
    await stopGroup(this.pid);
  }

  public kill(): void {
    signalGroup(this.pid, 'SIGKILL');
  }

  private keep(line: string): void {
    this.tail.push(line);
    if (this.tail.length > TAIL_LINES) {
      this.tail.shift();
    }
  }
}

/** SIGTERM to a whole process group, and SIGKILL to what is still there three seconds later. */
export async function stopGroup(pid: number): Promise<void> {
  if (!signalGroup(pid, 'SIGTERM')) {
    return;
  }
  if (await groupGone(pid, GRACE_MS)) {
    return;
  }
  signalGroup(pid, 'SIGKILL');
  await groupGone(pid, KILLED_MS);
}

/** Whether `pid` runs and is the program that we started: after a restart the number may belong to another one. */
export function runs(pid: number, marker: string): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return !fs.existsSync('/proc/self/cmdline') || (fs.existsSync(commandLine) && fs.readFileSync(commandLine, 'utf8').replaceAll('\0', ' ').includes(marker));
}

function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function groupGone(pid: number, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    if (!hasLivingMember(pid)) {
      return true;
    }
    await sleep(50);
  }
  return !hasLivingMember(pid);
}

/** A zombie counts as gone: in a container nobody may collect what an ended launcher left. */
function hasLivingMember(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  if (!fs.existsSync('/proc/self/stat')) {
    return true;
  }
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).some((pid) => {
    const fields = readStat(pid);
    return fields?.group === group && fields.state !== 'Z' && fields.state !== 'X';
  });
}

function readStat(pid: string): { state: string; group: number } | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', , group = ''] = text.slice(text.lastIndexOf(')') + 2).split(' '); // the name in brackets may hold blanks
    return { state, group: Number(group) };
  } catch {
    return undefined; // it has just ended
  }
}

function openLog(file: string): number {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  return fs.openSync(file, 'a');
}
