import { appendFile, mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../status';

/** How a capture ended. */
export type Outcome = 'SUCCESS' | 'FAILURE';

/** Captures that a file remembers. Two files are kept. */
const PER_FILE = 20_000;

/**
 * How captures ended, the latest ones, also over a restart. It is not synced: a line lost with the machine's power
 * makes one capture be sent again, to the same key.
 */
export class FinishedCaptures {
  public static async open(folder: string): Promise<FinishedCaptures> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const finished = new FinishedCaptures(folder);
    const older = await readLines(finished.previousFile);
    const newer = await readLines(finished.currentFile);
    finished.lines = newer.length;
    for (const line of [...older, ...newer]) {
      const [outcome, id] = line.split(' ');
      if (id !== undefined && (outcome === 'SUCCESS' || outcome === 'FAILURE')) {
        finished.outcomes.set(id, outcome);
      }
    }
    return finished;
  }

  private readonly outcomes = new Map<string, Outcome>();
  private readonly currentFile: string;
  private readonly previousFile: string;
  private lines = 0;
  private last: Promise<void> = Promise.resolve();

  private constructor(folder: string) {
    this.currentFile = join(folder, 'finished.log');
    this.previousFile = join(folder, 'finished.previous.log');
  }

  public get(id: string): Outcome | undefined {
    return this.outcomes.get(id.toLowerCase());
  }

  public add(ids: readonly string[], outcome: Outcome): Promise<void> {
    for (const id of ids) {
      this.outcomes.set(id.toLowerCase(), outcome);
    }
    for (const id of this.outcomes.keys()) {
      if (this.outcomes.size <= 2 * PER_FILE) {
        break;
      }
      this.outcomes.delete(id); // the oldest: a Map keeps the order
    }
    const next = this.last.then(() => this.write(ids.map((id) => `${outcome} ${id.toLowerCase()}\n`)));
    this.last = next.catch(() => undefined);
    return next;
  }

  private async write(lines: readonly string[]): Promise<void> {
    await appendFile(this.currentFile, lines.join(''), { mode: 0o600 });
    this.lines += lines.length;
    if (this.lines >= PER_FILE) {
      await rename(this.currentFile, this.previousFile);
      this.lines = 0;
    }
  }
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
