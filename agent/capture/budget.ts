import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../bootstrap/files';
import { isRecord } from '../config/reader';
import { isCount } from '../health/counts';
import { codeOf, messageOf } from '../status';
import type { Logger } from '../log';

const FILE = 'capture-budget.json';
const DAY_MS = 86_400_000;
/** Between two captures passes at least this part of the time that would divide the day evenly. */
const SPREAD = 0.25;

interface Spent {
  /** Of UTC, as days since 1970. */
  readonly day: number;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly latest: number;
}

const NOTHING: Spent = { day: -1, count: 0, latest: 0 };

/**
 * How much a device captures by itself in a day of UTC, also over restarts. What is spent is spread over the day, so that the first
 * minutes of a bad day do not take all of it.
 *
 * A clock that is set back within a day gives no second budget. One that is set to another day does: the agent cannot know better.
 */
export class CaptureBudget {
  public static async open(folder: string, perDay: number, logger: Logger): Promise<CaptureBudget> {
    return new CaptureBudget(join(folder, FILE), perDay, logger, await read(join(folder, FILE), logger));
  }

  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string, private readonly perDay: number, private readonly logger: Logger, private spent: Spent,
  ) {}

  public has(now: number): boolean {
    const { day, count, latest } = this.spent;
    if (day !== dayOf(now)) {
      return true;
    }
    return count < this.perDay && Math.abs(now - latest) >= DAY_MS / this.perDay * SPREAD;
  }

  public spend(now: number): void {
    const day = dayOf(now);
    this.spent = { day, count: this.spent.day === day ? this.spent.count + 1 : 1, latest: now };
    const write = async (): Promise<void> => writeAtomically(this.file, JSON.stringify(this.spent), { mode: 0o600 });
    this.writing = this.writing.then(write).catch((error: unknown) => {
      this.logger.warn('the budget of captures cannot be kept over a restart', { reason: messageOf(error) });
    });
  }

  /** Resolves when the disk has it all. */
  public async written(): Promise<void> {
    await this.writing;
  }
}

function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}

async function read(file: string, logger: Logger): Promise<Spent> {
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isRecord(found) && isCount(found.day) && isCount(found.count) && isCount(found.latest)) {
      return { day: found.day, count: found.count, latest: found.latest };
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return NOTHING;
    }
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
  }
  logger.warn('what was spent of the budget of captures cannot be read; the day begins anew', { file });
  return NOTHING;
}
