import { JobHarness, denied, TICK } from './harness';
import { responseLost, roleNotReady, ServiceFault, throttled } from './fake-service';
import { compilation } from './properties';

let harness: JobHarness;
beforeEach(() => {
  harness = new JobHarness();
  jest.spyOn(console, 'log').mockImplementation();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const create = () => harness.create(compilation());

test('a job that is FAILED fails the create with the reason, the name and the log stream', async () => {
  harness.service.plan = () => ({ runs: 10_000, ends: 'FAILED', reason: 'ClientError: InputConfiguration: no such input' });
  const waiting = await harness.start(harness.event('Create', compilation()));
  const name = waiting.PhysicalResourceId;
  await expect(harness.settle(waiting)).rejects.toThrow(
    `compilation job ${name} is FAILED: ClientError: InputConfiguration: no such input `
    + `(log group /aws/sagemaker/CompilationJobs, stream ${name})`);
});

test('a job that somebody stopped is a failure', async () => {
  harness.service.plan = () => ({ runs: 10_000, ends: 'STOPPED' });
  await expect(create()).rejects.toThrow(/is STOPPED: the service gives no reason \(log group/);
});

test.each([
  'FAILED', 'STOPPED',
])('the record of a job that is %s is deleted before the failure is told: no Delete would come', async (ends) => {
  harness.service.plan = () => ({ runs: 10_000, ends });
  await expect(create()).rejects.toThrow(ends);
  expect(harness.service.compilations.size).toBe(0);
});

test('a deletion that is throttled is tried again before the failure is told', async () => {
  harness.service.plan = () => ({ runs: 10_000, ends: 'FAILED' });
  harness.service.faults.push({ operation: 'deleteCompilationJob', error: throttled, times: 2 });
  await expect(create()).rejects.toThrow('is FAILED');
  expect(harness.service.compilations.size).toBe(0);
});

test('a state that nobody knows fails at once, and the job is asked to stop', async () => {
  harness.service.plan = () => ({ runs: 5_000, ends: 'HIBERNATING' });
  await expect(create()).rejects.toThrow(/is in the state 'HIBERNATING', which this library does not know/);
  expect(harness.service.count('stopCompilationJob')).toBe(1);
});

test('a job that never ends is stopped at its deadline, its record deleted, and the message says so', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const seconds = await harness.seconds(() => expect(create()).rejects.toThrow(/was stopped: it did not end within its 900 seconds/));
  expect(seconds).toBeGreaterThan(900);
  expect(seconds).toBeLessThan(900 + 480 + 60);
  expect(harness.service.compilations.size).toBe(0);
});

test('the message for a job that will not even stop is our own, before the limit of all polls', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  harness.service.faults.push({ operation: 'stopCompilationJob', error: throttled, times: Infinity });
  const seconds = await harness.seconds(() => expect(create()).rejects.toThrow(/gave up after 57 minutes .* stream Demo-/));
  expect(seconds).toBeLessThan(3600);
});

test('throttling for a minute is waited out, without blocking onEvent', async () => {
  const until = harness.clock.now + 60_000;
  harness.service.faults.push(
    { operation: 'createCompilationJob', error: throttled, until },
    { operation: 'describeCompilationJob', error: throttled, until },
  );
  const waiting = await harness.start(harness.event('Create', compilation()));
  expect(harness.service.calls).toHaveLength(1);
  await harness.settle(waiting);
  expect(harness.service.compilations.size).toBe(1);
});

test('throttling of the polls while the job runs is waited out', async () => {
  const waiting = await harness.start(harness.event('Create', compilation()));
  harness.service.faults.push({ operation: 'describeCompilationJob', error: throttled, until: harness.clock.now + 60_000 });
  await expect(harness.settle(waiting)).resolves.toMatchObject({ IsComplete: true });
});

test('throttling that does not end fails the create after 8 minutes, with the service\'s words', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: throttled, times: Infinity });
  const seconds = await harness.seconds(() => expect(create()).rejects.toThrow('ThrottlingException: Rate exceeded'));
  expect(seconds).toBeGreaterThanOrEqual(480);
});

test('a quota of concurrent jobs that is full is waited for', async () => {
  harness.service.faults.push({
    operation: 'createCompilationJob',
    error: () => new ServiceFault('ResourceLimitExceeded', 'too many'),
    until: harness.clock.now + 200_000,
  });
  await create();
  expect(harness.service.compilations.size).toBe(1);
});

test('a role that SageMaker cannot assume yet is tried again', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: roleNotReady, until: harness.clock.now + 90_000 });
  await create();
  expect(harness.service.compilations.size).toBe(1);
});

test('a role that SageMaker can never assume fails the create after about two minutes', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: roleNotReady, times: Infinity });
  const seconds = await harness.seconds(() => expect(create()).rejects.toThrow('Could not assume role'));
  expect(seconds).toBeLessThan(140);
});

test('a value that the service does not take fails at once', async () => {
  harness.service.faults.push({
    operation: 'createCompilationJob',
    error: () => new ServiceFault('ValidationException', "Value 'x' at 'roleArn' failed to satisfy constraint: role ARN is not valid"),
  });
  expect(await harness.seconds(() => expect(create()).rejects.toThrow('failed to satisfy constraint'))).toBe(0);
});

test('a missing right fails the create within seconds, and the message names the action', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: denied('sagemaker:CreateCompilationJob'), times: Infinity });
  const seconds = await harness.seconds(
    () => expect(create()).rejects.toThrow('not authorized to perform: sagemaker:CreateCompilationJob'),
  );
  expect(seconds).toBeLessThan(16);
});

test('a right that IAM shows some seconds late is waited for', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: denied('iam:PassRole'), until: harness.clock.now + 4_000 });
  await create();
  expect(harness.service.compilations.size).toBe(1);
});

test('a right that goes missing while the job runs fails the create with the job\'s name', async () => {
  const waiting = await harness.start(harness.event('Create', compilation()));
  harness.service.faults.push({ operation: 'describeCompilationJob', error: denied('sagemaker:DescribeCompilationJob'), times: Infinity });
  await expect(harness.settle(waiting)).rejects.toThrow(`compilation job ${waiting.PhysicalResourceId}: AccessDeniedException`);
});

test('a record that vanishes while its job is waited for is not started again', async () => {
  const waiting = await harness.start(harness.event('Create', compilation()));
  harness.service.compilations.clear();
  await expect(harness.settle(waiting)).rejects.toThrow('is gone');
  expect(harness.service.count('createCompilationJob')).toBe(1);
});

test('a start that was put off is not made once CloudFormation has gone on', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: throttled });
  const waiting = await harness.start(harness.event('Create', compilation()));
  harness.phase = 'DELETE_IN_PROGRESS 2027-01-15T08:00:07.000Z';
  harness.clock.now += TICK;
  await expect(harness.poll(waiting)).rejects.toThrow('CloudFormation has gone on without it');
  expect(harness.service.compilations.size).toBe(0);
});

test('a start is not put off when CloudFormation has gone on already', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: throttled });
  harness.phase = 'DELETE_IN_PROGRESS 2027-01-15T08:00:07.000Z';
  const waiting = await harness.start(harness.event('Create', compilation()));
  await expect(harness.poll(waiting)).rejects.toThrow('CloudFormation has gone on without it');
});

test('when CloudFormation cannot be asked, the start is not put off, and the message has both reasons', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: throttled });
  harness.phaseError = denied('cloudformation:DescribeStackResource')();
  const waiting = await harness.start(harness.event('Create', compilation()));
  await expect(harness.poll(waiting))
    .rejects.toThrow(/Rate exceeded; and the stack could not be read: .*cloudformation:DescribeStackResource/);
});

test('when the start is given up though its response was lost, the job that it may have started is stopped and deleted first', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  harness.service.faults.push({ operation: 'createCompilationJob', error: responseLost, after: true });
  harness.phaseError = throttled();
  await expect(create()).rejects.toThrow('could not be started: Error: socket hang up');
  expect(harness.service.compilations.size).toBe(0);
  expect(harness.service.count('stopCompilationJob')).toBe(1);
});

test('CloudFormation is not asked where nothing is put off', async () => {
  await create();
  expect(harness.phaseReads).toBe(0);
});

test('a job that failed after a late start is not taken for an old one', async () => {
  harness.service.plan = () => ({ runs: 10_000, ends: 'FAILED' });
  harness.service.faults.push({ operation: 'createCompilationJob', error: responseLost });
  await expect(create()).rejects.toThrow('is FAILED');
  expect(harness.service.count('createCompilationJob')).toBe(2); // the one that failed to arrive, and the one that ran
});
