import { hash } from 'node:crypto';
import type { HealthSettings } from '../../../lib/health/private/contract';
import { describeError, serviceError } from '../../shared/errors';
import { log } from '../../shared/log';
import type { Dependencies } from './dependencies';
import { writeSeen } from './devices';
import { DriftRemainders, type Remainder } from './drift-remainders';
import { writeHistory } from './history';
import { KEY_BYTES, Ledger, type Entry } from './ledger';
import { MessageReader, type QueueMessage, type Received } from './message';
import { MinuteReports, type Member } from './minute-reports';
import { scoreData, type Totals } from './totals';

/** What the queue is told: these messages are to come again. */
export interface BatchAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/** By when each began. Undefined: the ledger could not be read. */
type Minutes = Map<number, MinuteReports | undefined>;

const MINUTE_MS = 60_000;
const MINUTES_AT_ONCE = 4;
const MESSAGES_AT_ONCE = 16;

/**
 * Counts the reports of a batch.
 *
 * Reports of one minute are counted together. Each is counted once, however often it comes: see `Ledger`. What fails comes again, and the
 * rest does not.
 */
export class Aggregator {
  private readonly reader: MessageReader;
  private readonly ledger: Ledger;
  private readonly remainders: DriftRemainders;

  public constructor(private readonly settings: HealthSettings, private readonly calls: Dependencies) {
    this.reader = new MessageReader(settings);
    this.ledger = new Ledger(settings.ledgerTable, calls);
    this.remainders = new DriftRemainders(settings.ledgerTable, calls);
  }

  public async handle(messages: readonly QueueMessage[]): Promise<BatchAnswer> {
    const minutes: Minutes = new Map();
    const failed: string[] = [];
    for (let start = 0; start < messages.length; start += MESSAGES_AT_ONCE) {
      failed.push(...await this.read(messages.slice(start, start + MESSAGES_AT_ONCE), minutes));
    }
    const groups = [...minutes.values()].filter((group) => group !== undefined);
    for (let start = 0; start < groups.length; start += MINUTES_AT_ONCE) {
      const outcomes = await Promise.all(groups.slice(start, start + MINUTES_AT_ONCE).map((group) => this.countMinute(group)));
      failed.push(...outcomes.flat());
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  }

  /** Adds messages up by minute. Returns those whose minute could not be read from the ledger. */
  private async read(messages: readonly QueueMessage[], minutes: Minutes): Promise<readonly string[]> {
    const now = this.calls.now();
    const read = messages.map((message) => this.reader.read(message, now)).map((received) => ({ received, minute: minuteOf(received) }));
    const unknown = new Set(read.map(({ minute }) => minute).filter((minute) => !minutes.has(minute)));
    await Promise.all([...unknown].map(async (minute) => {
      minutes.set(minute, await this.open(new Date(minute).toISOString()));
    }));
    const failed: string[] = [];
    for (const { received, minute } of read) {
      const group = minutes.get(minute);
      if (group === undefined) {
        failed.push(received.messageId);
      } else {
        group.add(keyOf(received), received);
      }
    }
    return failed;
  }

  private async open(minute: string): Promise<MinuteReports | undefined> {
    try {
      return new MinuteReports(minute, await this.ledger.read(minute), this.settings);
    } catch (error) {
      logFailure(error, { minute });
      return undefined;
    }
  }

  /** Those that failed. */
  private async countMinute({ minute, totals, fresh, lines, found, rows }: MinuteReports): Promise<readonly string[]> {
    const failed: string[] = [];
    for (const [entry, members] of found) {
      failed.push(...await attempt(minute, members, () => this.finish(entry)));
    }
    if (fresh.length > 0) {
      failed.push(...await attempt(minute, fresh, () => this.countFresh(minute, fresh, lines, totals)));
    }
    const counted = rows.filter(({ messageId }) => !failed.includes(messageId));
    return [...failed, ...await attempt(minute, counted, () => writeSeen(counted, this.settings.deviceTable, this.calls))];
  }

  private async countFresh(minute: string, fresh: readonly Member[], lines: readonly string[], totals: Totals): Promise<void> {
    await writeHistory(this.settings.deliveryStream, lines, this.calls);
    const entry: Entry = {
      minute, batch: this.calls.newId(), keys: Buffer.from(fresh.map(({ key }) => key).join(''), 'hex'), data: totals.data(new Date(minute)),
    };
    await this.ledger.open(entry);
    await this.tell(entry);
    for (const remainder of totals.remainders(new Date(minute))) {
      await this.judge(remainder);
    }
  }

  /** The reports are counted by now: to have them again would not bring back what fails here. */
  private async judge(remainder: Remainder): Promise<void> {
    try {
      const counts = await this.remainders.add(remainder);
      if (counts !== undefined) {
        const MetricData = scoreData(remainder.base, remainder.baseline, counts);
        await this.calls.putMetricData({ Namespace: this.settings.namespace, MetricData });
      }
    } catch (error) {
      log('counts of drift are lost, and others are not', { series: remainder.series, error: describeError(error) });
    }
  }

  /** Tells CloudWatch what somebody else left untold. */
  private async finish(entry: Entry): Promise<void> {
    if (entry.data === undefined) {
      return;
    }
    await this.ledger.take(entry);
    await this.tell(entry);
  }

  private async tell(entry: Entry): Promise<void> {
    try {
      await this.calls.putMetricData({ Namespace: this.settings.namespace, MetricData: [...entry.data ?? []] });
    } catch (error) {
      await this.ledger.leave(entry);
      throw error;
    }
    await this.ledger.close(entry);
  }
}

/** A report has one key, whenever and however often it comes. So has a message that is no report. */
function keyOf({ report, thing, messageId }: Received): string {
  const name = report === undefined ? `message ${messageId}` : `report ${thing} ${report.id}`;
  return hash('sha256', name, 'hex').slice(0, KEY_BYTES * 2);
}

/** When the minute began that a report's period ended in, in milliseconds since 1970. */
function minuteOf({ report, received }: Received): number {
  const time = report?.to ?? received;
  return time - (time % MINUTE_MS);
}

/** The members, if the work fails. */
async function attempt(minute: string, members: readonly Pick<Member, 'messageId'>[], work: () => Promise<void>): Promise<readonly string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    logFailure(error, { minute, reports: members.length });
    return members.map(({ messageId }) => messageId);
  }
}

function logFailure(error: unknown, of: { readonly minute: string; readonly reports?: number }): void {
  const { name } = serviceError(error);
  const isHeld = name === 'ConditionalCheckFailedException'; // another invocation is at it
  log(isHeld ? 'reports are being counted elsewhere and come again' : 'reports could not be counted and come again', {
    ...of, error: describeError(error),
  });
}
