import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { EXPIRES, LEDGER_KEYS, type KnownBaseline } from '../../../lib/health/private/contract';
import { scoreOf } from '../../../lib/model/private/drift-statistics';
import { serviceError } from '../../shared/errors';
import type { Dependencies } from './dependencies';

/** By feature: predictions in each bin of a baseline. */
export type DriftCounts = Readonly<Record<string, readonly number[]>>;

/** What the metrics of one series have in common. */
export type DatumBase = Pick<MetricDatum, 'Timestamp' | 'Dimensions'>;

/** Counts of a model, a version and a ring that are too few to be judged. */
export interface Remainder {
  /** The model, the version and the ring. */
  readonly series: string;
  /** Of its metrics. */
  readonly base: DatumBase;
  readonly baseline: KnownBaseline;
  readonly counts: DriftCounts;
}

const [PARTITION, SORT] = LEDGER_KEYS;
/** The sum of all counts of a row. A feature has a dot in its name. */
const TOTAL = 'total';
const KEPT_SECONDS = 14 * 86_400;

/**
 * Keeps what is too little for a verdict, until there is enough of it: a small fleet never brings 100 predictions at once. They are rows of
 * the ledger's table, whose partition key is no minute.
 *
 * A call that fails loses its counts, and none is counted twice by it: the reports are in the ledger by then.
 */
export class DriftRemainders {
  public constructor(private readonly table: string, private readonly calls: Pick<Dependencies, 'updateItem' | 'putItem' | 'now'>) {}

  /** Adds counts to those that were kept. Returns all of them, which are kept no longer, where they are enough. */
  public async add(remainder: Remainder): Promise<DriftCounts | undefined> {
    const { baseline } = remainder;
    const row = await this.increase(remainder);
    const counts = Object.fromEntries(Object.entries(baseline.counts).map(([feature, bins]) => (
      [feature, bins.map((_, bin) => Number(row[cell(feature, bin)]?.N ?? 0))])));
    return scoreOf(baseline.counts, counts) !== undefined && await this.take(remainder, row[TOTAL]) ? counts : undefined;
  }

  private async increase({ series, baseline, counts }: Remainder): Promise<Readonly<Record<string, AttributeValue>>> {
    const cells = Object.entries(counts).flatMap(([feature, bins]) => (
      bins.flatMap((count, bin): [string, number][] => (count === 0 ? [] : [[cell(feature, bin), count]]))));
    cells.push([TOTAL, cells.reduce((sum, [, count]) => sum + count, 0)]);
    const { Attributes = {} } = await this.calls.updateItem({
      TableName: this.table,
      Key: this.keyOf(series, baseline),
      UpdateExpression: `SET #expires = :expires ADD ${cells.map((_, index) => `#c${index} :c${index}`).join(', ')}`,
      ExpressionAttributeNames: { '#expires': EXPIRES, ...Object.fromEntries(cells.map(([name], index) => [`#c${index}`, name])) },
      ExpressionAttributeValues: {
        ':expires': this.expires(), ...Object.fromEntries(cells.map(([, count], index) => [`:c${index}`, { N: String(count) }])),
      },
      ReturnValues: 'ALL_NEW',
    });
    return Attributes;
  }

  /** False where somebody else has added to the row since: they have all of it. */
  private async take({ series, baseline }: Remainder, total: AttributeValue | undefined): Promise<boolean> {
    try {
      await this.calls.putItem({
        TableName: this.table,
        Item: { ...this.keyOf(series, baseline), [EXPIRES]: this.expires() },
        ConditionExpression: '#total = :total', ExpressionAttributeNames: { '#total': TOTAL },
        ExpressionAttributeValues: { ':total': total ?? { N: '0' } },
      });
      return true;
    } catch (error) {
      if (serviceError(error).name === 'ConditionalCheckFailedException') {
        return false;
      }
      throw error;
    }
  }

  private keyOf(series: string, { id }: KnownBaseline): Record<string, AttributeValue> {
    return { [PARTITION]: { S: `drift ${series}` }, [SORT]: { S: id } };
  }

  private expires(): AttributeValue {
    return { N: String(Math.floor(this.calls.now() / 1000) + KEPT_SECONDS) };
  }
}

function cell(feature: string, bin: number): string {
  return `${feature} ${bin}`;
}
