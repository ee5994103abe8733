import { capacityOf } from '../../../../lambda/endpoint/report/capacity';
import { loadPoints } from '../../../../lambda/endpoint/report/points';
import { verdictOf } from '../../../../lambda/endpoint/report/verdict';
import type { AnyRun, EndpointFigures, Step, StepErrors } from '../../../../lambda/endpoint/report/run';
import { edgeRun, edgeStep, run, step } from './runs';

function verdict(of: AnyRun) {
  const points = loadPoints(of);
  return verdictOf(of, points, capacityOf(points.points, of.limits));
}

/** 10, 20, 20, 20 TPS at 10 to 40 users: a knee at 20. The changes are those of the last two steps' figures. */
function staircase(endpoint: Partial<EndpointFigures>, last: Parameters<typeof step>[2] = {}): Step[] {
  return [
    step(1, 10, { client: { tps: 10 }, endpoint: { cpuPercent: 150 } }),
    step(2, 20, { client: { tps: 20 }, endpoint }),
    step(3, 30, { client: { tps: 20, p50Ms: 150 }, endpoint }),
    step(4, 40, { ...last, client: { tps: 20, p50Ms: 200, ...last.client }, endpoint: { ...endpoint, ...last.endpoint } }),
  ];
}

/** A hundred of thousand requests failed so. */
function failing(kind: StepErrors['kind'], code: string, count = 100): Parameters<typeof step>[2] {
  return { client: { requests: 1000, failures: count, errors: [{ kind, code, count, message: 'as the service said' }] } };
}

const LIMITS = { errorPercent: 1, maxUsers: 100 };

test('a full CPU behind the knee: the instance is full', () => {
  const { kind, sentence } = verdict(run(staircase({ cpuPercent: 390 })));
  expect(kind).toBe('instance-full');
  expect(sentence).toBe('The instance is full: its CPU is at 97.5 % at 40 users, and it bears 20 TPS.');
});

test('errors with a full CPU: the instance is full, also without a knee', () => {
  expect(verdict(run([step(1, 10, { ...failing('server', 'ServiceUnavailable'), endpoint: { cpuPercent: 390 } })])).kind).toBe('instance-full');
});

test('a CPU of 80 % is full, as the article says, and one of 79 % is not', () => {
  expect(verdict(run(staircase({ cpuPercent: 320 }))).kind).toBe('instance-full');
  expect(verdict(run(staircase({ cpuPercent: 316 }))).kind).toBe('container-limited');
});

test('a knee with a low CPU: the container or the model is the limit', () => {
  const { kind, sentence } = verdict(run(staircase({ cpuPercent: 100 })));
  expect(kind).toBe('container-limited');
  expect(sentence).toContain('while the CPU is at 25 % only');
});

test('errors with a low CPU: the container or the model is the limit', () => {
  const steps = [step(1, 10), step(2, 20, { ...failing('model', 'ModelError'), endpoint: { cpuPercent: 80 } })];
  expect(verdict(run(steps)).kind).toBe('container-limited');
});

test('a client-limited last step: the client is the limit, whatever the CPU', () => {
  const last = { step: { clientLimited: true }, client: { workerCpuPercent: 97, workerLagMs: 120 } };
  const { kind, sentence } = verdict(run(staircase({ cpuPercent: 390 }, last)));
  expect(kind).toBe('client-limited');
  expect(sentence).toBe('The client is the limit, not the instance: at 40 users a worker used 97 % of a core and was 120 ms late. Take more workers.');
});

test('a client-limited step that was repeated with more workers does not make the client the limit', () => {
  const steps = [...staircase({ cpuPercent: 390 }, { step: { clientLimited: true } }), step(5, 40, {
    step: { repeats: 4, workers: 2 }, client: { tps: 20, p50Ms: 200 }, endpoint: { cpuPercent: 390 },
  })];
  expect(verdict(run(steps)).kind).toBe('instance-full');
});

test('throttled requests: a quota is the limit, whatever the CPU', () => {
  const { kind, sentence } = verdict(run(staircase({ cpuPercent: 390 }, failing('throttled', 'ThrottlingException'))));
  expect(kind).toBe('throttled');
  expect(sentence).toContain('10 % at 40 users');
});

test('throttled requests within the error limit are no verdict', () => {
  expect(verdict(run(staircase({ cpuPercent: 390 }, failing('throttled', 'ThrottlingException', 10)))).kind).toBe('instance-full');
});

test('requests that are refused say nothing of capacity', () => {
  const { kind, sentence } = verdict(run([step(1, 1, failing('refused', 'ValidationError', 1000))]));
  expect(kind).toBe('refused');
  expect(sentence).toContain('(ValidationError)');
});

test('a full GPU behind the knee with a low CPU: the GPU is full', () => {
  const { kind, sentence } = verdict(run(staircase({ cpuPercent: 100, gpuPercent: 95, gpuMemoryPercent: 40 }), { gpus: 1 }));
  expect(kind).toBe('gpu-full');
  expect(sentence).toBe('The GPU is full: 95 % of its time and 40 % of its memory at 40 users.');
});

test('full GPU memory is a full GPU', () => {
  expect(verdict(run(staircase({ cpuPercent: 100, gpuPercent: 50, gpuMemoryPercent: 92 }), { gpus: 1 })).kind).toBe('gpu-full');
});

test('full memory behind the knee: memory is full', () => {
  const { kind, sentence } = verdict(run(staircase({ cpuPercent: 100, memoryPercent: 96 })));
  expect(kind).toBe('memory-full');
  expect(sentence).toBe('Memory is full: the instance used 96 % of it at 40 users.');
});

test('a target that a step met within the limits is met', () => {
  const { kind, sentence } = verdict(run(staircase({ cpuPercent: 390 }), { limits: { ...LIMITS, targetTps: 15, p99Ms: 200 } }));
  expect(kind).toBe('target-met');
  expect(sentence).toBe('The target is met: 20 TPS at 20 users, wanted 15, with 0 % errors and p99 120 ms.');
});

test('a target that is met with too many errors is not met', () => {
  const steps = [step(1, 10), step(2, 20, { ...failing('server', 'InternalFailure'), endpoint: { cpuPercent: 390 } })];
  expect(verdict(run(steps, { limits: { ...LIMITS, targetTps: 5, p99Ms: 1 } })).kind).not.toBe('target-met');
});

test('p99 above its limit while TPS grows: latency is the limit', () => {
  const steps = [1, 2, 3].map((count) => step(count, 10 * count, { client: { tps: 10 * count, p99Ms: 100 * count } }));
  const { kind, sentence } = verdict(run(steps, { limits: { ...LIMITS, p99Ms: 250 } }));
  expect(kind).toBe('latency-limit');
  expect(sentence).toBe('p99 passes its limit first: 300 ms at 30 users, allowed 250 ms, while TPS still grows.');
});

test('a limit without figures of CloudWatch: what is full is not known', () => {
  expect(verdict(run(staircase({}, { step: { endpoint: undefined } }))).kind).toBe('no-metrics');
});

test('two steps without a limit are too few', () => {
  expect(verdict(run([step(1, 10), step(2, 20, { client: { tps: 20 } })])).sentence)
    .toBe('Too few steps for an answer: 2 of 2 count, 3 are needed.');
});

test('TPS that grows to the end: the limit was not reached', () => {
  const { kind, sentence } = verdict(run([1, 2, 3].map((count) => step(count, 10 * count, { client: { tps: 10 * count } }))));
  expect(kind).toBe('limit-not-reached');
  expect(sentence).toBe('The limit was not reached: TPS still grows at 30 users, so that the capacity is at least 30 TPS.');
});

test('a run that failed before a limit says why', () => {
  const { kind, sentence } = verdict(run([step(1, 10)], { status: 'ABORTED', reason: 'stopped by hand' }));
  expect(kind).toBe('failed');
  expect(sentence).toBe('The run ended before a limit was found: ABORTED, stopped by hand.');
});

test('a run without steps says why', () => {
  expect(verdict(run([], { status: 'FAILED', reason: 'no workers came' })).sentence).toBe('No step was measured: FAILED, no workers came.');
});

test('a full machine: the device is full', () => {
  const device = { agentCpuPercent: 150, machineCpuPercent: 190, memoryPercent: 40 };
  const steps = [10, 20, 20, 20].map((tps, index) => edgeStep(index + 1, index + 1, { tps, p50Ms: 100 * (index + 1) }, { device }));
  expect(verdict(edgeRun(steps)).sentence).toBe('The device is full: its CPU is at 95 % at 4 users, and it bears 20 TPS.');
});

describe('the evidence', () => {
  test('has the highest load, the use of the instance, the knee and the client', () => {
    expect(verdict(run(staircase({ cpuPercent: 390 }))).evidence).toEqual([
      'highest load: step 4, 40 users, 20 TPS, 0 % errors',
      'CPU 97.5 %, memory 30 %',
      'knee: 20 TPS at 20 users of an instance; latency grows after it',
      'client: the busiest worker at 20 % of a core, 1 ms late',
    ]);
  });

  test('has the errors with their messages', () => {
    expect(verdict(run(staircase({ cpuPercent: 390 }, failing('server', 'ServiceUnavailable')))).evidence)
      .toContain('100 × ServiceUnavailable: as the service said');
  });

  test('has the steps that do not count', () => {
    expect(verdict(run([...staircase({ cpuPercent: 390 }), step(5, 50, { endpoint: { cpuPercent: 390, instancesTo: 2 } })])).evidence)
      .toContain('step 5 does not count: scaling acted: 1 → 2 instances');
  });

  test('says that latency does not grow where requests are turned away', () => {
    expect(verdict(run(staircase({ cpuPercent: 100 }, { client: { p50Ms: 105 } }))).evidence)
      .toContain('knee: 20 TPS at 20 users of an instance; latency does not grow after it: requests are turned away or not sent');
  });
});
