import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { NotTaken } from '../../../agent/cloud/iot-data';
import { isRecord } from '../../../agent/config/reader';
import { ReportStore } from '../../../agent/health/report-store';
import { HealthReporter, type HealthReporterOptions } from '../../../agent/health/reporter';
import type { HealthReport } from '../../../lib/agent/private/health-report';

const MODEL = { modelName: 'text-recogniser', modelVersion: '1.0' };
const schema: unknown = JSON.parse(readFileSync('agent/health/report.schema.json', 'utf8'));
const matchesSchema = new Ajv().compile(isRecord(schema) ? schema : {});
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: string;
let time: number;
let sent: { topic: string; report: HealthReport }[];
/** What the next messages end with. */
let outcomes: (Error | undefined)[];
const started: HealthReporter[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'health-'));
  time = 1_800_000_000_000;
  sent = [];
  outcomes = [];
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((reporter) => reporter.stop()));
});

async function start(options: Partial<HealthReporterOptions> = {}): Promise<HealthReporter> {
  const reporter = await HealthReporter.start({
    config: { ruleName: 'rule_1', periodMs: 3_600_000, ring: 'canary' },
    thingName: 'camera-1',
    fleetName: 'fleet-1',
    store: new ReportStore(folder),
    publish: (topic, payload) => {
      sent.push({ topic, report: parse(payload) });
      const outcome = outcomes.shift();
      return outcome === undefined ? Promise.resolve() : Promise.reject(outcome);
    },
    gauges: () => ({ memory: 1000, spool: 20, queue: 3, models: [MODEL] }),
    logger: quiet,
    now: () => time,
    random: () => 1,
    ...options,
  });
  started.push(reporter);
  return reporter;
}

function parse(payload: string): HealthReport {
  return JSON.parse(payload) as HealthReport; // the schema's test says that it is one
}

/** Predictions in all reports, each id once. */
function counted(): number {
  const byId = new Map(sent.map(({ report }) => [report.id, report]));
  return [...byId.values()].flatMap(({ models }) => models).reduce((sum, { predictions }) => sum + predictions, 0);
}

it('a report says what the device did in the period, on the topic of its own thing', async () => {
  const reporter = await start();
  reporter.predicted(MODEL, 2);
  reporter.predicted(MODEL, 2.1);
  reporter.predicted(MODEL, 9999);
  reporter.failed(MODEL, 'INTERNAL');
  reporter.failed(MODEL, 'INTERNAL');
  time += 300_000;
  await reporter.report();
  expect(sent).toHaveLength(1);
  expect(sent[0]?.topic).toBe('$aws/rules/rule_1/health/camera-1');
  expect(sent[0]?.report).toMatchObject({
    v: 1, from: 1_800_000_000_000, to: 1_800_000_300_000, fleet: 'fleet-1', ring: 'canary', memory: 1000, spool: 20, queue: 3,
    models: [{ name: 'text-recogniser', version: '1.0', predictions: 3, errors: { INTERNAL: 2 }, latency: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }],
  });
});

it('a report follows the published schema', async () => {
  const reporter = await start();
  reporter.predicted(MODEL, 30);
  reporter.failed(MODEL, 'DEADLINE_EXCEEDED');
  await reporter.report();
  expect(matchesSchema(sent[0]?.report)).toBe(true);
  expect(matchesSchema({ ...sent[0]?.report, extra: 1 })).toBe(false);
});

it('a model that is loaded and did nothing is in the report', async () => {
  await (await start()).report();
  expect(sent[0]?.report.models).toMatchObject([{ name: 'text-recogniser', predictions: 0 }]);
});

it('the counts of a report are not in the next one', async () => {
  const reporter = await start();
  reporter.predicted(MODEL, 1);
  await reporter.report();
  await reporter.report();
  expect(sent.map(({ report }) => report.models[0]?.predictions)).toEqual([1, 0]);
});

it('reports that were not taken are merged into one, of the whole time', async () => {
  const reporter = await start();
  outcomes = [new NotTaken(undefined, 'offline'), new NotTaken(undefined, 'offline')];
  for (const milliseconds of [1, 30, 30]) {
    reporter.predicted(MODEL, milliseconds);
    time += 300_000;
    await reporter.report();
  }
  expect(sent).toHaveLength(3);
  expect(sent[2]?.report).toMatchObject({ from: 1_800_000_000_000, to: 1_800_000_900_000, models: [{ predictions: 3 }] });
  expect(sent[2]?.report.models[0]?.latency.slice(0, 5)).toEqual([1, 0, 0, 0, 2]);
});

it('a report that may have arrived is sent again as it is, and what came after it in another', async () => {
  const reporter = await start();
  outcomes = [new Error('socket hang up')];
  reporter.predicted(MODEL, 1);
  await reporter.report();
  reporter.predicted(MODEL, 1);
  await reporter.report();
  expect(sent).toHaveLength(3);
  expect(sent[1]?.report).toEqual(sent[0]?.report);
  expect(sent[2]?.report.id).not.toBe(sent[0]?.report.id);
  expect(counted()).toBe(2);
});

it('what was not reported is reported after a restart, once', async () => {
  const first = await start();
  outcomes = [new Error('socket hang up')];
  first.predicted(MODEL, 1);
  await first.report();
  first.predicted(MODEL, 1);
  await first.stop();
  const second = await start();
  second.predicted(MODEL, 1);
  await second.report();
  expect(sent[1]?.report).toEqual(sent[0]?.report);
  expect(counted()).toBe(3);
});

it('an agent that is killed between the answer and its own record counts nothing twice', async () => {
  const first = await start({ publish: (topic, payload) => {
    sent.push({ topic, report: parse(payload) });
    return new Promise(() => undefined); // killed here: the record on the disk still has the report
  } });
  first.predicted(MODEL, 1);
  void first.report();
  while (sent.length === 0) {
    await new Promise(setImmediate);
  }
  const second = await start();
  await second.report();
  expect(counted()).toBe(1);
  expect(sent.filter(({ report }) => report.id === sent[0]?.report.id)).toHaveLength(2);
});

it.each(['', '{"sending":[', '{"since":-1,"models":[],"sending":[]}', '[]', '{"since":1,"models":[{}],"sending":[]}'])(
  'a damaged record is left alone: %s', async (content) => {
    writeFileSync(join(folder, 'health.json'), content);
    const reporter = await start();
    reporter.predicted(MODEL, 1);
    await reporter.report();
    expect(counted()).toBe(1);
  });

it('a clock that is set back gives a period that ends after it starts', async () => {
  const reporter = await start();
  time -= 86_400_000;
  await reporter.report();
  const [{ report } = { report: undefined }] = sent;
  expect(report?.to).toBe(time);
  expect(report?.from).toBeLessThanOrEqual(time);
  expect(report?.from).toBeGreaterThan(time - 60_000);
});

it('a report that may have arrived is dropped when it is older than the fleet takes', async () => {
  const reporter = await start();
  outcomes = [new Error('socket hang up')];
  reporter.predicted(MODEL, 1);
  await reporter.report();
  const [first] = sent;
  time += 13 * 86_400_000;
  await reporter.report();
  expect(sent.filter(({ report }) => report.id === first?.report.id)).toHaveLength(1);
  expect(sent).toHaveLength(2);
});

it('a device with many models sends several reports of at most 4 kB, all with the same period', async () => {
  const models = Array.from({ length: 40 }, (_, index) => ({ modelName: `model-with-a-long-name-${index}`, modelVersion: '1.0' }));
  const reporter = await start({ gauges: () => ({ memory: 1, spool: 0, queue: 0, models }) });
  models.forEach((model) => {
    reporter.predicted(model, 1);
  });
  await reporter.report();
  expect(sent.length).toBeGreaterThan(1);
  expect(Math.max(...sent.map(({ report }) => JSON.stringify(report).length))).toBeLessThanOrEqual(4096);
  expect(new Set(sent.map(({ report }) => report.to)).size).toBe(1);
  expect(counted()).toBe(40);
});

it('a stop does not wait for a message on its way', async () => {
  const reporter = await start({ publish: () => new Promise(() => undefined) });
  reporter.predicted(MODEL, 1);
  void reporter.report();
  await expect(reporter.stop()).resolves.toBeUndefined();
});

it('the first report is at a random time in the period, the next one a period later', async () => {
  jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate', 'nextTick'] });
  try {
    let reports = 0;
    const reporter = await start({
      random: () => 0.25,
      config: { ruleName: 'r', periodMs: 100_000, ring: 'main' },
      gauges: () => {
        reports += 1; // synchronous, when a report is made
        return { memory: 0, spool: 0, queue: 0, models: [] };
      },
    });
    jest.advanceTimersByTime(24_999);
    expect(reports).toBe(0);
    jest.advanceTimersByTime(2);
    expect(reports).toBe(1);
    await reporter.report(); // the one that runs
    jest.advanceTimersByTime(99_990);
    expect(reports).toBe(1);
    jest.advanceTimersByTime(20);
    expect(reports).toBe(2);
  } finally {
    jest.useRealTimers();
  }
});
