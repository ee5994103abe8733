import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Ticks a second in /proc: Linux's USER_HZ is 100 for programs of every architecture that the agent runs on. */
export const TICKS_PER_SECOND = 100;

/** `__SO_ACCEPTCON` among a socket's flags. */
const LISTENING = '00010000';

/** What the kernel counts, as /proc shows it. */
export class Proc {
  public constructor(private readonly root = '/proc') {}

  /** Ticks in which the machine's cores were busy, since it started. */
  public machineTicks(): number {
    const [line = ''] = this.read('stat').split('\n');
    // user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.trim().split(/\s+/).slice(1).map(Number);
    return user + nice + system + irq + softirq + steal;
  }

  /** Ticks of a process and of all that it started and that still run. */
  public treeTicks(pid: number): number {
    const processes = this.pids().flatMap((id) => this.process(id) ?? []);
    const tree = new Set([pid]);
    for (let grown = 0; grown !== tree.size;) {
      grown = tree.size;
      processes.filter(({ parent }) => tree.has(parent)).forEach(({ id }) => tree.add(id));
    }
    const members = processes.filter(({ id }) => tree.has(id));
    if (!members.some(({ id }) => id === pid)) {
      throw new Error(`process ${pid} has ended`);
    }
    return members.reduce((sum, { ticks }) => sum + ticks, 0);
  }

  /** The process that listens on a unix socket. Undefined: it is another user's, or there is none. */
  public listenerOf(socketPath: string): number | undefined {
    const paths = [socketPath, resolve(socketPath)]; // as the agent was told it
    const listening = this.read('net/unix').split('\n').map((line) => line.trim().split(/\s+/)).find(([, , , flags, , , , path = '']) => (
      flags === LISTENING && paths.includes(path)
    ));
    const inode = listening?.[6];
    return inode === undefined ? undefined : this.pids().find((pid) => this.hasOpen(pid, `socket:[${inode}]`));
  }

  private pids(): number[] {
    return readdirSync(this.root).filter((name) => /^\d+$/.test(name)).map(Number);
  }

  /** Undefined: it has ended. */
  private process(id: number): { readonly id: number; readonly parent: number; readonly ticks: number } | undefined {
    let stat: string;
    try {
      stat = this.read(`${id}/stat`);
    } catch {
      return undefined;
    }
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may have spaces and brackets
    return { id, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  }

  private hasOpen(pid: number, target: string): boolean {
    const folder = join(this.root, `${pid}`, 'fd');
    try {
      return readdirSync(folder).some((name) => readlinkSync(join(folder, name)) === target);
    } catch {
      return false; // another user's, or it has ended
    }
  }

  private read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }
}
