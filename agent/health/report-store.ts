import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../config/reader';
import { HEALTH_REPORT_VERSION, type HealthReport, type ModelHealth } from '../../lib/agent/private/health-report';
import { codeOf } from '../status';
import { isCount, isModelHealth } from './counts';

/** What a device has not reported yet. */
export interface Unreported {
  /** Reports that may have arrived: they are sent again as they are. */
  readonly sending: readonly HealthReport[];
  /** What came after them. */
  readonly since: number;
  readonly models: readonly ModelHealth[];
}

const FILE = 'health.json';

/** Keeps on the disk what is not reported yet. A reader sees the old content or the new one, also after a loss of power. */
export class ReportStore {
  private readonly file: string;
  private writing: Promise<void> = Promise.resolve();

  public constructor(folder: string) {
    this.file = join(folder, FILE);
  }

  /** Undefined where there is nothing, or something that is damaged. */
  public async read(): Promise<Unreported | undefined> {
    try {
      return parse(JSON.parse(await readFile(this.file, 'utf8')));
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) {
        return undefined;
      }
      throw error;
    }
  }

  /** One write after the other. */
  public write(unreported: Unreported): Promise<void> {
    const write = async (): Promise<void> => {
      const temporary = `${this.file}.new`;
      await writeFile(temporary, JSON.stringify(unreported), { mode: 0o600, flush: true });
      await rename(temporary, this.file);
    };
    const written = this.writing.then(write);
    this.writing = written.catch(() => undefined); // whoever wrote hears of it
    return written;
  }
}

function parse(value: unknown): Unreported | undefined {
  if (!isRecord(value) || !isCount(value.since) || !Array.isArray(value.models) || !Array.isArray(value.sending)) {
    return undefined;
  }
  const { since, models, sending } = value;
  return models.every(isModelHealth) && sending.every(isReport) ? { since, models, sending } : undefined;
}

function isReport(value: unknown): value is HealthReport {
  return isRecord(value)
    && value.v === HEALTH_REPORT_VERSION
    && typeof value.id === 'string'
    && typeof value.fleet === 'string'
    && typeof value.ring === 'string'
    && typeof value.agent === 'string'
    && [value.from, value.to, value.uptime, value.memory, value.spool, value.queue].every(isCount)
    && Array.isArray(value.models)
    && value.models.every(isModelHealth);
}
