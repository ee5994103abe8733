import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateActivityCommand, DescribeExecutionCommand, DescribeStateMachineCommand, GetActivityTaskCommand, SendTaskFailureCommand,
  SendTaskSuccessCommand, type SFNClient,
} from '@aws-sdk/client-sfn';
import { errorText, isNamed } from '../service/errors';
import { isRecord } from '../service/validator';
import { ACTIVITY_ARN, ACTIVITY_NAME, INTEGRATIONS, type IntegrationTask } from './activity';
import { TaskError } from './task-error';

const RETRY_MS = 500;
/** Of Node: a longer timer ends at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Step Functions' limit of what a task gives. */
const MOST_BYTES = 256 * 1024;

/** Does a task with the rights of a role. */
export interface TaskRunner {
  /** `isWanted`: whether the execution still waits for the task. Throws a TaskError. */
  run(task: IntegrationTask, roleArn: string, isWanted: () => Promise<boolean>): Promise<object>;
}

/** Takes the tasks that the emulator's Step Functions cannot do, and does them. */
export class IntegrationWorker {
  private readonly ending = new AbortController();
  private readonly tasks = new Set<Promise<void>>();
  private polling: Promise<void> = Promise.resolve();

  /** `stepFunctions`: of root, and without retries of its own. */
  public constructor(private readonly stepFunctions: SFNClient, private readonly runner: TaskRunner) {}

  /** Begins to look for tasks, also while the emulator is not there yet. */
  public start(): void {
    this.polling = this.poll();
  }

  /** What is under way is not waited for by anybody: its emulator ends as well. */
  public async close(): Promise<void> {
    this.ending.abort();
    await this.polling;
  }

  private async poll(): Promise<void> {
    const { signal: abortSignal } = this.ending;
    while (!abortSignal.aborted) {
      try {
        await this.take(abortSignal);
      } catch (error) {
        if (isNamed(error, 'ActivityDoesNotExist')) {
          await this.makeActivity();
        } else {
          await sleep(RETRY_MS, undefined, { signal: abortSignal }).catch(() => undefined); // the end is seen above
        }
      }
    }
  }

  private async take(abortSignal: AbortSignal): Promise<void> {
    const request = new GetActivityTaskCommand({ activityArn: ACTIVITY_ARN, workerName: 'local-cloud' });
    const { taskToken, input } = await this.stepFunctions.send(request, { abortSignal });
    if (taskToken !== undefined && input !== undefined) {
      const task = this.work(taskToken, input).finally(() => this.tasks.delete(task));
      this.tasks.add(task);
    }
  }

  private async makeActivity(): Promise<void> {
    try {
      await this.stepFunctions.send(new CreateActivityCommand({ name: ACTIVITY_NAME }));
    } catch (error) {
      if (!isNamed(error, 'ActivityAlreadyExists')) {
        console.error(`the activity of the local cloud's worker could not be made: ${errorText(error)}`);
        await sleep(RETRY_MS);
      }
    }
  }

  private async work(taskToken: string, input: string): Promise<void> {
    try {
      await this.answer(taskToken, input);
    } catch (error) {
      if (!this.ending.signal.aborted) {
        console.error(`a task of a state machine could not be answered: ${errorText(error)}`);
      }
    }
  }

  private async answer(taskToken: string, input: string): Promise<void> {
    try {
      const task = read(input);
      const roleArn = await this.roleOf(task.execution);
      const output = JSON.stringify(await this.inTime(task, roleArn));
      if (Buffer.byteLength(output) > MOST_BYTES) {
        throw new TaskError('States.DataLimitExceeded', `The state/task '${task.integration}' returned a result with a size exceeding the maximum number of bytes service limit.`);
      }
      await this.stepFunctions.send(new SendTaskSuccessCommand({ taskToken, output }));
    } catch (error) {
      const name = error instanceof TaskError ? error.name : 'States.Runtime';
      await this.stepFunctions.send(new SendTaskFailureCommand({ taskToken, error: name, cause: errorText(error) }));
    }
  }

  /** What a task gives. One that takes longer than it may is given up: it is no longer wanted, and nobody hears of how it ends. */
  private async inTime(task: IntegrationTask, roleArn: string): Promise<object> {
    const { execution, timeoutSeconds } = task;
    if (timeoutSeconds === undefined) {
      return this.runner.run(task, roleArn, async () => this.isRunning(execution));
    }
    const late = AbortSignal.timeout(Math.min(timeoutSeconds * 1000, LONGEST_TIMER_MS));
    return Promise.race([
      this.runner.run(task, roleArn, async () => !late.aborted && await this.isRunning(execution)),
      once(late, 'abort').then(() => {
        throw new TaskError('States.Timeout', `Task timed out after ${timeoutSeconds} seconds`);
      }),
    ]);
  }

  private async roleOf(executionArn: string): Promise<string> {
    const { stateMachineArn } = await this.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    const { roleArn = '' } = await this.stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
    return roleArn;
  }

  private async isRunning(executionArn: string): Promise<boolean> {
    const { status } = await this.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING';
  }
}

function read(text: string): IntegrationTask {
  const parsed: unknown = JSON.parse(text);
  const { execution, input, integration: name, timeoutSeconds } = isRecord(parsed) ? parsed : {};
  const integration = INTEGRATIONS.find((known) => known === name);
  if (typeof execution !== 'string' || integration === undefined || !isRecord(input)) {
    throw new TaskError('States.Runtime', `The local cloud's worker must get an execution, an integration and an object as input, got ${text}`);
  }
  if (timeoutSeconds === undefined) {
    return { execution, integration, input };
  }
  if (typeof timeoutSeconds !== 'number' || !Number.isInteger(timeoutSeconds) || timeoutSeconds < 1) {
    throw new TaskError('States.Runtime', `TimeoutSeconds must be a positive whole number, got ${JSON.stringify(timeoutSeconds)}`);
  }
  return { execution, integration, input, timeoutSeconds };
}
