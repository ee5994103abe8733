import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeEndpointCommand } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { REGION } from '../../local/service/account';
import { CHECKOUT } from '../../local/cloud/folder';
import { modelFile } from '../lib/temp-models';
import { AwsCli } from './aws-cli';
import { TestCloud } from './harness';

/** A minute of AWS, in seconds. */
const PERIOD_S = 5;
/** One instance: four workers of 100 ms. */
const CAPACITY_TPS = 40;
/** Requests a minute for an instance that are its half. */
const TARGET = CAPACITY_TPS * 60 / 2;

const MODEL = 'examples/scikit-learn/model.onnx';
const deployment = { app: 'test/deploy/fixtures/endpoint-app.ts', context: { model: MODEL, target: String(TARGET) } };
const REQUEST = JSON.stringify({
  inputs: [{ name: 'measurements', shape: [1, 13], datatype: 'FP32', data: Array.from({ length: 13 }, (_, index) => index) }],
});

describe('a real-time endpoint in the local cloud', () => {
  let cloud: TestCloud;
  let runtime: SageMakerRuntimeClient | undefined;
  let name = '';

  beforeAll(async () => {
    cloud = await TestCloud.start('endpoint', {
      endpoints: { delays: { creatingMs: 500, updatingMs: 500 }, metrics: { periodSeconds: PERIOD_S, delaySeconds: 1 } },
    });
    await cloud.deploy(deployment);
    ({ EndpointName: name = '' } = await cloud.outputs('Endpoint'));
    const { sageMakerRuntime, root } = cloud.cloud.endpoints;
    runtime = new SageMakerRuntimeClient({ region: REGION, endpoint: sageMakerRuntime, credentials: root, maxAttempts: 1 });
  });
  afterAll(async () => {
    runtime?.destroy();
    await cloud.stop();
  });

  const invoke = async (): Promise<unknown> => {
    const answer = await runtime?.send(new InvokeEndpointCommand({ EndpointName: name, Body: REQUEST, ContentType: 'application/json' }));
    return JSON.parse(Buffer.from(answer?.Body ?? []).toString('utf8'));
  };
  const instances = async (): Promise<number | undefined> => {
    const { sageMaker } = cloud.cloud.clients;
    const { ProductionVariants: [variant] = [] } = await sageMaker.send(new DescribeEndpointCommand({ EndpointName: name }));
    return variant?.CurrentInstanceCount;
  };

  /** As many users as that, each with the next request after its answer. Successful requests. */
  async function load(users: number, isOver: () => boolean): Promise<number> {
    let answered = 0;
    await Promise.all(Array.from({ length: users }, async () => {
      while (!isOver()) {
        await invoke();
        answered += Number(!isOver());
      }
    }));
    return answered;
  }

  test('answers with the model that was deployed', async () => {
    expect(await invoke()).toMatchObject({
      outputs: [{ name: 'label', datatype: 'INT64', shape: [1] }, { name: 'probabilities', datatype: 'FP32', shape: [1, 3] }],
    });
  });

  test('bears what was declared, within a tenth, then scales out, and its metrics say so', async () => {
    await cloud.capacity({ endpointNameContains: name, concurrency: 4, serviceMs: 100, queue: 100 });
    const from = new Date();
    const began = performance.now();
    const found = await load(16, () => performance.now() - began > 12_000) / 12;
    expect(found).toBeGreaterThan(CAPACITY_TPS * 0.9);
    expect(found).toBeLessThan(CAPACITY_TPS * 1.1);

    const end = performance.now() + 180_000;
    let count = await instances();
    const loading = load(16, () => count === 3 || performance.now() > end);
    while (count !== 3 && performance.now() < end) {
      await sleep(1000);
      count = await instances();
    }
    await loading;
    expect(count).toBe(3);

    const cloudWatch = new CloudWatchClient(cloud.cloud.clients.settings);
    const dimensions = [{ Name: 'EndpointName', Value: name }, { Name: 'VariantName', Value: 'AllTraffic' }];
    const query = (Id: string, Namespace: string, MetricName: string, Stat: string) => ({
      Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions: dimensions }, Period: PERIOD_S, Stat },
    });
    const { MetricDataResults: results = [] } = await cloudWatch.send(new GetMetricDataCommand({
      StartTime: from, EndTime: new Date(), MetricDataQueries: [
        query('invocations', 'AWS/SageMaker', 'Invocations', 'Sum'), query('latency', 'AWS/SageMaker', 'ModelLatency', 'p50'),
        query('cpu', '/aws/sagemaker/Endpoints', 'CPUUtilization', 'Average'),
      ],
    }));
    cloudWatch.destroy();
    const largest = (id: string): number => Math.max(...results.find(({ Id }) => Id === id)?.Values ?? []);
    expect(largest('invocations')).toBeGreaterThan(CAPACITY_TPS * PERIOD_S * 0.8);
    expect(largest('latency')).toBeGreaterThan(300_000); // sixteen users share four workers
    expect(largest('cpu')).toBeGreaterThan(350); // of 400: four cores
  });

  describe('an update whose model does not load', () => {
    /** An operator that no runtime has. What it is called is the last that the container says. */
    const broken = fs.readFileSync(MODEL).toString('latin1').replaceAll('TreeEnsembleClassifier', 'TreeEnsembleClassifies');
    const [, documented = ''] = /^(aws logs filter-log-events .*)$/m.exec(fs.readFileSync(path.join(CHECKOUT, 'docs', 'endpoint.md'), 'utf8')) ?? [];
    let cli: AwsCli;

    beforeAll(async () => {
      cli = await AwsCli.install();
    });

    test('fails with the reason of SageMaker, and the endpoint goes on with the old one', async () => {
      const model = modelFile('model.onnx', Buffer.from(broken, 'latin1'));
      const { code, output } = await cloud.tryDeploy({ ...deployment, context: { ...deployment.context, model } });
      expect(code).not.toBe(0);
      expect(output).toContain('did not pass the ping health check');
      expect(await invoke()).toMatchObject({ outputs: [{ name: 'label' }, {}] });
    });

    test.each([
      ['the output that the deployment before has left', async () => (await cloud.outputs('Endpoint')).ReadLog ?? ''],
      ['docs/endpoint.md', () => Promise.resolve(documented.replace('demo-reader', name))],
    ])('has the container\'s own last words, in a log stream of its own, by the command of %s', async (_, command) => {
      const { code, output } = await cli.run(cloud, await command());
      expect(code).toBe(0);
      const lines = output.trim().split('\n').map((line) => line.split('\t'));
      const words = lines.find(([, message = '']) => message.startsWith('failed to load'));
      expect(words).toEqual([
        expect.stringMatching(/^AllTraffic\/i-/), expect.stringMatching(/^failed to load 'model' version 1: .*TreeEnsembleClassifies/),
      ]);
      expect(lines.filter(([stream]) => stream === words?.[0])).toEqual([words]);
    });
  });

  test('leaves nothing', async () => {
    await cloud.destroy(deployment);
    expect(await cloud.leftovers()).toEqual([]);
  });
});
