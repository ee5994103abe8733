import { setTimeout as sleep } from 'node:timers/promises';
import { ListTasksCommand } from '@aws-sdk/client-ecs';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { parseRun, parseStep } from '../../lambda/endpoint/report/parse-run';
import type { Report } from '../../lambda/endpoint/report/report';
import type { Run, Step } from '../../lambda/endpoint/report/run';
import type { Clients } from '../../local/cloud/clients';

const MINUTE_MS = 60_000;

/** Outputs of fixtures/load-test-app.ts. */
export interface LoadTestOutputs { readonly StateMachine?: string; readonly Results?: string; readonly Cluster?: string }

/** The runs of a load test in a cloud. */
export class LoadTestRuns {
  public constructor(private readonly clients: Clients, private readonly outputs: LoadTestOutputs) {}

  public async start(name: string, input: object = {}): Promise<string> {
    const { executionArn = '' } = await this.clients.stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: this.outputs.StateMachine, name, input: JSON.stringify(input) }),
    );
    return executionArn;
  }

  public async stop(executionArn: string): Promise<void> {
    await this.clients.stepFunctions.send(new StopExecutionCommand({ executionArn }));
  }

  /** Waits for the end. Throws with the last events where there is none. */
  public async ended(executionArn: string, minutes = 6): Promise<{ status?: string; cause?: string }> {
    for (const end = Date.now() + minutes * MINUTE_MS; Date.now() < end;) {
      const { status, cause } = await this.clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING') {
        return { status, cause };
      }
      await sleep(1000);
    }
    const history = new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 5 });
    const { events = [] } = await this.clients.stepFunctions.send(history);
    throw new Error(`the execution does not end: ${JSON.stringify(events)}`);
  }

  /** The text of an object in the run's folder. */
  public async read(run: string, key: string): Promise<string> {
    const { Body: body } = await this.clients.s3.send(new GetObjectCommand({ Bucket: this.outputs.Results, Key: `runs/${run}/${key}` }));
    return await body?.transformToString() ?? '';
  }

  public async run(run: string): Promise<Run> {
    return parseRun(await this.read(run, 'run.json'), 'run.json');
  }

  public async report(run: string): Promise<Report> {
    return JSON.parse(await this.read(run, 'report.json')) as Report;
  }

  public async steps(run: string): Promise<Step[]> {
    const folder = `runs/${run}/`;
    const { Contents: found = [] } = await this.clients.s3.send(new ListObjectsV2Command({ Bucket: this.outputs.Results, Prefix: `${folder}steps/` }));
    return Promise.all(found.map(async ({ Key: key = '' }) => parseStep(await this.read(run, key.slice(folder.length)), key)));
  }

  /** The tasks that run. */
  public async tasks(): Promise<string[]> {
    const found = await this.clients.ecs.send(new ListTasksCommand({ cluster: this.outputs.Cluster, desiredStatus: 'RUNNING' }));
    return found.taskArns ?? [];
  }
}

/** The most requests a second that a step answered. */
export function bestTps(steps: readonly Step[]): number {
  return Math.max(...steps.map(({ client }) => client.tps));
}
