import { eventOf, reportOf, type Report } from '../../../../lambda/endpoint/report/report';
import { reportTable } from '../../../../lambda/endpoint/report/table';
import type { Run, Step } from '../../../../lambda/endpoint/report/run';
import { edgeRun, edgeStep, run, step } from './runs';

const NOW = new Date('2026-11-27T12:00:00Z');
const LIMITS = { errorPercent: 1, maxUsers: 100 };

/** 100 TPS at 50 % of 4 vCPU, 150 at 75 %, 200 at full CPU, and no more. */
const FULL: Step[] = [
  step(1, 10, { client: { tps: 100 }, endpoint: { cpuPercent: 200 } }),
  step(2, 15, { client: { tps: 150 }, endpoint: { cpuPercent: 300 } }),
  step(3, 20, { client: { tps: 200, p50Ms: 100 }, endpoint: { cpuPercent: 400 } }),
  step(4, 40, { client: { tps: 200, p50Ms: 200, p99Ms: 300 }, endpoint: { cpuPercent: 400 } }),
  step(5, 60, { client: { tps: 200, p50Ms: 300, p99Ms: 400 }, endpoint: { cpuPercent: 400 } }),
];

function cloudReport(steps: readonly Step[], changes: Partial<Run> = {}): Report {
  return reportOf({ cloud: run(steps, changes), now: NOW });
}

describe('the gate', () => {
  test('is met, with exit code 0, when a step met the target', () => {
    expect(cloudReport(FULL, { limits: { ...LIMITS, targetTps: 150 } })).toMatchObject({ passed: true, outcome: 'met', exitCode: 0 });
  });

  test('is not met, with exit code 1, when the instance is full below the target', () => {
    expect(cloudReport(FULL, { limits: { ...LIMITS, targetTps: 1000 } })).toMatchObject({ passed: false, outcome: 'not-met', exitCode: 1 });
  });

  test('is inconclusive, with exit code 2, when the client was the limit', () => {
    const steps = [...FULL, step(6, 80, { step: { clientLimited: true }, client: { tps: 210 } })];
    expect(cloudReport(steps, { limits: { ...LIMITS, targetTps: 1000 } })).toMatchObject({ passed: false, outcome: 'inconclusive', exitCode: 2 });
  });

  test('is inconclusive when the run failed', () => {
    expect(cloudReport([], { status: 'FAILED', reason: 'no workers' })).toMatchObject({ outcome: 'inconclusive', exitCode: 2 });
  });

  test('is met when the target was met before the run was stopped', () => {
    expect(cloudReport(FULL, { status: 'ABORTED', limits: { ...LIMITS, targetTps: 150 } })).toMatchObject({ outcome: 'met' });
  });

  test('without a target is met when the capacity was found', () => {
    expect(cloudReport(FULL)).toMatchObject({ passed: true, outcome: 'met', exitCode: 0 });
  });

  test('without a target is inconclusive when TPS still grew', () => {
    expect(cloudReport(FULL.slice(0, 3))).toMatchObject({ outcome: 'inconclusive', exitCode: 2 });
  });

  test('is the endpoint\'s where a device is reported beside it', () => {
    const edge = edgeRun([edgeStep(1, 1)]);
    expect(reportOf({ cloud: run(FULL), edge, now: NOW })).toMatchObject({ outcome: 'met' });
    expect(reportOf({ edge, now: NOW })).toMatchObject({ outcome: 'inconclusive' });
  });
});

test('fails when there is no run', () => {
  expect(() => reportOf({ now: NOW })).toThrow('a report must have a run against an endpoint or on a device, got none');
});

test('a report comes through JSON as it is', () => {
  const report = cloudReport(FULL, { limits: { ...LIMITS, targetTps: 1000 } });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(report).toMatchObject({ version: 1, generatedAt: '2026-11-27T12:00:00.000Z' });
});

test('TPS at 60 and 70 % of the CPU are interpolated: 120 and 140', () => {
  expect(cloudReport(FULL).cloud?.plan).toEqual({ basis: 'cpu', at60: expect.closeTo(120) as unknown, at70: expect.closeTo(140) as unknown });
});

test('the article\'s 1,000 TPS need 9 instances at 60 %, 8 at 70 % and 5 without headroom', () => {
  expect(cloudReport(FULL, { limits: { ...LIMITS, targetTps: 1000 } }).cloud?.instances)
    .toEqual({ targetTps: 1000, at60: 9, at70: 8, full: 5 });
});

test('a step in which scaling acted does not go into the capacity', () => {
  const scaled = step(6, 80, { client: { tps: 390 }, endpoint: { cpuPercent: 350, instancesTo: 2 } });
  const { capacity, excluded } = cloudReport([...FULL, scaled]).cloud ?? {};
  expect(capacity?.peak?.tps).toBe(200);
  expect(excluded).toEqual([{ step: 6, reason: 'scaling acted: 1 → 2 instances' }]);
});

describe('Inference Recommender', () => {
  const advice = (steps: readonly Step[], changes: Partial<Run> = {}) => cloudReport(steps, changes).cloud?.inferenceRecommender;

  test('is not advised where this run answers', () => {
    expect(advice(FULL)).toMatchObject({ advised: false });
  });

  test('is advised for a target that is met by an instance under 30 % busy', () => {
    const idle = [1, 2, 3].map((count) => step(count, count, { client: { tps: count * 10 }, endpoint: { cpuPercent: 30 * count } }));
    expect(advice(idle, { limits: { ...LIMITS, targetTps: 30 } }))
      .toEqual({ advised: true, reason: 'the instance is under 30 % busy at 30 TPS: let Inference Recommender look for a smaller type' });
  });

  test('is advised where many instances are needed', () => {
    expect(advice(FULL, { limits: { ...LIMITS, targetTps: 1000 } })?.reason).toContain('9 instances are many');
  });

  test('is advised where memory is full', () => {
    const steps = FULL.map((of) => ({ ...of, endpoint: of.endpoint === undefined ? undefined : { ...of.endpoint, memoryPercent: 99 } }));
    expect(advice(steps)?.reason).toContain('another instance family');
  });
});

test('the event has what a rule matches on and a person reads', () => {
  const report = cloudReport(FULL, { limits: { ...LIMITS, targetTps: 1000 } });
  const { cloud } = report;
  expect(cloud).toBeDefined();
  expect(cloud === undefined ? undefined : eventOf(report, cloud, 's3://bucket/runs/1/report.html')).toEqual({
    version: 1, runId: '2026-11-27T10-00-00Z', endpointName: 'recogniser', variantName: 'AllTraffic', status: 'SUCCEEDED',
    passed: false, outcome: 'not-met', verdict: 'instance-full',
    summary: 'The instance is full: its CPU is at 100 % at 60 users, and it bears 200 TPS.',
    peakTps: 200, targetTps: 1000, instances: 9, reportUri: 's3://bucket/runs/1/report.html',
  });
});

describe('the table', () => {
  const lines = reportTable(reportOf({
    cloud: run(FULL, { limits: { ...LIMITS, targetTps: 1000 }, region: 'us-east-1' }),
    edge: edgeRun([edgeStep(1, 1, { tps: 40 }), edgeStep(2, 2, { tps: 41, p50Ms: 200 }), edgeStep(3, 4, { tps: 41, p50Ms: 300 })]),
    device: { priceUsd: 876.6, years: 2, watts: 10, usdPerKwh: 0.3 },
    now: NOW,
  })).split('\n');

  test('begins with the outcome and the verdict', () => {
    expect(lines[0]).toBe('NOT-MET: The instance is full: its CPU is at 100 % at 60 users, and it bears 200 TPS.');
  });

  test('names the endpoint and the device', () => {
    expect(lines).toContain('Endpoint recogniser, variant AllTraffic: 1 × ml.m5.xlarge (4 vCPU), us-east-1');
    expect(lines).toContain('Device gate-1, model recogniser: 2 × Test CPU, 4,096 MiB');
  });

  test('has a row a step, in columns', () => {
    const head = lines.findIndex((line) => line.startsWith('step  users  workers'));
    const row = lines[head + 3] ?? '';
    expect(row.trim().split(/\s{2,}/)).toEqual(['3', '20', '1', '200', '100', '110', '120', '99', '4', '0 %', '100 %', '30 %', '1']);
    expect((lines[head] ?? '').indexOf('TPS') + 3).toBe(row.indexOf('200') + 3);
  });

  test.each([
    /^knee of one instance +20 users, 200 TPS$/, /^highest TPS of one instance +200 at 20 users$/, /^TPS at 60–70 % +120–140 of its CPU$/,
    /^instances for 1,000 TPS +9 at 60 %, 8 at 70 %, 5 without headroom$/,
    /^scaling policy +endpoint\.autoScale\(\{ min: 1, max: 10 \}\)\.onInvocationsPerInstance\(6000\); \/\/ AWS's formula.* 7200–8400$/,
    /^cost of an instance an hour +\$0\.23 \(us-east-1, on demand, /, /^cost of all instances an hour +\$2\.07$/,
    /^cost per million predictions +\$0\.5324 at 60 % day and night, \$0\.3194 full/,
    /^cost of the device an hour +\$0\.053 \(given by the user/,
  ])('has the line %s', (line) => {
    expect(lines).toContainEqual(expect.stringMatching(line));
  });

  test('shows no control character of an error: a terminal would obey it', () => {
    const errors = [{ kind: 'server', code: 'InternalFailure', count: 10, message: 'a\u001b[2Jb\rc\nd' }] as const;
    const table = reportTable(cloudReport([step(1, 1, { client: { requests: 10, failures: 10, errors } })]));
    expect(table).toContain('10 × InternalFailure: a [2Jb c d');
  });
});
