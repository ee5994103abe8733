import { Aggregator } from '../../../lambda/health/aggregator/aggregator';
import { FakeCloud, message, NOW, report, SETTINGS, type Message } from './fake-cloud';

let cloud: FakeCloud;
let aggregator: Aggregator;
beforeEach(() => {
  cloud = new FakeCloud();
  aggregator = new Aggregator(SETTINGS, cloud.calls);
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});

/** Brings the messages until none fails, as the queue does, and tells how often. */
async function deliver(messages: readonly Message[], most = 10): Promise<number> {
  let left = messages;
  for (let time = 1; time <= most; time += 1) {
    const { batchItemFailures } = await aggregator.handle(left);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    left = left.filter(({ messageId }) => failed.has(messageId));
    if (left.length === 0) {
      return time;
    }
    cloud.now += 420_000; // the queue's visibility timeout
  }
  throw new Error(`${left.length} messages are left`);
}

const fleet = { Name: 'FleetName', Value: 'fleet-1' };
const series = (version: string, ring: string): object[] => [
  fleet, { Name: 'ModelName', Value: 'reader' }, { Name: 'ModelVersion', Value: version }, { Name: 'Ring', Value: ring },
];

describe('reports are counted', () => {
  it('by model, version and ring, in the minute in which their period ends', async () => {
    await deliver([message(report()), message(report(), 'camera-2'), message(report({ ring: 'canary' }), 'camera-3')]);
    const Timestamp = new Date(Date.UTC(2026, 10, 27, 12, 0));
    expect(cloud.told).toContainEqual({ MetricName: 'Predictions', Unit: 'Count', Value: 6, Timestamp, Dimensions: series('1.0', 'main') });
    expect(cloud.told).toContainEqual({ MetricName: 'Reports', Unit: 'Count', Value: 1, Timestamp, Dimensions: series('1.0', 'canary') });
  });

  it('with an error as 1 and an answer as 0, so that the average is the share of errors', async () => {
    await deliver([message(report()), message(report(), 'camera-2')]);
    expect(cloud.told).toContainEqual(expect.objectContaining({
      MetricName: 'Errors', Unit: 'Count', Values: [0, 1], Counts: [6, 2], Dimensions: series('1.0', 'main'),
    }));
  });

  it('with no share of errors where nothing was predicted', async () => {
    const idle = { name: 'reader', version: '1.0', predictions: 0, errors: {}, latency: Array.from({ length: 12 }, () => 0) };
    await deliver([message(report({ models: [idle] }))]);
    expect(cloud.told.map(({ MetricName }) => MetricName)).toEqual(['Predictions', 'Reports', 'CaptureBacklog', 'Memory']);
  });

  it('with the counts of their latency, so that percentiles are those of the fleet', async () => {
    await deliver([message(report()), message(report(), 'camera-2')]);
    expect(cloud.told).toContainEqual(expect.objectContaining({
      MetricName: 'Latency', Unit: 'Milliseconds', Values: [10, 10_000], Counts: [4, 2], Dimensions: series('1.0', 'main'),
    }));
  });

  it('with the spread of what each device has', async () => {
    await deliver([message(report({ spool: 5 })), message(report({ spool: 15 }), 'camera-2')]);
    expect(cloud.told).toContainEqual(expect.objectContaining({
      MetricName: 'CaptureBacklog', Dimensions: [fleet], StatisticValues: { SampleCount: 2, Sum: 20, Minimum: 5, Maximum: 15 },
    }));
  });

  it('each minute by itself, whatever their order', async () => {
    const earlier = report({ from: NOW - 700_000, to: NOW - 400_000 });
    await deliver([message(report()), message(earlier)]);
    const times = cloud.told.filter(({ MetricName }) => MetricName === 'Predictions').map(({ Timestamp }) => Timestamp?.toISOString());
    expect(times.sort()).toEqual(['2026-11-27T11:53:00.000Z', '2026-11-27T12:00:00.000Z']);
  });

  it('and written to the history, a line each, with who reported and when', async () => {
    const sent = report();
    await deliver([message(sent, 'camera-7')]);
    expect(cloud.lines.map((line): unknown => JSON.parse(line))).toEqual([{ thing: 'camera-7', received: NOW, ...sent }]);
  });

  it('of last week, too', async () => {
    const week = 7 * 86_400_000;
    await deliver([message(report({ from: NOW - week - 1000, to: NOW - week }))]);
    expect(cloud.sum('Predictions')).toBe(3);
    expect(cloud.sum('RejectedReports')).toBe(0);
  });
});

describe('reports are not counted', () => {
  const model = report().models[0];
  const withDrift = (change: object): object => (
    { ...report(), models: [{ ...model, drift: { baseline: 'a'.repeat(16), counts: { 'input.mean': [1, 1, 1] }, ...change } }] });
  it.each<[string, unknown]>([
    ['TooLarge', { ...report(), agent: 'a'.repeat(1_000_000) }],
    ['NotJson', 'not JSON'],
    ['NotJson', '{"v":1'],
    ['BadForm', []],
    ['BadForm', 'null'],
    ['BadForm', { ...report(), v: 2 }],
    ['BadForm', { ...report(), extra: 1 }],
    ['BadForm', { ...report(), id: 'x' }],
    ['BadForm', { ...report(), models: [{ ...model, predictions: -1 }] }],
    ['BadForm', { ...report(), models: [{ ...model, predictions: 2 ** 53 }] }],
    ['BadForm', { ...report(), models: [{ ...model, predictions: 4 }] }],
    ['BadForm', { ...report(), models: [{ ...model, errors: { 'a b': 1 } }] }],
    ['BadForm', { ...report(), models: [{ ...model, latency: [3] }] }],
    ['BadForm', withDrift({ baseline: 'x' })],
    ['BadForm', withDrift({ extra: 1 })],
    ['BadForm', withDrift({ counts: {} })],
    ['BadForm', withDrift({ counts: { 'Input mean': [1, 1, 1] } })],
    ['BadForm', withDrift({ counts: { 'input.mean': [1, 1] } })],
    ['BadForm', withDrift({ counts: { 'input.mean': [1, 1, 2] } })],
    ['BadForm', withDrift({ counts: { 'input.mean': [-1, 1, 1] } })],
    ['BadForm', withDrift({ drifted: ['<b>'] })],
    ['BadForm', JSON.stringify(report()).replace('"memory":100', '"memory":NaN').replace('NaN', 'null')],
    ['NotJson', JSON.stringify(report()).replace('"memory":100', '"memory":Infinity')],
    ['BadForm', { ...report(), from: NOW + 1 }],
    ['UnknownFleet', report({ fleet: 'fleet-2' })],
    ['UnknownRing', report({ ring: 'other' })],
    ['Future', report({ to: NOW + 16 * 60_000 })],
    ['TooOld', report({ from: 0, to: NOW - 14 * 86_400_000 })],
  ])('for %s: %j', async (reason, content) => {
    await deliver([message(content)]);
    expect(cloud.sum('RejectedReports', reason)).toBe(1);
    expect(cloud.told.filter(({ MetricName }) => MetricName !== 'RejectedReports')).toEqual([]);
    expect(cloud.lines).toEqual([]);
  });

  it('in the parts that are of models that nobody named, and never make a new metric', async () => {
    const models = Array.from({ length: 20 }, (_, index) => ({ ...report().models[0], name: `model-${index}` }));
    await deliver([message({ ...report(), models: [...models, ...report().models] })]);
    expect(cloud.sum('RejectedReports', 'UnknownModel')).toBe(1);
    expect(cloud.sum('Predictions')).toBe(3);
    expect(JSON.stringify(cloud.told)).not.toContain('model-0');
  });

  it('where the message is not of the rule', async () => {
    await deliver([{ messageId: 'm', body: 'x' }, { messageId: 'n', body: '{}' }]);
    expect(cloud.sum('RejectedReports', 'BadForm')).toBe(2);
  });

  it('and their number is told with its reason and without', async () => {
    await deliver([message('x'), message([])]);
    const all = cloud.told.find(({ Dimensions = [] }) => Dimensions.length === 1);
    expect(all).toMatchObject({ MetricName: 'RejectedReports', Value: 2, Dimensions: [fleet] });
  });
});

describe('a report is counted once', () => {
  it('where a device sends it twice, in one batch and in two', async () => {
    const twice = report();
    await deliver([message(twice), message(twice)]);
    await deliver([message(twice)]);
    expect(cloud.sum('Predictions')).toBe(3);
    expect(cloud.lines).toHaveLength(1);
  });

  it('where another thing has used its id', async () => {
    const same = report();
    await deliver([message(same), message(same, 'camera-2')]);
    expect(cloud.sum('Predictions')).toBe(6);
  });

  it('where the queue brings its message again', async () => {
    const messages = [message(report()), message('x')];
    await deliver(messages);
    await deliver(messages);
    expect(cloud.sum('Predictions')).toBe(3);
    expect(cloud.sum('RejectedReports', 'NotJson')).toBe(1);
  });

  it('where CloudWatch refuses for ten minutes, and then all of it', async () => {
    const until = cloud.now + 600_000;
    cloud.before = (call) => {
      if (call === 'putMetricData' && cloud.now < until) {
        throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
      }
    };
    const messages = Array.from({ length: 50 }, (_, index) => message(report(), `camera-${index}`));
    expect(await deliver(messages)).toBeGreaterThan(1);
    expect(cloud.sum('Predictions')).toBe(150);
    expect(cloud.lines).toHaveLength(50);
  });

  it.each(['query', 'putRecordBatch', 'putItem', 'putMetricData'])('where the function dies before %s and its messages come in other batches', async (dies) => {
    const messages = Array.from({ length: 9 }, (_, index) => message(report(), `camera-${index}`));
    let deaths = 2;
    cloud.before = (call) => {
      if (call === dies && deaths > 0) {
        deaths -= 1;
        throw new Error('dead');
      }
    };
    await aggregator.handle(messages.slice(0, 6)); // nobody hears the answer
    await aggregator.handle(messages.slice(3, 9));
    cloud.now += 420_000;
    await deliver(messages.filter((_, index) => index % 2 === 0));
    await deliver(messages.filter((_, index) => index % 2 === 1));
    expect(cloud.sum('Predictions')).toBe(27);
  });

  it('where the ledger did not hear that CloudWatch was told, but for that time alone', async () => {
    cloud.before = (call) => {
      if (call === 'updateItem') {
        throw new Error('dead');
      }
    };
    await aggregator.handle([message(report())]);
    expect(cloud.sum('Predictions')).toBe(3);
    expect([...cloud.ledger.values()][0]).toHaveProperty('data'); // the documented gap: the next one tells it again
  });

  it('where two functions have it at once', async () => {
    const same = message(report());
    cloud.before = (call) => {
      if (call === 'putMetricData') {
        cloud.before = () => undefined;
        throw new Error('the first one hangs here');
      }
    };
    await aggregator.handle([same]);
    const [entry] = cloud.ledger.values();
    if (entry !== undefined) {
      entry.heldUntil = { N: String(cloud.now / 1000 + 100) }; // and holds it
    }
    const other = await aggregator.handle([same]);
    expect(other.batchItemFailures).toEqual([{ itemIdentifier: same.messageId }]);
    expect(cloud.sum('Predictions')).toBe(0);
    expect(await deliver([same])).toBe(1 + 1);
    expect(cloud.sum('Predictions')).toBe(3);
  });
});

describe('a batch', () => {
  it('brings again what failed, and nothing else', async () => {
    const good = message(report());
    const bad = message(report({ from: 0, to: NOW - 600_000 }));
    cloud.before = (call) => {
      if (call === 'putMetricData' && cloud.told.length > 0) {
        throw new Error('throttled');
      }
    };
    const { batchItemFailures } = await aggregator.handle([good, bad]);
    expect(batchItemFailures).toEqual([{ itemIdentifier: bad.messageId }]);
  });

  it('asks the ledger once for each minute, and brings again the minutes of which it has no answer', async () => {
    const late = { from: NOW - 700_000, to: NOW - 400_000 };
    const good = Array.from({ length: 40 }, () => message(report()));
    const bad = Array.from({ length: 40 }, () => message(report(late)));
    let asked = 0;
    cloud.before = (call) => {
      asked += call === 'query' ? 1 : 0;
      if (call === 'query' && asked === 2) {
        throw new Error('throttled');
      }
    };
    const { batchItemFailures } = await aggregator.handle([...good, ...bad]);
    expect(asked).toBe(2);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(bad.map(({ messageId }) => messageId));
    expect(cloud.sum('Reports')).toBe(40);
  });

  it('says in its log what failed, and nothing of a report', async () => {
    cloud.before = () => {
      throw new Error('refused');
    };
    await aggregator.handle([message(report({ agent: 'secret' }))]);
    expect(jest.mocked(console.log).mock.calls.join('')).toContain('refused');
    expect(jest.mocked(console.log).mock.calls.join('')).not.toContain('secret');
  });

  it('that is empty does nothing', async () => {
    expect(await aggregator.handle([])).toEqual({ batchItemFailures: [] });
    expect(cloud.told).toEqual([]);
  });
});
