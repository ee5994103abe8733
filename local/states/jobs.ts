import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateProcessingJobCommand, CreateTrainingJobCommand, DescribeProcessingJobCommand, DescribeTrainingJobCommand, SageMakerServiceException,
  StopProcessingJobCommand, StopTrainingJobCommand, type CreateProcessingJobCommandInput, type CreateTrainingJobCommandInput,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { DIALECTS } from '../service/dialect';
import { ServiceError } from '../service/errors';
import { MODELS } from '../service/model';
import { Schema } from '../service/validator';
import { TaskError, taskError, withoutMetadata } from './task-error';

const { operations, shapes } = MODELS.SageMaker;
const { invalid } = DIALECTS.SageMaker;
/** The errors that SageMaker's model names for these operations. */
const MODELLED = ['ResourceInUse', 'ResourceLimitExceeded', 'ResourceNotFound'];
const POLL_MS = 400;
const RUNNING = ['InProgress', 'Stopping'];

/** So Step Functions marks a job that it waits for: https://github.com/aws/aws-cdk/issues/26012. It needs a right to. */
const MARK = { Key: 'MANAGED_BY_AWS', Value: 'STARTED_BY_STEP_FUNCTIONS' };

type Input = Readonly<Record<string, unknown>>;
interface Job { readonly status: string | undefined; readonly description: object }

/** The calls of one kind of job. */
interface Kind {
  readonly create: () => Promise<unknown>;
  readonly describe: () => Promise<Job>;
  readonly stop: () => Promise<unknown>;
}

/** `sagemaker:createProcessingJob.sync` and `sagemaker:createTrainingJob.sync`: starts a job, and waits until it is over. */
export class JobCalls {
  /** `isWanted`: false as soon as nobody waits for the job any more. Then it is stopped. */
  public constructor(
    private readonly sageMaker: SageMakerClient, private readonly isWanted: () => Promise<boolean>, private readonly pollMs = POLL_MS,
  ) {}

  public async run(integration: 'sagemaker:createProcessingJob.sync' | 'sagemaker:createTrainingJob.sync', input: Input): Promise<object> {
    try {
      return await this.untilOver(integration === 'sagemaker:createProcessingJob.sync' ? this.processing(input) : this.training(input));
    } catch (error) {
      if (error instanceof SageMakerServiceException) {
        throw taskError('SageMaker', 'AmazonSageMakerException', error, MODELLED);
      }
      if (error instanceof ServiceError) { // an input that breaks the model: Step Functions says so before it calls
        throw new TaskError('States.Runtime', error.message, { cause: error });
      }
      throw error;
    }
  }

  /** The description of a job that ended well. Throws its description as the cause for any other end. */
  private async untilOver({ create, describe, stop }: Kind): Promise<object> {
    await create();
    for (let isStopped = false; ;) {
      await sleep(this.pollMs);
      const { status = '', description } = await describe();
      if (status === 'Completed') {
        return description;
      }
      if (!RUNNING.includes(status)) {
        throw new TaskError('States.TaskFailed', JSON.stringify(description));
      }
      if (!isStopped && !await this.isWanted()) {
        isStopped = true;
        await stop();
      }
    }
  }

  private processing(input: Input): Kind {
    const { sageMaker } = this;
    const request = new Schema<CreateProcessingJobCommandInput>(shapes, operations.CreateProcessingJob?.input ?? '', invalid).validated(input);
    const { ProcessingJobName } = request;
    return {
      create: () => sageMaker.send(new CreateProcessingJobCommand({ ...request, Tags: [...request.Tags ?? [], MARK] })),
      describe: async () => {
        const described = await sageMaker.send(new DescribeProcessingJobCommand({ ProcessingJobName }));
        return { status: described.ProcessingJobStatus, description: plain(withoutMetadata(described)) };
      },
      stop: () => sageMaker.send(new StopProcessingJobCommand({ ProcessingJobName })),
    };
  }

  private training(input: Input): Kind {
    const { sageMaker } = this;
    const request = new Schema<CreateTrainingJobCommandInput>(shapes, operations.CreateTrainingJob?.input ?? '', invalid).validated(input);
    const { TrainingJobName } = request;
    return {
      create: () => sageMaker.send(new CreateTrainingJobCommand({ ...request, Tags: [...request.Tags ?? [], MARK] })),
      describe: async () => {
        const described = await sageMaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
        return { status: described.TrainingJobStatus, description: plain(withoutMetadata(described)) };
      },
      stop: () => sageMaker.send(new StopTrainingJobCommand({ TrainingJobName })),
    };
  }
}

/** Times are milliseconds since 1970. */
function plain(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([name, child]: readonly [string, unknown]) => [name, plainValue(child)]));
}

function plainValue(value: unknown): unknown {
  if (value instanceof Date) {
    return value.getTime();
  }
  if (Array.isArray(value)) {
    return value.map(plainValue);
  }
  return typeof value === 'object' && value !== null ? plain(value) : value;
}
