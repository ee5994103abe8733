import { newContainerJob, phaseOf, type ContainerJob, type Transition } from '../container-job/life';
import { changeTimes, JobRecords } from '../container-job/records';
import { JobRoot } from '../container-job/root';
import { Transfers } from '../container-job/transfers';
import type { Context } from '../context';
import { invalid } from '../errors';
import { seconds } from '../listing';
import { JobStorage } from '../s3-uri';
import { checkKeys, taggingRights } from '../tags';
import type { SageMakerOperations, TrainingRequest } from '../types';
import { checkTraining } from './check';
import { LogMetrics } from './metrics';
import { TrainingPlan } from './plan';

interface TrainingJob extends ContainerJob {
  readonly request: Omit<TrainingRequest, 'Tags'>;
  readonly metrics: LogMetrics;
  model?: string;
}

/** Training jobs: the command of each runs as a process of this machine, in a folder that plays the container's root. */
export class TrainingJobs {
  // The code and the words: https://github.com/aws/aws-sdk/issues/165
  private readonly jobs = new JobRecords<TrainingJob>('training', () => invalid('Requested resource not found.'));

  public constructor(private readonly context: Context) {}

  public state(): readonly object[] {
    return this.jobs.all().map((job) => ({ ...this.described(job), Tags: this.context.tags.of(this.arn(job.name)) }));
  }

  public operations(): SageMakerOperations {
    const resources = ({ TrainingJobName: name }: { readonly TrainingJobName: string }): readonly string[] => [this.arn(name)];
    return {
      CreateTrainingJob: {
        resources, role: ({ RoleArn }) => RoleArn, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: async (request) => this.create(request),
      },
      DescribeTrainingJob: { resources, run: ({ TrainingJobName }) => this.described(this.jobs.get(TrainingJobName)) },
      StopTrainingJob: {
        resources,
        run: ({ TrainingJobName }) => {
          this.context.containerRunner.stop(this.jobs.get(TrainingJobName), 'training job');
          return undefined;
        },
      },
      ListTrainingJobs: {
        run: (request) => {
          const { items, NextToken } = this.jobs.page(request);
          return { TrainingJobSummaries: items.map((job) => this.summary(job)), NextToken };
        },
      },
    };
  }

  private async create(request: TrainingRequest): Promise<object> {
    const { Tags, ...kept } = request;
    const { TrainingJobName: name, RoleArn: roleArn } = kept;
    checkTraining(kept);
    checkKeys(Tags);
    const metrics = new LogMetrics(kept.AlgorithmSpecification?.MetricDefinitions);
    const arn = this.arn(name);
    this.jobs.checkName(name, arn);
    const job: TrainingJob = { ...newContainerJob(name), request: kept, metrics };
    this.jobs.add(job); // before anything is waited for, so that of two requests one is refused
    const { containerRunner, faults, tags, options } = this.context;
    tags.create(arn, Tags);
    const root = await JobRoot.create(options.containerJobs?.folder);
    const storage = new JobStorage(options.storage, roleArn);
    containerRunner.start(job, new TrainingPlan({
      arn, request: kept, root, transfers: new Transfers(storage, root, { roleArn, region: options.region }),
      options: options.containerJobs ?? {}, metrics, fault: faults.takeJob(name),
      onModel: (uri) => {
        job.model = uri;
      },
    }));
    return { TrainingJobArn: arn };
  }

  private described(job: TrainingJob): object {
    const { request, startedAt, endedAt } = job;
    const runSeconds = startedAt === undefined || endedAt === undefined ? undefined : Math.ceil((endedAt - startedAt) / 1000);
    return {
      ...request, ...this.summary(job), SecondaryStatus: phaseOf(job), FailureReason: job.reason,
      ModelArtifacts: { S3ModelArtifacts: job.model ?? '' }, // required by the service's model, in every state
      SecondaryStatusTransitions: job.transitions.map(described),
      FinalMetricDataList: endedAt === undefined ? undefined : job.metrics.final(),
      TrainingStartTime: seconds(startedAt), TrainingTimeInSeconds: runSeconds, BillableTimeInSeconds: runSeconds,
    };
  }

  private summary(job: TrainingJob): object {
    return {
      TrainingJobName: job.name, TrainingJobArn: this.arn(job.name), TrainingJobStatus: job.status, SecondaryStatus: phaseOf(job),
      ...changeTimes(job), TrainingEndTime: seconds(job.endedAt),
    };
  }

  private arn(name: string): string {
    return this.context.arns.trainingJob(name);
  }
}

function described({ phase, startedAt, endedAt }: Transition): object {
  return { Status: phase, StartTime: seconds(startedAt), EndTime: seconds(endedAt), StatusMessage: MESSAGES[phase] };
}

const MESSAGES: Readonly<Record<Transition['phase'], string>> = {
  Starting: 'Preparing the instances for training',
  Downloading: 'Downloading input data',
  Training: 'Training image download completed. Training in progress.',
  Uploading: 'Uploading generated training model',
  Stopping: 'Stopping the training job',
  Completed: 'Training job completed',
  Failed: 'Training job failed',
  Stopped: 'Training job stopped',
  MaxRuntimeExceeded: 'Resource released due to the maximum runtime being exceeded',
};
