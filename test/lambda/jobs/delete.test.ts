import { JobHarness, denied, INVENTED } from './harness';
import { ServiceFault, throttled } from './fake-service';
import { compilation, model } from './properties';
import { WAITS } from '../functions';

const A = compilation(model('a'));

let harness: JobHarness;
beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation();
  harness = new JobHarness();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const records = () => [...harness.service.compilations.keys()];

test('the record of a completed job is deleted at once', async () => {
  const { id } = await harness.create(A);
  expect(await harness.seconds(() => harness.run(harness.delete(id, A)))).toBe(0);
  expect(records()).toEqual([]);
  expect(harness.service.count('stopCompilationJob')).toBe(0);
});

test.each([
  ['while it starts', 1_000], ['while it runs', 20_000],
])('a job is stopped, waited for, and its record deleted: %s', async (_, age) => {
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  harness.clock.now += age;
  await harness.run(harness.delete(id, A));
  expect(records()).toEqual([]);
  expect(harness.service.count('stopCompilationJob')).toBe(1);
});

test('a job that ends while it is asked to stop is no error', async () => {
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  const job = harness.service.compilations.get(id);
  expect(job).toBeDefined();
  harness.service.faults.push({
    operation: 'stopCompilationJob',
    error: () => {
      harness.clock.now += 40_000; // the job's end
      return new ServiceFault('ValidationException', 'The request was rejected because the job is in status COMPLETED.');
    },
  });
  await harness.run(harness.delete(id, A));
  expect(records()).toEqual([]);
});

test('a stop that is refused while the job runs is not swallowed', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  harness.service.faults.push({ operation: 'stopCompilationJob', error: () => new ServiceFault('ValidationException', 'no'), times: 9 });
  await expect(harness.run(harness.delete(id, A))).rejects.toThrow('ValidationException: no');
});

test.each([
  ['ResourceNotFound', 'Could not find job'],
  ['ResourceNotFoundException', 'gone'],
  ['ValidationException', 'Could not find requested job with name: x'],
  ['ValidationException', 'Requested resource not found.'],
  ['ValidationException', 'No compilation job with name x'],
])('"not found" is success: %s, %s', async (name, message) => {
  const { id } = await harness.create(A);
  harness.service.faults.push({ operation: 'describeCompilationJob', error: () => new ServiceFault(name, message), times: Infinity });
  await expect(harness.run(harness.delete(id, A))).resolves.toMatchObject({ id });
});

test.each([
  'stopCompilationJob', 'deleteCompilationJob',
] as const)('a record that goes between two calls is success (%s)', async (operation) => {
  harness.service.plan = () => ({ runs: operation === 'stopCompilationJob' ? Infinity : 1 });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  harness.clock.now += 10_000;
  const error = () => {
    harness.service.compilations.clear();
    return new ServiceFault('ResourceNotFound', 'gone');
  };
  harness.service.faults.push({ operation, error });
  await expect(harness.run(harness.delete(id, A))).resolves.toMatchObject({ id });
});

test.each(['describeCompilationJob', 'deleteCompilationJob'] as const)('any other error of %s is not swallowed', async (operation) => {
  const { id } = await harness.create(A);
  harness.service.faults.push({ operation, error: denied(`sagemaker:${operation}`) });
  await expect(harness.run(harness.delete(id, A))).rejects.toThrow(`not authorized to perform: sagemaker:${operation}`);
});

test('throttling is waited out', async () => {
  const { id } = await harness.create(A);
  const until = harness.clock.now + 60_000;
  harness.service.faults.push(
    { operation: 'describeCompilationJob', error: throttled, until },
    { operation: 'deleteCompilationJob', error: throttled, until: until + 30_000 },
  );
  await harness.run(harness.delete(id, A));
  expect(records()).toEqual([]);
});

test('a job in a state that nobody knows is asked to stop, and the Delete fails with that state', async () => {
  harness.service.plan = () => ({ runs: 1_000, ends: 'HIBERNATING' });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  harness.clock.now += 10_000;
  await expect(harness.run(harness.delete(id, A))).rejects.toThrow("is in the state 'HIBERNATING'");
  expect(harness.service.count('stopCompilationJob')).toBe(1);
});

test('an id that CloudFormation invented is not used: the name comes from the properties', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  await harness.start(harness.event('Create', A)); // superseded: it never answered
  harness.clock.now += 20_000;
  const deleted = await harness.run(harness.delete(INVENTED, A));
  expect(deleted.id).toBe(INVENTED);
  expect(records()).toEqual([]);
});

test('with an invented id the Delete outlasts an onEvent that is still on its way to the start call', async () => {
  const waiting = await harness.start(harness.delete(INVENTED, A));
  expect(await harness.poll(waiting)).toEqual(WAITS);
  harness.clock.now += 20_000;
  await harness.start(harness.event('Create', A));
  await harness.settle(waiting);
  expect(records()).toEqual([]);
  expect(harness.service.running()).toEqual([]);
});

test('the job of another resource or another stack is not ours', async () => {
  const { id } = await harness.create(A);
  const other = harness.event('Delete', A, { PhysicalResourceId: id, LogicalResourceId: 'Other' });
  await harness.run(other);
  expect(records()).toEqual([id]);
});

test('the Delete of a job leaves the other job of the stack alone', async () => {
  const first = await harness.create(A);
  const second = await harness.run(harness.event('Create', A, { LogicalResourceId: 'Second' }));
  expect(second.id).not.toBe(first.id);
  await harness.run(harness.delete(first.id, A));
  expect(records()).toEqual([second.id]);
});

test('of a half-made stack nothing is left: a job that never started, one that runs, one that failed', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const running = await harness.start(harness.event('Create', A));
  harness.service.plan = () => ({ runs: 0, ends: 'FAILED' });
  const failed = await harness.start(harness.event('Create', A, { LogicalResourceId: 'Failed' })); // nobody polled it
  harness.clock.now += 10_000;
  const deletes = [
    harness.delete(running.PhysicalResourceId, A),
    harness.event('Delete', A, { PhysicalResourceId: failed.PhysicalResourceId, LogicalResourceId: 'Failed' }),
    harness.event('Delete', compilation(model('b')), { PhysicalResourceId: 'Demo-Never-1A2B3C4D5E6F', LogicalResourceId: 'Never' }),
  ];
  for (const event of deletes) {
    await harness.run(event);
  }
  expect(records()).toEqual([]);
});

test('a job that will not stop fails the Delete with a message of our own, before the limit of all polls', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', A));
  harness.service.faults.push({ operation: 'stopCompilationJob', error: throttled, times: Infinity });
  const seconds = await harness.seconds(() => expect(harness.run(harness.delete(id, A))).rejects.toThrow(/gave up after 57 minutes/));
  expect(seconds).toBeLessThan(3600);
});
