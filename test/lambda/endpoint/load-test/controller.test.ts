import { Controller } from '../../../../lambda/endpoint/load-test/controller';
import { clientFigures, finished, SETTINGS, World } from './fixture';

beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
});

const FOLDER = 'results/runs/run-1';

describe('a run', () => {
  test('goes up the staircase to its ceiling, and succeeds', async () => {
    const world = new World();
    await expect(world.execute()).resolves.toEqual({
      runId: 'run-1', passed: true, status: 'SUCCEEDED', reason: 'the ceiling of 4 users is reached', report: 's3://results/runs/run-1/report.html',
    });
    expect(world.steps().map(({ step, users, client }) => [step, users, client.tps])).toEqual([[1, 1, 10], [2, 2, 20], [3, 4, 40]]);
  });

  test('writes what was asked, the endpoint and its instances', async () => {
    const world = new World();
    await world.execute();
    expect(world.run()).toMatchObject({
      kind: 'endpoint', runId: 'run-1', endpointName: 'demo', variantName: 'AllTraffic', instanceType: 'ml.m5.xlarge', vcpus: 4, instances: 1,
      payloads: { count: 1, bytes: 2 }, limits: { errorPercent: 1, maxUsers: 4 },
      plan: { users: [1, 2, 4], settleSeconds: 30, holdSeconds: 120 },
      status: 'SUCCEEDED', startedAt: '2026-11-27T10:00:00.000Z', steps: [],
    });
  });

  test('stops all tasks, gives its place free and tells of the end', async () => {
    const world = new World();
    await world.execute();
    expect(world.cluster.running()).toEqual([]);
    expect(world.control().stop).toBe(true);
    expect(world.bucket.objects.has('results/lock.json')).toBe(false);
    expect(world.events).toEqual([{
      Source: 'cdk-sagemaker-edge', DetailType: 'Load Test Finished', Detail: JSON.stringify(finished({ runId: 'run-1', status: 'SUCCEEDED' })),
    }]);
    expect(world.bucket.text(`${FOLDER}/report.html`)).toBe('<html>');
  });

  test('has its steps in the report', async () => {
    const world = new World();
    await world.execute();
    expect(JSON.parse(world.bucket.text(`${FOLDER}/report.json`))).toMatchObject({ steps: [{ step: 1 }, { step: 2 }, { step: 3 }] });
  });

  test('starts a master and a worker with the cluster\'s network, and tells the worker where the master is', async () => {
    const world = new World();
    await world.execute();
    const [master, worker] = world.cluster.requests;
    expect(master).toMatchObject({
      cluster: 'cluster', taskDefinition: 'master:1', count: 1, launchType: 'FARGATE', overrides: {
        containerOverrides: [{ name: 'locust', environment: [{ name: 'RUN_ID', value: 'run-1' }, { name: 'LOCUST_EXPECT_WORKERS', value: '1' }] }],
      },
    });
    expect(worker).toMatchObject({
      taskDefinition: 'worker:1', networkConfiguration: {
        awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-worker'], assignPublicIp: 'ENABLED' },
      },
      overrides: { containerOverrides: [{ environment: [{ name: 'RUN_ID' }, { name: 'LOCUST_MASTER_HOST', value: '10.0.0.7' }] }] },
    });
    expect(worker?.clientToken).not.toBe(master?.clientToken);
  });

  test('is one start where the start is repeated', async () => {
    const world = new World();
    await world.act('start');
    await expect(world.act('start')).resolves.toMatchObject({ next: 'poll' });
    expect(world.cluster.requests).toHaveLength(1);
  });

  test('renews the master\'s lease with each action', async () => {
    const world = new World();
    await world.act('start');
    const first = world.control().leaseUntil;
    world.now += 10_000;
    await world.act('poll');
    expect(Date.parse(world.control().leaseUntil) - Date.parse(first)).toBe(10_000);
    expect(Date.parse(first)).toBeGreaterThan(world.now);
  });

  test('takes the plan and limits of the execution\'s input', async () => {
    const world = new World();
    await expect(world.execute({ users: [3], targetTps: 25 })).resolves.toMatchObject({ passed: true });
    expect(world.run()).toMatchObject({ plan: { users: [3] }, limits: { targetTps: 25, maxUsers: 3 } });
  });
});

describe('the end of the staircase', () => {
  test('is the step that meets the target', async () => {
    const world = new World({ ...SETTINGS, targetTps: 20 });
    expect((await world.execute()).reason).toBe('2 users reached 20 requests a second: the target of 20 is met');
    expect(world.steps()).toHaveLength(2);
  });

  test('says that the first step met the target already', async () => {
    const world = new World({ ...SETTINGS, targetTps: 5 });
    expect((await world.execute()).reason).toMatch(/target of 5 is met, by the first step already: how much more/);
  });

  test('comes where too many requests fail', async () => {
    const world = new World();
    world.step = ({ users }) => ({ client: clientFigures({ failures: users === 2 ? 11 : 10 }) });
    expect((await world.execute()).reason).toBe('1.1 % of the requests failed at 2 users, more than 1 %');
  });

  test('comes where requests take too long', async () => {
    const world = new World({ ...SETTINGS, p99Ms: 50 });
    world.step = ({ users }) => ({ client: clientFigures({ p99Ms: users * 30 }) });
    expect((await world.execute()).reason).toBe('the 99th percentile was 60 ms at 2 users, more than 50 ms');
  });

  test('a target that is reached with too many errors is not met', async () => {
    const world = new World({ ...SETTINGS, targetTps: 5 });
    world.step = () => ({ client: clientFigures({ tps: 10, failures: 100 }) });
    expect((await world.execute()).reason).toMatch(/10 % of the requests failed/);
  });
});

describe('workers that are exhausted', () => {
  const busy = clientFigures({ workerCpuPercent: 97 });

  test('get help, and the step is repeated', async () => {
    const world = new World({ ...SETTINGS, users: [8] });
    world.step = ({ workers }) => ({ client: workers < 2 ? busy : clientFigures() });
    await expect(world.execute()).resolves.toMatchObject({ passed: true });
    const [first, second] = world.steps();
    expect(first).toMatchObject({ step: 1, workers: 1, clientLimited: true, notes: ['repeated with 2 workers: a worker used 97 % of its core'] });
    expect(second).toMatchObject({ step: 2, repeats: 1, users: 8, workers: 2, clientLimited: false });
  });

  test('are as many as maxWorkers allows at most, and then the client is the limit', async () => {
    const world = new World({ ...SETTINGS, users: [8, 16] });
    world.step = () => ({ client: busy });
    expect((await world.execute()).reason).toBe(
      'the client is the limit at 8 users, not the endpoint: a worker used 97 % of its core, and 4 workers are the most that maxWorkers allows',
    );
    expect(world.steps().map(({ workers, repeats, clientLimited }) => [workers, repeats, clientLimited])).toEqual([
      [1, undefined, true], [2, 1, true], [4, 1, true],
    ]);
  });

  test('are not more than the users', async () => {
    const world = new World({ ...SETTINGS, users: [1] });
    world.step = () => ({ client: clientFigures({ workerLagMs: 300 }) });
    expect((await world.execute()).reason).toMatch(/a worker's event loop was 300 ms late, and 1 workers are one for each user/);
  });

  test('that die are replaced, and the step is repeated', async () => {
    const world = new World({ ...SETTINGS, users: [4], workers: 2 });
    world.step = ({ step }) => {
      if (step === 1) {
        world.cluster.end(world.cluster.named('worker:1')[0] ?? '', 'Essential container in task exited', 137);
        return { lostWorkers: 1 };
      }
      return {};
    };
    await expect(world.execute()).resolves.toMatchObject({ passed: true });
    expect(world.cluster.named('worker:1')).toHaveLength(3);
    const [first, second] = world.steps();
    expect(first?.notes).toEqual(expect.arrayContaining(['repeated with 2 workers: 1 of 2 workers died']));
    expect(first?.clientLimited).toBe(true);
    expect(second).toMatchObject({ repeats: 1, clientLimited: false });
  });

  test('that die again and again end the run', async () => {
    const world = new World({ ...SETTINGS, users: [4] });
    world.step = () => ({ lostWorkers: 1 });
    expect((await world.execute()).reason).toMatch(/workers died in 3 steps/);
  });
});

describe('CloudWatch\'s figures', () => {
  test('are those of the whole minutes in the hold, in milliseconds and by CloudWatch\'s own sum over cores', async () => {
    const world = new World({ ...SETTINGS, users: [1], holdSeconds: 180 });
    await world.execute();
    const [step] = world.steps();
    const { StartTime: start, EndTime: end } = world.metricQueries[0] ?? {};
    expect((start?.getTime() ?? 1) % 60_000).toBe(0);
    expect(start?.getTime()).toBeGreaterThanOrEqual(Date.parse(step?.from ?? ''));
    expect(end?.getTime()).toBeLessThanOrEqual(Date.parse(step?.to ?? ''));
    const minutes = ((end?.getTime() ?? 0) - (start?.getTime() ?? 0)) / 60_000;
    expect(step?.endpoint).toMatchObject({
      invocations: 600 * minutes, cpuPercent: 120, memoryPercent: 30,
      modelLatencyMs: { p50: 12, p90: 20, p99: 30 }, overheadLatencyMs: { p50: 2 },
      errors5xx: 0, instancesFrom: 1, instancesTo: 1,
    });
  });

  test('are asked for by the endpoint\'s and the variant\'s name, without GPUs where there are none', async () => {
    const world = new World();
    await world.execute();
    const queries = world.metricQueries[0]?.MetricDataQueries ?? [];
    expect(queries.map(({ MetricStat: stat }) => stat?.Metric?.MetricName)).not.toContain('GPUUtilization');
    expect(queries.find(({ Id: id }) => id === 'model99')?.MetricStat).toMatchObject({
      Metric: {
        Namespace: 'AWS/SageMaker', MetricName: 'ModelLatency',
        Dimensions: [{ Name: 'EndpointName', Value: 'demo' }, { Name: 'VariantName', Value: 'AllTraffic' }],
      },
      Period: 60, Stat: 'p99',
    });
    expect(queries.find(({ Id: id }) => id === 'cpu')?.MetricStat?.Metric?.Namespace).toBe('/aws/sagemaker/Endpoints');
  });

  test('have those of GPUs where the instance has them', async () => {
    const world = new World();
    world.variantConfig = { VariantName: 'AllTraffic', InstanceType: 'ml.g5.xlarge' };
    await world.execute();
    expect(world.steps()[0]?.endpoint).toHaveProperty('gpuPercent');
    expect(world.run().gpus).toBe(1);
  });

  test('are waited for, a minute late', async () => {
    const world = new World({ ...SETTINGS, users: [1] });
    world.metricLagMs = 150_000;
    await world.execute();
    expect(world.steps()[0]?.endpoint?.invocations).toBeGreaterThan(0);
    expect(world.steps()[0]?.notes).toEqual([]);
  });

  test('are missed where they do not come in time, and the step says so', async () => {
    const world = new World({ ...SETTINGS, users: [1] });
    world.metricLagMs = 3_600_000;
    await expect(world.execute()).resolves.toMatchObject({ passed: true });
    expect(world.steps()[0]?.endpoint).toBeUndefined();
    expect(world.steps()[0]?.notes).toEqual(['CloudWatch had no figures of this time']);
  });

  test('are of neither number of instances where auto scaling acts in the hold', async () => {
    const world = new World({ ...SETTINGS, users: [1] });
    world.step = () => {
      world.changeEndpoint({ ProductionVariants: [{ VariantName: 'AllTraffic', CurrentInstanceCount: 3 }] });
      return {};
    };
    await world.execute();
    expect(world.steps()[0]?.endpoint).toMatchObject({ instancesFrom: 1, instancesTo: 3 });
    expect(world.steps()[0]?.notes).toEqual([expect.stringContaining('changed from 1 to 3 while this step was held')]);
  });
});

test('a payload that alone fails is named', async () => {
  const world = new World({ ...SETTINGS, users: [1], errorPercent: 50 });
  world.step = () => ({ client: clientFigures({ failures: 100 }), failedPayloads: [{ name: 'broken.json', requests: 100, failures: 100 }] });
  await world.execute();
  expect(world.steps()[0]?.notes).toEqual([expect.stringMatching(/all 100 failures are of broken.json, of which no request succeeded/)]);
});

test('an action that is none is refused', async () => {
  await expect(new World().act('dance')).rejects.toThrow('action must be start, poll, step, measure, decide, stop, report or abort, got dance');
});

test('an event that is none is refused', async () => {
  await expect(new Controller(SETTINGS, new World().dependencies()).handle([])).rejects.toThrow('the event must be an object');
});

