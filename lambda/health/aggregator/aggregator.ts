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
import { scoreData, Totals } from './totals';

/** What the queue is told: these messages are to come again. */
export interface BatchAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

interface Keyed extends Received {
  /** What the ledger knows it by, in hexadecimal digits. */
  readonly key: string;
  /** When its minute began, in milliseconds since 1970. */
  readonly minute: number;
}

const MINUTE_MS = 60_000;
const AT_ONCE = 4;

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
    const now = this.calls.now();
    const minutes = new Map<number, Keyed[]>();
    for (const message of messages) {
      const keyed = withKey(this.reader.read(message, now));
      const group = minutes.get(keyed.minute);
      if (group === undefined) {
        minutes.set(keyed.minute, [keyed]);
      } else {
        group.push(keyed);
      }
    }
    const groups = [...minutes];
    const failed: Keyed[] = [];
    for (let start = 0; start < groups.length; start += AT_ONCE) {
      const outcomes = await Promise.all(groups.slice(start, start + AT_ONCE).map(([minute, group]) => (
        this.countMinute(new Date(minute).toISOString(), group)
      )));
      failed.push(...outcomes.flat());
    }
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  }

  /** Those that failed. */
  private async countMinute(minute: string, group: readonly Keyed[]): Promise<readonly Keyed[]> {
    try {
      const { fresh, found } = sortOut(group, await this.ledger.read(minute));
      const failed: Keyed[] = [];
      for (const [entry, reports] of found) {
        failed.push(...await this.attempt(minute, reports, () => this.finish(entry)));
      }
      failed.push(...await this.attempt(minute, fresh, () => this.countFresh(minute, fresh)));
      const counted = group.filter((each) => !failed.includes(each));
      return [...failed, ...await this.attempt(minute, counted, () => writeSeen(counted, this.settings, this.calls))];
    } catch (error) {
      return failure(minute, group, error);
    }
  }

  private async attempt(minute: string, reports: readonly Keyed[], work: () => Promise<void>): Promise<readonly Keyed[]> {
    try {
      await work();
      return [];
    } catch (error) {
      return failure(minute, reports, error);
    }
  }

  private async countFresh(minute: string, fresh: readonly Keyed[]): Promise<void> {
    if (fresh.length === 0) {
      return;
    }
    const totals = new Totals(this.settings);
    fresh.forEach((each) => {
      totals.add(each);
    });
    await writeHistory(this.settings.deliveryStream, fresh, this.calls);
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
function withKey(received: Received): Keyed {
  const { report, thing, messageId } = received;
  const name = report === undefined ? `message ${messageId}` : `report ${thing} ${report.id}`;
  const time = report === undefined ? received.received : report.to;
  const key = hash('sha256', name, 'hex').slice(0, KEY_BYTES * 2);
  return { ...received, key, minute: time - (time % MINUTE_MS) };
}

/** The reports that are not in the ledger, each once, and those that are, by their entry. */
function sortOut(group: readonly Keyed[], entries: readonly Entry[]): { fresh: Keyed[]; found: Map<Entry, Keyed[]> } {
  const byKey = new Map<string, Keyed[]>();
  const starts = new Set<number>();
  for (const each of group) {
    byKey.set(each.key, [...byKey.get(each.key) ?? [], each]);
    starts.add(Number.parseInt(each.key.slice(0, 8), 16));
  }
  const found = new Map<Entry, Keyed[]>();
  for (const entry of entries) {
    for (let offset = 0; offset < entry.keys.length; offset += KEY_BYTES) {
      if (starts.has(entry.keys.readUInt32BE(offset))) { // quick: almost none is
        const key = entry.keys.toString('hex', offset, offset + KEY_BYTES);
        found.set(entry, [...found.get(entry) ?? [], ...byKey.get(key) ?? []]);
        byKey.delete(key);
      }
    }
  }
  return { fresh: [...byKey.values()].flatMap(([first]) => (first === undefined ? [] : [first])), found };
}

function failure(minute: string, reports: readonly Keyed[], error: unknown): readonly Keyed[] {
  const { name } = serviceError(error);
  const isHeld = name === 'ConditionalCheckFailedException'; // another invocation is at it
  log(isHeld ? 'reports are being counted elsewhere and come again' : 'reports could not be counted and come again', {
    minute, reports: reports.length, error: describeError(error),
  });
  return reports;
}
