import { parseAnyRun, parseEdgeRun, parseRun, parseStep } from '../../../../lambda/endpoint/report/parse-run';
import { edgeRun, edgeStep, run, step } from './runs';

const FULL = run(
  [
    step(1, 10, { endpoint: { gpuPercent: 50, gpuMemoryPercent: 20 } }),
    step(2, 20, {
      step: { repeats: 1, notes: ['two workers'], clientLimited: true },
      client: { failures: 2, errors: [{ kind: 'model', code: 'ModelError', status: 500, count: 2, message: 'out of memory' }] },
    }),
  ],
  { gpus: 1, scaling: { min: 1, max: 5, targetPerInstance: 600 }, limits: { targetTps: 100, p99Ms: 250, errorPercent: 1, maxUsers: 80 }, reason: 'met' },
);

/** The run as text, with what a path leads to replaced. */
function withValue(value: unknown, path: string, content: unknown): string {
  const root: unknown = JSON.parse(JSON.stringify(value));
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<unknown>((at, key) => Reflect.get(Object(at), key), root);
  Reflect.set(Object(parent), last, content);
  return JSON.stringify(root);
}

test('a run with all members comes back as it was written', () => {
  expect(parseRun(JSON.stringify(FULL), 'run.json')).toEqual(FULL);
});

test('a run without optional members comes back as it was written', () => {
  const { endedAt, ...running } = run([], { status: 'RUNNING' });
  expect(endedAt).toBeDefined();
  expect(parseRun(JSON.stringify(running), 'run.json')).toEqual(running);
});

test('run.json has no steps: they are objects of their own', () => {
  const { steps, ...rest } = run([]);
  expect(parseRun(JSON.stringify(rest), 'run.json').steps).toEqual(steps);
});

test('a step comes back as it was written', () => {
  expect(parseStep(JSON.stringify(FULL.steps[1]), 'steps/02.json')).toEqual(FULL.steps[1]);
});

test('a step of which CloudWatch had nothing has no figures of the endpoint', () => {
  const { endpoint, ...rest } = step(1, 10);
  expect(endpoint).toBeDefined();
  expect(parseStep(JSON.stringify(rest), 'steps/01.json').endpoint).toBeUndefined();
});

test('a run on a device comes back as it was written', () => {
  const written = edgeRun([edgeStep(1, 1), edgeStep(2, 2, {}, { device: undefined })]);
  expect(parseEdgeRun(JSON.stringify(written), 'edge.json')).toEqual(written);
  expect(parseAnyRun(JSON.stringify(written), 'edge.json').kind).toBe('edge');
});

test('a member that is not known is left out', () => {
  expect(parseRun(withValue(FULL, 'future', 1), 'run.json')).toEqual(FULL);
});

test.each([
  ['version', 2, 'run.json: wanted a run of version 1, got version 2'],
  ['kind', 'batch', 'property run.json: kind must be one of endpoint, edge, got "batch"'],
  ['status', 'DONE', 'property run.json: status must be one of RUNNING, SUCCEEDED, FAILED, ABORTED, TIMED_OUT, got "DONE"'],
  ['startedAt', 'yesterday', 'property run.json: startedAt must be a time in ISO 8601, got "yesterday"'],
  ['vcpus', 0, 'property run.json: vcpus must be a whole number of at least 1, got 0'],
  ['limits.errorPercent', '1', 'property run.json: limits.errorPercent must be a number of at least 0, got "1"'],
  ['plan.users', [1, -1], 'property run.json: plan.users must be a list of numbers of at least 0, got [1,-1]'],
  ['steps.1.clientLimited', 'false', 'property run.json: steps[1].clientLimited must be true or false, got "false"'],
  ['steps.0.client.tps', null, 'property run.json: steps[0].client.tps must be a number of at least 0, got null'],
  ['steps.1.client.errors.0.kind', 'odd', 'property run.json: steps[1].client.errors[0].kind must be one of throttled, model, '
    + 'server, refused, timeout, connection, got "odd"'],
  ['steps.0.endpoint.modelLatencyMs.p99', -1, 'property run.json: steps[0].endpoint.modelLatencyMs.p99 must be a number of at least 0, got -1'],
])('fails when %s is %p', (path, value, message) => {
  expect(() => parseRun(withValue(FULL, path, value), 'run.json')).toThrow(message);
});

test('fails when it is not JSON', () => {
  expect(() => parseRun('{', 'run.json')).toThrow('run.json must be JSON: ');
});

test('fails when it is no object', () => {
  expect(() => parseStep('[]', 'steps/01.json')).toThrow('steps/01.json must be an object, got []');
});

test('fails when a run on a device is given for one against an endpoint', () => {
  expect(() => parseRun(JSON.stringify(edgeRun([])), 'cloud.json')).toThrow('cloud.json must be a run against an endpoint, got one of the device gate-1');
});

test('fails when a run against an endpoint is given for one on a device', () => {
  expect(() => parseEdgeRun(JSON.stringify(run([])), 'edge.json'))
    .toThrow('edge.json must be a run on a device, got one against the endpoint recogniser');
});
