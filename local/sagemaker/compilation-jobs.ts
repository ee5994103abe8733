import { compile, type CompiledModel } from './compiler';
import type { Context } from './context';
import { inUse, invalid, notFound } from './errors';
import type { Job } from './job';
import { isOver, newJob } from './job';
import { page, seconds, selected } from './listing';
import { JobStorage } from './s3-uri';
import { checkKeys, taggingRights } from './tags';
import { checkTarget } from './targets';
import type { CompilationRequest, SageMakerOperations } from './types';

interface CompilationJob extends Job {
  readonly request: CompilationRequest;
  compiled?: CompiledModel;
}

/** Compilation jobs: their records, and the operations on them. */
export class CompilationJobs {
  private readonly jobs = new Map<string, CompilationJob>();

  public constructor(private readonly context: Context) {}

  /** The record, for a packaging job. */
  public find(name: string): Pick<CompilationJob, 'status' | 'compiled'> | undefined {
    return this.jobs.get(name);
  }

  public state(): readonly object[] {
    return [...this.jobs.values()].map((job) => ({ ...this.described(job), Tags: this.context.tags.of(this.arn(job.name)) }));
  }

  public operations(): SageMakerOperations {
    const resources = ({ CompilationJobName: name }: { readonly CompilationJobName: string }): readonly string[] => [this.arn(name)];
    return {
      CreateCompilationJob: {
        resources, role: ({ RoleArn }) => RoleArn, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: (request) => this.create(request),
      },
      DescribeCompilationJob: {
        resources,
        run: ({ CompilationJobName }) => this.described(this.get(CompilationJobName)),
      },
      StopCompilationJob: {
        resources,
        run: ({ CompilationJobName }) => {
          this.context.runner.stop(this.get(CompilationJobName), 'compilation job');
          return undefined;
        },
      },
      DeleteCompilationJob: {
        resources,
        run: ({ CompilationJobName }) => {
          this.delete(CompilationJobName);
          return undefined;
        },
      },
      ListCompilationJobs: {
        run: (request) => {
          const { StatusEquals, SortBy } = request;
          const jobs = selected(this.jobs.values(), request, (job) => sortKey(job, SortBy))
            .filter((job) => StatusEquals === undefined || job.status === StatusEquals);
          const { items, NextToken } = page(jobs, request);
          return { CompilationJobSummaries: items.map((job) => this.summary(job)), NextToken };
        },
      },
    };
  }

  private create(request: CompilationRequest): object {
    const { Tags, ...kept } = request;
    const { CompilationJobName: name, RoleArn, InputConfig, OutputConfig, StoppingCondition } = kept;
    checkTarget(OutputConfig, InputConfig);
    checkKeys(Tags);
    const arn = this.arn(name);
    if (this.jobs.has(name)) {
      throw inUse(`Compilation job names must be unique within an AWS account and region, and a compilation job with this name already exists (${arn})`);
    }
    const { runner, faults, tags, options } = this.context;
    const job: CompilationJob = { ...newJob(name), request: kept };
    this.jobs.set(name, job);
    tags.create(arn, Tags);
    runner.start(job, {
      fault: faults.takeJob(name), maxRuntimeSeconds: StoppingCondition.MaxRuntimeInSeconds,
      work: (signal) => compile(request, new JobStorage(options.storage, RoleArn, options.region), signal),
      complete: (compiled) => {
        job.compiled = compiled;
      },
    });
    return { CompilationJobArn: arn };
  }

  private delete(name: string): void {
    const job = this.get(name);
    if (!isOver(job)) {
      throw invalid(`The request was rejected because the compilation job is in status ${job.status}. Only a job that is COMPLETED, FAILED or STOPPED can be deleted.`);
    }
    this.jobs.delete(name);
    this.context.tags.delete(this.arn(name));
  }

  private described(job: CompilationJob): object {
    const { compiled, request } = job;
    const isDerived = request.InputConfig?.DataInputConfig === undefined;
    return {
      ...request, ...times(job), CompilationJobArn: this.arn(job.name),
      CompilationJobStatus: job.status,
      FailureReason: job.reason ?? '', // both required by the service's model, in every state
      ModelArtifacts: { S3ModelArtifacts: compiled?.uri ?? '' },
      ModelDigests: compiled && { ArtifactDigest: compiled.digest },
      DerivedInformation: compiled && isDerived ? { DerivedDataInputConfig: JSON.stringify(compiled.shapes) } : undefined,
    };
  }

  private summary(job: CompilationJob): object {
    const { TargetDevice, TargetPlatform } = job.request.OutputConfig;
    return {
      CompilationJobName: job.name, CompilationJobArn: this.arn(job.name), CompilationJobStatus: job.status, ...times(job),
      CompilationTargetDevice: TargetDevice, CompilationTargetPlatformOs: TargetPlatform?.Os,
      CompilationTargetPlatformArch: TargetPlatform?.Arch, CompilationTargetPlatformAccelerator: TargetPlatform?.Accelerator,
    };
  }

  private get(name: string): CompilationJob {
    const job = this.jobs.get(name);
    if (!job) {
      throw notFound(`Could not find requested compilation job with name: ${name}`);
    }
    return job;
  }

  private arn(name: string): string {
    return this.context.arns.compilationJob(name);
  }
}

function sortKey(job: Job, by = 'CreationTime'): string | number {
  switch (by) {
    case 'Name': return job.name;
    case 'Status': return job.status;
    default: return job.createdAt;
  }
}

function times(job: Job): object {
  return {
    CreationTime: seconds(job.createdAt), LastModifiedTime: seconds(job.modifiedAt),
    CompilationStartTime: seconds(job.startedAt), CompilationEndTime: seconds(job.endedAt),
  };
}
