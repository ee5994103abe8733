import { EXECUTION, SETTINGS, World } from './fixture';

const OTHER = 'arn:aws:states:eu-west-1:111122223333:execution:LoadTest:other';

beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
});

describe('a second run', () => {
  function withOther(status: string | undefined): World {
    const world = new World();
    world.bucket.objects.set('results/lock.json', JSON.stringify({ executionArn: OTHER, runId: 'other' }));
    if (status !== undefined) {
      world.executions.set(OTHER, status);
    }
    return world;
  }

  test('fails while one runs, names it, and leaves it alone', async () => {
    const world = withOther('RUNNING');
    await world.cluster.calls().runTask({ taskDefinition: 'worker:1' });
    const { passed, reason } = await world.execute();
    expect({ passed, reason }).toEqual({
      passed: false, reason: `the run other is going on (${OTHER}): one run at a time. Wait until it has ended, or stop it`,
    });
    expect(world.cluster.running()).toHaveLength(1);
    expect(world.bucket.text('results/lock.json')).toContain(OTHER);
  });

  test.each(['ABORTED', 'TIMED_OUT', 'FAILED', undefined])('takes the place of one whose execution is %s', async (status) => {
    await expect(withOther(status).execute()).resolves.toMatchObject({ passed: true });
  });

  test('stops the tasks that the one before left', async () => {
    const world = withOther('ABORTED');
    await world.cluster.calls().runTask({ taskDefinition: 'worker:1' });
    await world.act('start');
    expect(world.cluster.running().map(({ taskDefinitionArn }) => taskDefinitionArn)).toEqual(['master:1']);
  });
});

describe('an execution that is stopped by hand', () => {
  test.each([
    ['ABORTED', 'the execution was stopped'],
    ['TIMED_OUT', 'the execution took longer than its timeout'],
    ['FAILED', 'the execution ended with FAILED'],
  ])('with status %s has its tasks stopped and a report of what there is', async (status, reason) => {
    const world = new World();
    await world.act('start');
    await world.act('abort', { status });
    expect(world.cluster.running()).toEqual([]);
    expect(world.run()).toMatchObject({ status, reason });
    expect(world.bucket.objects.has('results/runs/run-1/report.html')).toBe(true);
    expect(world.bucket.objects.has('results/lock.json')).toBe(false);
  });

  test('has nothing done to it where it had ended in order', async () => {
    const world = new World();
    await world.execute();
    const before = world.bucket.text('results/runs/run-1/run.json');
    await expect(world.act('abort', { status: 'FAILED' })).resolves.toEqual({ runId: 'run-1', stopped: 0 });
    expect(world.bucket.text('results/runs/run-1/run.json')).toBe(before);
    expect(world.events).toHaveLength(1);
  });

  test('is refused with a status that there is not', async () => {
    const wanted = 'property status must be one of RUNNING, SUCCEEDED, FAILED, ABORTED, TIMED_OUT, got "GONE"';
    await expect(new World().act('abort', { status: 'GONE' })).rejects.toThrow(wanted);
  });
});

test('a run that ended before it began tells of it in the form of every event', async () => {
  const world = new World({ ...SETTINGS, variantName: 'blue' });
  await world.act('report', { state: { failure: { Error: 'Lambda.TooManyRequestsException', Cause: 'Rate exceeded' } } });
  expect(world.events.map(({ Detail: detail = '' }) => JSON.parse(detail) as unknown)).toEqual([{
    version: 1, runId: 'run-1', endpointName: 'demo', variantName: 'blue', status: 'FAILED', passed: false, outcome: 'inconclusive',
    verdict: 'failed', summary: 'Rate exceeded',
  }]);
});

test('an error of Step Functions itself is told in its words', async () => {
  const world = new World();
  await world.act('start');
  await expect(world.act('report', { state: { failure: { Error: 'Lambda.TooManyRequestsException', Cause: 'Rate exceeded' } } })).resolves.toMatchObject({
    passed: false, reason: 'Rate exceeded',
  });
});

test('a run whose folder was deleted says so', async () => {
  const world = new World();
  await world.act('start');
  world.bucket.objects.clear();
  await expect(world.act('poll')).rejects.toThrow('the run run-1 has no state in the results bucket: was its folder deleted?');
});

test('a lock that is none is told', async () => {
  const world = new World();
  world.bucket.objects.set('results/lock.json', '{}');
  await expect(world.act('start')).rejects.toThrow('lock.json of the results bucket is no lock of a load test');
});

test('an event that EventBridge refuses fails the report', async () => {
  const world = new World();
  await world.act('start');
  const dependencies = world.dependencies();
  jest.spyOn(world, 'dependencies').mockReturnValue({
    ...dependencies,
    events: { putEvents: () => Promise.resolve({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'no' }] }) },
  });
  await expect(world.act('report')).rejects.toThrow('EventBridge refused the event with the verdict: InternalFailure no');
});

test('a place to run that is another\'s is not given free', async () => {
  const world = new World();
  await world.act('start');
  await world.act('report', { runId: 'other', executionArn: OTHER });
  expect(world.bucket.text('results/lock.json')).toContain(EXECUTION);
});
