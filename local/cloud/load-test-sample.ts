import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { parseStep } from '../../lambda/endpoint/report/parse-run';
import type { Report } from '../../lambda/endpoint/report/report';
import type { Step } from '../../lambda/endpoint/report/run';
import { reportTable } from '../../lambda/endpoint/report/table';
import { tokenHeader } from '../service/control-token';
import type { Clients } from './clients';
import type { LocalCloud } from './cloud';
import { deployApp, destroyApp } from './deploy-app';
import { PRIVATE_FILE, type LocalFolder } from './folder';
import type { Workload } from './launch';
import { LocalProblem } from './problem';
import type { Progress } from './progress';
import { demandOutputs } from './report';
import type { Session } from './session';
import type { EndpointSettings } from './stand-in-settings';

/** What a minute of SageMaker's metrics is here: a run of some minutes instead of an hour. */
const PERIOD_SECONDS = 5;
export const LOCAL_ENDPOINTS: EndpointSettings = { metrics: { periodSeconds: PERIOD_SECONDS, delaySeconds: 1 } };

const STACK = 'LoadTest';
/** What an instance of the sample bears: 40 requests a second. Its four vCPUs work on one request each. */
const CAPACITY = { concurrency: 4, serviceMs: 100, queue: 100 };
const MINUTES = 15;

interface Outputs { readonly endpoint: string; readonly stateMachine: string; readonly results: string }

/** The example of a load test: what was declared is found. */
export class LoadTestSample implements Workload {
  public readonly canBeMended = false;

  public constructor(private readonly context: Readonly<Record<string, string>>) {}

  public async deploy(cloud: LocalCloud, progress: Progress): Promise<void> {
    await progress.step('cdk deploy of an endpoint and its load test', async () => {
      await deployApp(cloud, progress, 'examples/load-test/app.ts', { metricPeriod: String(PERIOD_SECONDS), ...this.context });
    });
  }

  public async show(cloud: LocalCloud, progress: Progress, session: Session): Promise<void> {
    const { clients, folder } = cloud;
    const outputs = await outputsOf(clients);
    await declareCapacity(cloud, outputs.endpoint);
    const declared = CAPACITY.concurrency * 1000 / CAPACITY.serviceMs;
    const run = `local-${Date.now()}`;
    const steps = await progress.step(
      `a load test of an instance that bears ${declared} requests a second`,
      async () => session.step(async () => follow(clients, outputs, run, progress)),
    );
    const best = Math.max(...steps.map(({ client }) => client.tps));
    progress.note(`declared ${declared} requests a second, found ${best.toFixed(1)}`);
    const report = JSON.parse(await read(clients, outputs, run, 'report.json')) as Report;
    for (const line of ['', ...reportTable(report).split('\n'), '']) {
      progress.note(line);
    }
    const page = keep(folder, 'load-test.html', await read(clients, outputs, run, 'report.html'));
    progress.note(`the report is ${path.relative(process.cwd(), page)}`);
  }

  public async destroy(cloud: LocalCloud, progress: Progress): Promise<void> {
    await progress.step('cdk destroy of endpoint and load test', async () => destroyApp(cloud));
  }
}

async function outputsOf(clients: Clients): Promise<Outputs> {
  const output = await demandOutputs(clients, STACK);
  return { endpoint: output('EndpointName'), stateMachine: output('StateMachine'), results: output('Results') };
}

async function declareCapacity({ endpoints: { sageMaker, controlToken } }: LocalCloud, endpointNameContains: string): Promise<void> {
  const response = await fetch(`${sageMaker}/_stand-in/capacity`, {
    method: 'POST', headers: tokenHeader(controlToken), body: JSON.stringify({ endpointNameContains, ...CAPACITY }),
  });
  if (!response.ok) {
    throw new LocalProblem(`the stand-in of SageMaker refused a capacity: ${await response.text()}`);
  }
}

/** Starts a run, tells of each step, and gives them all when it has ended. */
async function follow(clients: Clients, outputs: Outputs, name: string, progress: Progress): Promise<Step[]> {
  const start = new StartExecutionCommand({ stateMachineArn: outputs.stateMachine, name });
  const { executionArn } = await clients.stepFunctions.send(start);
  const steps = new Map<string, Step>();
  for (const end = Date.now() + MINUTES * 60_000; Date.now() < end;) {
    await sleep(1000);
    const { status, cause } = await clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    await collect(clients, outputs, name, steps, progress);
    if (status === 'SUCCEEDED') {
      return [...steps.values()];
    }
    if (status !== 'RUNNING') {
      throw new LocalProblem(`the load test ended with ${status ?? 'no status'}: ${cause ?? 'no cause'}`);
    }
  }
  throw new LocalProblem(`the load test has not ended after ${MINUTES} minutes`);
}

async function collect(clients: Clients, outputs: Outputs, run: string, steps: Map<string, Step>, progress: Progress): Promise<void> {
  const { Contents: found = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: outputs.results, Prefix: `runs/${run}/steps/` }));
  const keys = found.flatMap(({ Key: key }) => key ?? []).sort();
  for (const key of keys.filter((each) => !steps.has(each))) {
    const step = parseStep(await readObject(clients, outputs.results, key), key);
    steps.set(key, step);
    progress.note(`${step.users} users: ${step.client.tps.toFixed(1)} requests a second, p99 ${step.client.p99Ms.toFixed(0)} ms`);
  }
}

async function read(clients: Clients, { results }: Outputs, run: string, name: string): Promise<string> {
  return readObject(clients, results, `runs/${run}/${name}`);
}

async function readObject({ s3 }: Clients, bucket: string, key: string): Promise<string> {
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return await body?.transformToString() ?? '';
}

/** In the cloud's folder, where it stays after the cloud. */
function keep({ root }: LocalFolder, name: string, content: string): string {
  const file = path.join(root, name);
  fs.writeFileSync(file, content, { mode: PRIVATE_FILE });
  return file;
}
