import type { MetricDatum, PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import type { AttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Dependencies } from '../../../lambda/health/aggregator/dependencies';
import type { HealthReport } from '../../../lib/agent/private/health-report';
import type { HealthSettings } from '../../../lib/health/private/contract';

export type Item = Record<string, AttributeValue>;

export const SETTINGS: HealthSettings = {
  fleetName: 'fleet-1', models: [{ name: 'reader', version: '1.0' }, { name: 'reader', version: '1.1' }], rings: ['main', 'canary'],
  namespace: 'EdgeFleet', ledgerTable: 'ledger', deviceTable: 'devices', deliveryStream: 'stream', silentSeconds: 3600,
};
export const NOW = Date.UTC(2026, 10, 27, 12, 0, 30);

/** What CloudWatch, DynamoDB and Firehose keep, and the calls that fail. */
export class FakeCloud {
  public readonly told: MetricDatum[] = [];
  public readonly lines: string[] = [];
  public readonly ledger = new Map<string, Item>();
  public readonly devices = new Map<string, Item>();
  public now = NOW;
  /** Called before each call with its name: throws where the call is to fail. */
  public before: (call: string) => void = () => undefined;
  /** Called after each call: throws where the answer is to be lost. */
  public after: (call: string) => void = () => undefined;
  private ids = 0;

  public readonly calls: Dependencies = {
    putMetricData: (input) => this.call('putMetricData', () => this.putMetrics(input)),
    putRecordBatch: ({ Records = [] }) => this.call('putRecordBatch', () => {
      const text = Buffer.concat(Records.map(({ Data }) => Data ?? new Uint8Array())).toString();
      this.lines.push(...text.split('\n').filter((line) => line !== ''));
      return { FailedPutCount: 0 };
    }),
    query: ({ ExpressionAttributeValues: values }) => this.call('query', () => (
      { Items: [...this.ledger.values()].filter((item) => item.minute?.S === values?.[':minute']?.S) })),
    putItem: ({ Item: item = {}, ConditionExpression, ExpressionAttributeValues: values }) => this.call('putItem', () => {
      const key = keyOf(item);
      if (ConditionExpression === '#total = :total' && this.ledger.get(key)?.total?.N !== values?.[':total']?.N) {
        throw conditionFailed();
      }
      this.ledger.set(key, item);
      return {};
    }),
    updateItem: (input) => this.call('updateItem', () => {
      if (input.TableName === 'devices') {
        return this.updateDevice(input);
      }
      return input.UpdateExpression?.includes(' ADD ') === true ? this.addToRow(input) : this.updateEntry(input);
    }),
    now: () => this.now,
    newId: () => {
      this.ids += 1;
      return `batch-${this.ids}`;
    },
  };

  /** The sum of a metric, over all its dimensions. */
  public sum(metric: string, dimension?: string): number {
    const matching = this.told.filter(({ MetricName, Dimensions = [] }) => MetricName === metric
      && (dimension === undefined || Dimensions.some(({ Value }) => Value === dimension)));
    return matching.reduce((sum, { Value = 0 }) => sum + Value, 0);
  }

  private call<T>(name: string, work: () => T): Promise<T> {
    try {
      this.before(name);
      const result = work();
      this.after(name);
      return Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private putMetrics({ MetricData = [] }: PutMetricDataCommandInput): object {
    this.told.push(...MetricData);
    return {};
  }

  private updateEntry({ Key, UpdateExpression = '', ConditionExpression = '', ExpressionAttributeValues: values }: UpdateItemCommandInput): object {
    const item = this.ledger.get(keyOf(Key));
    const isHeld = ConditionExpression.includes('heldUntil < :now') && Number(item?.heldUntil?.N) >= Number(values?.[':now']?.N);
    if (item?.data === undefined || isHeld) {
      throw conditionFailed();
    }
    if (UpdateExpression.startsWith('REMOVE')) {
      delete item.data;
      delete item.heldUntil;
    } else {
      item.heldUntil = values?.[':until'] ?? values?.[':zero'] ?? { N: 'none' };
    }
    return {};
  }

  /** `SET #a = :a ADD #b :b, …` */
  private addToRow({
    Key, UpdateExpression = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {},
  }: UpdateItemCommandInput): { Attributes: Item } {
    const item: Item = { ...Key, ...this.ledger.get(keyOf(Key)) };
    const [set = '', add = ''] = UpdateExpression.split(' ADD ');
    const [, name = '', value = ''] = /^SET (\S+) = (\S+)$/.exec(set) ?? [];
    item[names[name] ?? ''] = values[value] ?? { NULL: true };
    for (const [of = '', more = ''] of add.split(', ').map((each) => each.split(' '))) {
      const cell = names[of] ?? '';
      item[cell] = { N: String(Number(item[cell]?.N ?? 0) + Number(values[more]?.N)) };
    }
    this.ledger.set(keyOf(Key), item);
    return { Attributes: item };
  }

  private updateDevice({ Key, ExpressionAttributeValues: values = {} }: UpdateItemCommandInput): object {
    const thing = Key?.thing?.S ?? '';
    const seen = this.devices.get(thing)?.seen?.N;
    if (seen !== undefined && Number(seen) >= Number(values[':seen']?.N)) {
      throw conditionFailed();
    }
    this.devices.set(thing, Object.fromEntries([['thing', { S: thing }], ...Object.entries(values).map(([name, value]): [string, AttributeValue] => (
      [name.slice(1), value]))]));
    return {};
  }
}

function keyOf(item: Item | undefined): string {
  return `${item?.minute?.S ?? ''} ${item?.batch?.S ?? ''}`;
}

function conditionFailed(): Error {
  return Object.assign(new Error('The conditional request failed'), { name: 'ConditionalCheckFailedException' });
}

let made = 0;

export function report(more: Partial<HealthReport> = {}): HealthReport {
  made += 1;
  return {
    v: 1, id: made.toString(16).padStart(16, '0'), from: NOW - 300_000, to: NOW, fleet: 'fleet-1', ring: 'main', agent: '0.1.0', uptime: 60,
    memory: 100, spool: 10, queue: 0,
    models: [{ name: 'reader', version: '1.0', predictions: 3, errors: { INTERNAL: 1 }, latency: [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1] }],
    ...more,
  };
}

export interface Message { readonly messageId: string; readonly body: string }

/** As the rule writes it. */
export function message(content: unknown, thing = 'camera-1', received = NOW): Message {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  made += 1;
  return { messageId: `m-${made}`, body: JSON.stringify({ thing, received, report: Buffer.from(text).toString('base64') }) };
}
