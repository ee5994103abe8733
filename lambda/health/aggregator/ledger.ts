import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { EXPIRES, LEDGER_KEYS } from '../../../lib/health/private/contract';
import { isRecord } from '../../shared/properties';
import type { Dependencies } from './dependencies';

/** Bytes of an entry's key. */
export const KEY_BYTES = 8;

/** The reports of one minute that were counted together, and what CloudWatch is to be told of them. */
export interface Entry {
  readonly minute: string;
  readonly batch: string;
  /** The keys of the reports, one after the other. */
  readonly keys: Buffer;
  /** Undefined: CloudWatch was told. */
  readonly data: readonly MetricDatum[] | undefined;
}

const [MINUTE, BATCH] = LEDGER_KEYS;
/** Longer than an agent and the queue may take to bring a report again. */
const KEPT_SECONDS = 14 * 86_400;
/** Longer than the function runs: who held an entry for as long is gone. */
const LEASE_SECONDS = 150;

/**
 * What was counted, so that a report that comes again is not counted again, and what was counted and not told is told.
 *
 * An entry is written before CloudWatch is told, with all that it is to be told. Whoever gets one of its reports again tells it, unless it
 * was told.
 */
export class Ledger {
  public constructor(private readonly table: string, private readonly calls: Dependencies) {}

  public async read(minute: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.calls.query({
        TableName: this.table, ConsistentRead: true, ExclusiveStartKey: start,
        KeyConditionExpression: '#minute = :minute', ExpressionAttributeNames: { '#minute': MINUTE },
        ExpressionAttributeValues: { ':minute': { S: minute } },
      });
      entries.push(...Items.map((item) => readEntry(minute, item)));
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return entries;
  }

  /** A new entry, which the caller holds. */
  public async open(entry: Entry): Promise<void> {
    const seconds = Math.floor(this.calls.now() / 1000);
    await this.calls.putItem({
      TableName: this.table,
      Item: {
        [MINUTE]: { S: entry.minute }, [BATCH]: { S: entry.batch }, keys: { B: entry.keys }, data: { S: JSON.stringify(entry.data) },
        heldUntil: { N: String(seconds + LEASE_SECONDS) }, [EXPIRES]: { N: String(seconds + KEPT_SECONDS) },
      },
      ConditionExpression: 'attribute_not_exists(#minute)', ExpressionAttributeNames: { '#minute': MINUTE },
    });
  }

  /** Holds an entry that somebody else left. Throws where it is held, or was closed. */
  public async take(entry: Entry): Promise<void> {
    const seconds = Math.floor(this.calls.now() / 1000);
    await this.update(entry, 'SET heldUntil = :until', 'attribute_exists(#data) AND heldUntil < :now', {
      ':until': { N: String(seconds + LEASE_SECONDS) }, ':now': { N: String(seconds) },
    });
  }

  /** CloudWatch was told. */
  public async close(entry: Entry): Promise<void> {
    await this.update(entry, 'REMOVE #data, heldUntil', 'attribute_exists(#data)');
  }

  /** CloudWatch was not told: the next one may try. */
  public async leave(entry: Entry): Promise<void> {
    await this.update(entry, 'SET heldUntil = :zero', 'attribute_exists(#data)', { ':zero': { N: '0' } });
  }

  private async update(
    { minute, batch }: Entry, expression: string, condition: string, values?: Record<string, AttributeValue>,
  ): Promise<void> {
    await this.calls.updateItem({
      TableName: this.table,
      Key: { [MINUTE]: { S: minute }, [BATCH]: { S: batch } },
      UpdateExpression: expression,
      ConditionExpression: condition,
      ExpressionAttributeNames: { '#data': 'data' },
      ExpressionAttributeValues: values,
    });
  }
}

function readEntry(minute: string, item: Readonly<Record<string, AttributeValue>>): Entry {
  const batch = item[BATCH]?.S;
  const keys = item.keys?.B;
  if (batch === undefined || keys === undefined) {
    throw new Error(`an entry of the ledger for ${minute} has no batch or no keys`);
  }
  const data = item.data?.S;
  return { minute, batch, keys: Buffer.from(keys), data: data === undefined ? undefined : readData(data) };
}

function readData(text: string): MetricDatum[] {
  const json: unknown = JSON.parse(text);
  if (!Array.isArray(json) || !json.every(isDatum)) {
    throw new Error('an entry of the ledger has no metrics to tell');
  }
  return json.map((datum) => ({ ...datum, Timestamp: new Date(datum.Timestamp) }));
}

/** As `open` wrote it. */
function isDatum(value: unknown): value is MetricDatum & { Timestamp: string } {
  return isRecord(value) && typeof value.MetricName === 'string' && typeof value.Timestamp === 'string';
}
