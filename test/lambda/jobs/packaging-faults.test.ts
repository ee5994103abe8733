import { JobHarness, denied, INVENTED } from './harness';
import { roleNotReady, ServiceFault, throttled } from './fake-service';
import { packaging } from './properties';
import { WAITS } from '../functions';

/** What the other tests inject into compilation jobs, as far as packaging jobs can meet it. Their records stay: no API deletes them. */
const A = packaging();
const B = packaging({ ModelVersion: '2.0' });

let harness: JobHarness;
beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation();
  harness = new JobHarness();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const names = () => [...harness.service.packagings.keys()];
const status = (name: string): string | undefined => {
  const job = harness.service.packagings.get(name);
  return job && harness.service.status(job);
};

test('a retried onEvent finds the job of the first, and starts no other', async () => {
  const first = await harness.start(harness.event('Create', A));
  const second = await harness.start(harness.event('Create', A));
  expect(second.PhysicalResourceId).toBe(first.PhysicalResourceId);
  expect(harness.service.count('createEdgePackagingJob')).toBe(1);
});

test('throttling for a minute is waited out, without blocking onEvent', async () => {
  const until = harness.clock.now + 60_000;
  harness.service.faults.push(
    { operation: 'createEdgePackagingJob', error: throttled, until }, { operation: 'describeEdgePackagingJob', error: throttled, until },
  );
  const waiting = await harness.start(harness.event('Create', A));
  expect(harness.service.calls).toHaveLength(1);
  await harness.settle(waiting);
  expect(names()).toEqual([waiting.PhysicalResourceId]);
});

test('a role that SageMaker cannot assume yet is tried again', async () => {
  harness.service.faults.push({ operation: 'createEdgePackagingJob', error: roleNotReady, until: harness.clock.now + 90_000 });
  await harness.create(A);
  expect(names()).toHaveLength(1);
});

test('a job that is FAILED fails the create with the reason and the name', async () => {
  harness.service.plan = () => ({ runs: 5_000, ends: 'FAILED', reason: 'no such model' });
  await expect(harness.create(A)).rejects.toThrow(/^edge packaging job Demo-\S+ is FAILED: no such model$/);
});

test('a job that somebody stopped is a failure', async () => {
  harness.service.plan = () => ({ runs: 5_000, ends: 'STOPPED' });
  await expect(harness.create(A)).rejects.toThrow('is STOPPED');
});

test('a state that nobody knows fails at once, and the job is asked to stop', async () => {
  harness.service.plan = () => ({ runs: 5_000, ends: 'PAUSED' });
  await expect(harness.create(A)).rejects.toThrow("is in the state 'PAUSED', which this library does not know");
  expect(names().map(status)).toEqual(['STOPPING']);
});

test.each([
  ['while it starts', 1_000], ['while it runs', 20_000],
])('a job is stopped and waited for when it is deleted %s', async (_, age) => {
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  harness.clock.now += age;
  await harness.run(harness.delete(id, A));
  expect(status(id)).toBe('STOPPED');
  expect(harness.service.count('stopEdgePackagingJob')).toBe(1);
});

test.each([
  ['ResourceNotFound', 'Could not find job'],
  ['ResourceNotFoundException', 'gone'],
  ['ValidationException', 'No edge packaging job with name x'],
])('"not found" is success: %s, %s', async (name, message) => {
  const { id } = await harness.create(A);
  harness.service.faults.push({ operation: 'describeEdgePackagingJob', error: () => new ServiceFault(name, message), times: Infinity });
  await expect(harness.run(harness.delete(id, A))).resolves.toMatchObject({ id });
});

test('a record that goes before it is asked to stop is success', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  harness.service.faults.push({ operation: 'stopEdgePackagingJob', error: () => {
    harness.service.packagings.clear();
    return new ServiceFault('ResourceNotFound', 'gone');
  } });
  await expect(harness.run(harness.delete(id, A))).resolves.toMatchObject({ id });
});

test.each(['describeEdgePackagingJob', 'stopEdgePackagingJob'] as const)('any other error of %s is not swallowed', async (operation) => {
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  harness.service.faults.push({ operation, error: denied(`sagemaker:${operation}`) });
  await expect(harness.run(harness.delete(id, A))).rejects.toThrow(`not authorized to perform: sagemaker:${operation}`);
});

test('the same inputs with another runtime are the same job, and start nothing', async () => {
  const { id } = await harness.create(A);
  expect((await harness.run(harness.update(id, A, packaging({ MaxRuntimeInSeconds: '60' })))).id).toBe(id);
  expect(harness.service.count('createEdgePackagingJob')).toBe(1);
});

test('an update that fails goes back to the old job, and starts nothing for it', async () => {
  const { id } = await harness.create(A);
  harness.service.plan = () => ({ runs: 5_000, ends: 'FAILED' });
  await expect(harness.run(harness.update(id, A, B))).rejects.toThrow('is FAILED');

  expect(await harness.run(harness.update(id, B, A))).toMatchObject({ id, data: { JobName: id } });
  expect(harness.service.count('createEdgePackagingJob')).toBe(2);
});

test('the rollback of an update that CloudFormation cancelled stops its job', async () => {
  const { id } = await harness.create(A);
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: cancelled } = await harness.start(harness.update(id, A, B)); // never answered
  harness.clock.now += 30_000;

  expect((await harness.run(harness.update(id, B, A))).id).toBe(id);
  expect(status(cancelled)).toBe('STOPPED');
});

test('with an invented id the Delete outlasts an onEvent that is still on its way to the start call', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const waiting = await harness.start(harness.delete(INVENTED, A));
  expect(await harness.poll(waiting)).toEqual(WAITS);
  await harness.start(harness.event('Create', A));
  await harness.settle(waiting);
  expect(harness.service.running()).toEqual([]);
});

test('the Delete of a job leaves the other job of the stack alone', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  const { PhysicalResourceId: other } = await harness.start(harness.event('Create', A, { LogicalResourceId: 'Other' }));
  await harness.run(harness.delete(id, A));
  expect(harness.service.running()).toEqual([other]);
});

test('of a half-made stack nothing runs: a job that never started, one that runs, one that failed', async () => {
  const event = (logicalId: string, type: 'Create' | 'Delete', id?: string) => harness.event(type, A, {
    LogicalResourceId: logicalId,
    ...(id === undefined ? {} : { PhysicalResourceId: id }),
  });
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: running } = await harness.start(event('Running', 'Create'));
  harness.service.plan = () => ({ runs: 0, ends: 'FAILED' });
  const { PhysicalResourceId: failed } = await harness.start(event('Failed', 'Create'));
  harness.clock.now += 10_000;
  for (const [logicalId, id] of [['Never', INVENTED], ['Running', running], ['Failed', failed]] as const) {
    await harness.run(event(logicalId, 'Delete', id));
  }
  expect(harness.service.running()).toEqual([]);
});
