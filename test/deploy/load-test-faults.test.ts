import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { DeleteEndpointCommand } from '@aws-sdk/client-sagemaker';
import { TestCloud } from './harness';
import { LoadTestRuns } from './load-test-runs';

const MINUTE_MS = 60_000;
/** Not so many that an instance is full. */
const USERS = 2;

describe('a load test in the local cloud bears that', () => {
  const payload = fs.mkdtempSync(path.join(os.tmpdir(), 'load-test-faults-'));
  const deployment = { app: 'test/deploy/fixtures/load-test-app.ts', context: { model: 'examples/scikit-learn/model.onnx', payload } };
  let cloud: TestCloud;
  let runs: LoadTestRuns;
  let endpoint = '';

  beforeAll(async () => {
    const data = Array.from({ length: 13 }, (_, index) => index);
    for (const id of ['good', 'broken']) {
      fs.writeFileSync(path.join(payload, `${id}.json`), JSON.stringify({ id, inputs: [{ name: 'measurements', shape: [1, 13], datatype: 'FP32', data }] }));
    }
    cloud = await TestCloud.start('load-test-faults', {
      endpoints: { delays: { creatingMs: 500, updatingMs: 500 }, metrics: { periodSeconds: 5, delaySeconds: 1 } },
    });
    await cloud.deploy(deployment);
    const outputs = await cloud.outputs('LoadTest');
    endpoint = outputs.EndpointName ?? '';
    runs = new LoadTestRuns(cloud.cloud.clients, outputs);
    await cloud.capacity({ endpointNameContains: endpoint, concurrency: 4, serviceMs: 100, queue: 100 });
  });
  afterAll(async () => {
    await cloud.stop();
    fs.rmSync(payload, { recursive: true });
  });

  afterEach(async () => {
    await cloud.noFaults();
  });

  /** Whatever the payload, unless it says otherwise. */
  const fault = async (kind: object): Promise<void> => cloud.fault({ endpointNameContains: endpoint, ...kind });
  const input = (more: object = {}): object => ({ users: [USERS], settleSeconds: 1, holdSeconds: 10, ...more });

  /** Where Lambda names the error's own type, and the controller leaves it out, the emulator has `Runtime.HandlerError`. */
  async function failed(execution: string, cause: RegExp): Promise<void> {
    expect(await runs.ended(execution)).toEqual({ status: 'FAILED', cause: expect.stringMatching(cause) as unknown });
    expect(await runs.tasks()).toEqual([]);
  }

  /** Starts a run, and waits until its first step is held. */
  async function held(name: string): Promise<string> {
    const execution = await runs.start(name, input({ holdSeconds: 300 }));
    for (const end = Date.now() + 3 * MINUTE_MS; !(await runs.read(name, 'master.json').catch(() => '')).includes('"HOLDING"');) {
      expect(Date.now()).toBeLessThan(end);
      await sleep(500);
    }
    return execution;
  }

  test('one payload of many fails: the step names it', async () => {
    await fault({ kind: 'CONTAINER_ERROR', status: 500, payloadContains: '"broken"' });
    await runs.ended(await runs.start('payload', input({ errorPercent: 99 })));
    const [step] = await runs.steps('payload');
    expect(step?.notes).toEqual([expect.stringMatching(/^all \d+ failures are of broken\.json, of which no request succeeded/)]);
    expect(step?.client.tps).toBeGreaterThan(0);
  });

  test('the model refuses each payload: it ends before the step is measured', async () => {
    await fault({ kind: 'CONTAINER_ERROR', status: 400, message: 'unexpected shape' });
    await failed(await runs.start('refused', input({ holdSeconds: 300 })), /the model refused all of the first \d+ requests in step 1: ModelError \(400\): .*unexpected shape/);
    expect(await runs.steps('refused')).toEqual([]);
  });

  test('requests are throttled: the report says so', async () => {
    await fault({ kind: 'THROTTLED', abovePerSecond: 5 });
    await runs.ended(await runs.start('throttled', input()));
    expect((await runs.report('throttled')).cloud?.verdict.kind).toBe('throttled');
  });

  test('a subnet has no address for the workers', async () => {
    await fetch(`${cloud.cloud.endpoints.ecs}/_stand-in/faults`, {
      method: 'POST', headers: cloud.control, body: JSON.stringify({ familyContains: 'Worker', reason: 'RESOURCE:ENI' }),
    });
    await failed(await runs.start('address', input()), /ECS did not start 1 of 1 tasks of the worker \(RESOURCE:ENI.*the subnets have no free address/);
  });

  test('its only worker ends while a step is held', async () => {
    const execution = await held('worker');
    const { ecs } = cloud.cloud.clients;
    const cluster = (await cloud.outputs('LoadTest')).Cluster;
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: await runs.tasks() }));
    const worker = tasks.find(({ taskDefinitionArn }) => taskDefinitionArn?.includes('Worker'));
    await ecs.send(new StopTaskCommand({ cluster, task: worker?.taskArn, reason: 'somebody stopped it' }));
    await failed(execution, /all workers ended in step 1: somebody stopped it/);
  });

  test('the endpoint is deleted while a step is held, and then the stack', async () => {
    const execution = await held('gone');
    await cloud.cloud.clients.sageMaker.send(new DeleteEndpointCommand({ EndpointName: endpoint }));
    await failed(execution, /the endpoint \S+ (does not exist|must be InService, got Deleting)/);
    await cloud.destroy(deployment);
    expect(await cloud.leftovers()).toEqual([]);
  });
});
