import { text as bodyOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { answering, listen, type RunningServer } from '../../../local/service/http-server';
import type { IntegrationTask } from '../../../local/states/activity';
import { TaskError } from '../../../local/states/task-error';
import { IntegrationWorker, type TaskRunner } from '../../../local/states/worker';
import { until } from '../sagemaker/requests';

const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:machine:one';
const TASK = { execution: EXECUTION, integration: 'aws-sdk:s3:getObject', input: { Bucket: 'b', Key: 'k' } };

type Body = Readonly<Record<string, unknown>>;

/** Step Functions on the wire, as far as the worker needs it: one activity, and one execution. */
class FakeStepFunctions {
  public readonly answers: Body[] = [];
  public status = 'RUNNING';
  public broken = 0;
  private activity = false;
  private readonly waiting: string[] = [];

  public offer(input: unknown): void {
    this.waiting.push(JSON.stringify(input));
  }

  public async answer(operation: string, body: Body): Promise<readonly [number, Body]> {
    switch (operation) {
      case 'GetActivityTask': return this.task();
      case 'CreateActivity':
        this.activity = true;
        return [200, { activityArn: 'a', creationDate: 0 }];
      case 'DescribeExecution': return [200, { executionArn: body.executionArn, stateMachineArn: 'arn:machine', status: this.status, startDate: 0 }];
      case 'DescribeStateMachine': return [200, { stateMachineArn: body.stateMachineArn, roleArn: 'arn:role', definition: '{}', name: 'm', type: 'STANDARD', creationDate: 0 }];
      default:
        this.answers.push({ operation, ...body });
        return [200, {}];
    }
  }

  private async task(): Promise<readonly [number, Body]> {
    if (this.broken > 0) {
      this.broken -= 1;
      return [503, { __type: 'ServiceUnavailable', message: 'the emulator does not answer' }];
    }
    if (!this.activity) {
      return [400, { __type: 'ActivityDoesNotExist', message: 'no activity' }];
    }
    const input = this.waiting.shift();
    await sleep(input === undefined ? 20 : 0);
    return [200, input === undefined ? {} : { taskToken: `token of ${input}`, input }];
  }
}

let server: RunningServer;
let fake = new FakeStepFunctions();
let client: SFNClient;

beforeAll(async () => {
  server = await listen(answering(async (request, response) => {
    const parsed = JSON.parse(await bodyOf(request)) as Body;
    const [status, body] = await fake.answer(String(request.headers['x-amz-target']).replace('AWSStepFunctions.', ''), parsed);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  }));
  client = new SFNClient({ endpoint: server.url, region: 'us-east-1', maxAttempts: 1, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});
beforeEach(() => {
  fake = new FakeStepFunctions();
});

/** What the worker answers for one task. */
async function answered(task: unknown, run: TaskRunner['run']): Promise<Body | undefined> {
  const worker = new IntegrationWorker(client, { run });
  fake.offer(task);
  worker.start();
  try {
    const [answer] = await until(() => Promise.resolve(fake.answers), ({ length }) => length > 0);
    return answer;
  } finally {
    await worker.close();
  }
}

describe('the worker', () => {
  test('does a task with the role of the state machine whose execution it is, and sends what it gives', async () => {
    const seen: (readonly [IntegrationTask, string])[] = [];
    const answer = await answered(TASK, (task, role) => {
      seen.push([task, role]);
      return Promise.resolve({ Body: '{}' });
    });
    expect(seen).toEqual([[TASK, 'arn:role']]);
    expect(answer).toEqual({ operation: 'SendTaskSuccess', taskToken: `token of ${JSON.stringify(TASK)}`, output: '{"Body":"{}"}' });
  });

  test('sends the error of a task by its name', async () => {
    const answer = await answered(TASK, () => Promise.reject(new TaskError('S3.NoSuchKeyException', 'there is none')));
    expect(answer).toMatchObject({ operation: 'SendTaskFailure', error: 'S3.NoSuchKeyException', cause: 'there is none' });
  });

  test('sends whatever else goes wrong as States.Runtime', async () => {
    const answer = await answered(TASK, () => Promise.reject(new Error('no network')));
    expect(answer).toMatchObject({ operation: 'SendTaskFailure', error: 'States.Runtime', cause: 'no network' });
  });

  test('refuses what is larger than a task may give', async () => {
    const answer = await answered(TASK, () => Promise.resolve({ Body: 'x'.repeat(256 * 1024) }));
    expect(answer).toMatchObject({ operation: 'SendTaskFailure', error: 'States.DataLimitExceeded' });
  });

  test('refuses a task that no rewritten definition has made', async () => {
    const answer = await answered({ execution: EXECUTION, integration: 'aws-sdk:ec2:terminateInstances', input: {} }, () => Promise.resolve({}));
    expect(answer).toMatchObject({ operation: 'SendTaskFailure', error: 'States.Runtime' });
  });

  test('tells a task when its execution does not run any more', async () => {
    fake.status = 'ABORTED';
    const answer = await answered(TASK, async (_task, _role, isWanted) => ({ isWanted: await isWanted() }));
    expect(answer).toMatchObject({ output: '{"isWanted":false}' });
  });

  test('fails a task that takes longer than its state allows, and no longer wants it', async () => {
    let wanted: boolean[] = [];
    const answer = await answered({ ...TASK, timeoutSeconds: 1 }, async (_task, _role, isWanted) => {
      wanted = [await isWanted()];
      await until(isWanted, (isStillWanted) => !isStillWanted);
      wanted = [...wanted, await isWanted()];
      return sleep(60_000, {}, { ref: false });
    });
    expect(answer).toMatchObject({ operation: 'SendTaskFailure', error: 'States.Timeout', cause: 'Task timed out after 1 seconds' });
    expect(await until(() => Promise.resolve(wanted), ({ length }) => length === 2)).toEqual([true, false]);
  });

  test('sends what a task gives in time', async () => {
    expect(await answered({ ...TASK, timeoutSeconds: 60 }, () => Promise.resolve({ Body: '{}' }))).toMatchObject({ output: '{"Body":"{}"}' });
  });

  test.each([0, 1.5, 'soon'])('refuses a task that may take %s seconds', async (timeoutSeconds) => {
    const answer = await answered({ ...TASK, timeoutSeconds }, () => Promise.resolve({}));
    expect(answer).toMatchObject({
      operation: 'SendTaskFailure', error: 'States.Runtime', cause: `TimeoutSeconds must be a positive whole number, got ${JSON.stringify(timeoutSeconds)}`,
    });
  });

  test('waits for an emulator that is not there yet', async () => {
    fake.broken = 2;
    expect(await answered(TASK, () => Promise.resolve({}))).toMatchObject({ operation: 'SendTaskSuccess' });
  });
});
