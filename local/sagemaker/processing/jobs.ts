import { newContainerJob, type ContainerJob } from '../container-job/life';
import { changeTimes, JobRecords } from '../container-job/records';
import { JobRoot } from '../container-job/root';
import { Transfers } from '../container-job/transfers';
import type { Context } from '../context';
import { invalid } from '../errors';
import { seconds } from '../listing';
import { JobStorage } from '../s3-uri';
import { checkKeys, taggingRights } from '../tags';
import type { ProcessingRequest, SageMakerOperations } from '../types';
import { checkProcessing } from './check';
import { ProcessingPlan } from './plan';

interface ProcessingJob extends ContainerJob {
  readonly request: Omit<ProcessingRequest, 'Tags'>;
  exitMessage?: string;
}

/** Processing jobs: the command of each runs as a process of this machine, in a folder that plays the container's root. */
export class ProcessingJobs {
  // The code and the words: https://github.com/apache/airflow/pull/19195
  private readonly jobs = new JobRecords<ProcessingJob>('processing', (name) => invalid(`Could not find requested job with name: ${name}`));

  public constructor(private readonly context: Context) {}

  public state(): readonly object[] {
    return this.jobs.all().map((job) => ({ ...this.described(job), Tags: this.context.tags.of(this.arn(job.name)) }));
  }

  public operations(): SageMakerOperations {
    const resources = ({ ProcessingJobName: name }: { readonly ProcessingJobName: string }): readonly string[] => [this.arn(name)];
    return {
      CreateProcessingJob: {
        resources, role: ({ RoleArn }) => RoleArn, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: async (request) => this.create(request),
      },
      DescribeProcessingJob: { resources, run: ({ ProcessingJobName }) => this.described(this.jobs.get(ProcessingJobName)) },
      StopProcessingJob: {
        resources,
        run: ({ ProcessingJobName }) => {
          this.context.containerRunner.stop(this.jobs.get(ProcessingJobName), 'processing job');
          return undefined;
        },
      },
      ListProcessingJobs: {
        run: (request) => {
          const { items, NextToken } = this.jobs.page(request);
          return { ProcessingJobSummaries: items.map((job) => this.summary(job)), NextToken };
        },
      },
    };
  }

  private async create(request: ProcessingRequest): Promise<object> {
    const { Tags, ...kept } = request;
    const { ProcessingJobName: name, RoleArn: roleArn } = kept;
    checkProcessing(kept);
    checkKeys(Tags);
    const arn = this.arn(name);
    this.jobs.checkName(name, arn);
    const job: ProcessingJob = { ...newContainerJob(name), request: kept };
    this.jobs.add(job); // before anything is waited for, so that of two requests one is refused
    const { containerRunner, faults, tags, options } = this.context;
    tags.create(arn, Tags);
    const root = await JobRoot.create(options.containerJobs?.folder);
    const storage = new JobStorage(options.storage, roleArn);
    containerRunner.start(job, new ProcessingPlan({
      arn, request: kept, root, transfers: new Transfers(storage, root, { roleArn, region: options.region }),
      options: options.containerJobs ?? {}, fault: faults.takeJob(name),
      onMessage: (message) => {
        job.exitMessage = message;
      },
    }));
    return { ProcessingJobArn: arn };
  }

  private described(job: ProcessingJob): object {
    return { ...job.request, ...this.summary(job) };
  }

  private summary(job: ProcessingJob): object {
    return {
      ProcessingJobName: job.name, ProcessingJobArn: this.arn(job.name), ProcessingJobStatus: job.status, ...changeTimes(job),
      ProcessingStartTime: seconds(job.startedAt), ProcessingEndTime: seconds(job.endedAt),
      FailureReason: job.reason, ExitMessage: job.exitMessage,
    };
  }

  private arn(name: string): string {
    return this.context.arns.processingJob(name);
  }
}
