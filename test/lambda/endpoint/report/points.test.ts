import { errorPercent, loadPoints, percentOfKind, utilizationOf, utilizationOfDevice } from '../../../../lambda/endpoint/report/points';
import { edgeRun, edgeStep, run, step } from './runs';

test('a step of three instances is divided by three', () => {
  const { points } = loadPoints(run([step(1, 30, { client: { tps: 90 }, endpoint: { instancesFrom: 3, instancesTo: 3 } })]));
  expect(points).toMatchObject([{ step: 1, users: 10, tps: 30, instances: 3 }]);
});

test('points are sorted by the users of one instance', () => {
  const { points } = loadPoints(run([step(1, 10), step(2, 20, { endpoint: { instancesFrom: 4, instancesTo: 4 } }), step(3, 40)]));
  expect(points.map(({ users }) => users)).toEqual([5, 10, 40]);
});

test.each([
  ['a client-limited step', { step: { clientLimited: true } }, 'client-limited'],
  ['a step in which scaling acted', { endpoint: { instancesFrom: 1, instancesTo: 2 } }, 'scaling acted: 1 → 2 instances'],
  ['a step of which no request ended', { client: { requests: 0, tps: 0 } }, 'no request ended'],
  ['a step without instances', { endpoint: { instancesFrom: 0, instancesTo: 0 } }, 'number of instances unknown'],
])('%s does not count', (_, changes, reason) => {
  expect(loadPoints(run([step(1, 10, changes)]))).toEqual({ points: [], excluded: [{ step: 1, reason }] });
});

test('a step that was repeated does not count, and the one that repeats it does', () => {
  const { points, excluded } = loadPoints(run([step(1, 10), step(2, 10, { step: { repeats: 1 } })]));
  expect(points.map((point) => point.step)).toEqual([2]);
  expect(excluded).toEqual([{ step: 1, reason: 'repeated with more workers' }]);
});

test('without figures of CloudWatch a variant that does not scale has the instances of its start', () => {
  const { points } = loadPoints(run([step(1, 10, { step: { endpoint: undefined } })], { instances: 2 }));
  expect(points).toMatchObject([{ users: 5, instances: 2, utilization: {} }]);
});

test('without figures of CloudWatch a step of a variant that scales does not count', () => {
  const { excluded } = loadPoints(run([step(1, 10, { step: { endpoint: undefined } })], { scaling: { min: 1, max: 4 } }));
  expect(excluded).toEqual([{ step: 1, reason: 'number of instances unknown' }]);
});

test('a device is one instance', () => {
  expect(loadPoints(edgeRun([edgeStep(1, 2, { tps: 40 })])).points).toMatchObject([{ users: 2, tps: 40, instances: 1 }]);
});

test('CPUUtilization sums over cores: 3,840 of 48 vCPU is 80 %', () => {
  expect(utilizationOf(step(1, 1, { endpoint: { cpuPercent: 3840 } }), { vcpus: 48 }).cpu).toBeCloseTo(0.8);
});

test('GPUUtilization sums over GPUs: 300 of 4 is 75 %', () => {
  const { gpu, gpuMemory } = utilizationOf(step(1, 1, { endpoint: { gpuPercent: 300, gpuMemoryPercent: 200 } }), { vcpus: 4, gpus: 4 });
  expect([gpu, gpuMemory]).toEqual([0.75, 0.5]);
});

test('the CPU of a machine of 4 cores at 300 % is at 75 %', () => {
  const device = { agentCpuPercent: 250, machineCpuPercent: 300, memoryPercent: 50 };
  expect(utilizationOfDevice({ ...edgeStep(1, 1), device }, 4)).toEqual({ cpu: 0.75, memory: 0.5 });
});

test('errors are percent of all requests', () => {
  expect(errorPercent(step(1, 1, { client: { requests: 200, failures: 3 } }))).toBe(1.5);
});

test('a step without requests has no errors', () => {
  expect(errorPercent(step(1, 1, { client: { requests: 0, failures: 0 } }))).toBe(0);
});

test('errors of one kind are percent of all requests', () => {
  const errors = [
    { kind: 'throttled', code: 'ThrottlingException', count: 10, message: '' }, { kind: 'model', code: 'ModelError', count: 5, message: '' },
    { kind: 'throttled', code: 'ModelNotReadyException', count: 10, message: '' },
  ] as const;
  expect(percentOfKind(step(1, 1, { client: { requests: 200, failures: 25, errors } }), 'throttled')).toBe(10);
});
