import type { CompilationJobs } from './compilation-jobs';
import type { Context } from './context';
import { inUse, invalid, notFound } from './errors';
import type { Job } from './job';
import { newJob } from './job';
import { page, seconds, selected } from './listing';
import { packageModel } from './packager';
import type { PresetOutput } from './preset';
import { PresetComponents } from './preset';
import { JobStorage } from './s3-uri';
import { checkKeys, taggingRights } from './tags';
import type { PackagingRequest, SageMakerOperations } from './types';

interface PackagingJob extends Job {
  readonly request: PackagingRequest;
  artifact?: string;
  preset?: PresetOutput;
}

/**
 * Edge packaging jobs. Their records cannot be deleted, as in the service. What the service says to a name that is taken
 * is in no model and no document; here it is ResourceInUse, as for every other name.
 */
export class PackagingJobs {
  private readonly jobs = new Map<string, PackagingJob>();
  private readonly components: PresetComponents;

  public constructor(private readonly context: Context, private readonly compilations: CompilationJobs) {
    this.components = new PresetComponents(context);
  }

  public state(): readonly object[] {
    return [...this.jobs.values()].map((job) => ({ ...this.described(job), Tags: this.context.tags.of(this.arn(job.name)) }));
  }

  public operations(): SageMakerOperations {
    const resources = ({ EdgePackagingJobName: name }: { readonly EdgePackagingJobName: string }): readonly string[] => [this.arn(name)];
    return {
      CreateEdgePackagingJob: {
        resources, role: ({ RoleArn }) => RoleArn, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: (request) => {
          this.create(request);
          return undefined;
        },
      },
      DescribeEdgePackagingJob: {
        resources,
        run: ({ EdgePackagingJobName }) => this.described(this.get(EdgePackagingJobName)),
      },
      StopEdgePackagingJob: {
        resources,
        run: ({ EdgePackagingJobName }) => {
          this.context.runner.stop(this.get(EdgePackagingJobName), 'edge packaging job');
          return undefined;
        },
      },
      ListEdgePackagingJobs: {
        run: (request) => {
          const { StatusEquals, ModelNameContains = '', SortBy } = request;
          const jobs = selected(this.jobs.values(), request, (job) => sortKey(job, SortBy))
            .filter((job) => StatusEquals === undefined || job.status === StatusEquals)
            .filter((job) => job.request.ModelName.includes(ModelNameContains));
          const { items, NextToken } = page(jobs, request);
          return { EdgePackagingJobSummaries: items.map((job) => this.summary(job)), NextToken };
        },
      },
    };
  }

  private create(request: PackagingRequest): void {
    const { Tags, ...kept } = request;
    const { EdgePackagingJobName: name, CompilationJobName, RoleArn } = kept;
    checkKeys(Tags);
    this.components.check(request);
    if (this.jobs.has(name)) {
      throw inUse(`Edge packaging job names must be unique within an AWS account and region, and an edge packaging job with this name already exists (${this.arn(name)})`);
    }
    const compilation = this.compilations.find(CompilationJobName);
    if (!compilation) {
      throw invalid(`No compilation job with name ${CompilationJobName}`);
    }
    const { status, compiled } = compilation;
    if (status !== 'COMPLETED' || !compiled) {
      throw invalid(`Compilation job ${CompilationJobName} is in status ${status}, only a COMPLETED one can be packaged`);
    }
    const { runner, faults, tags, options } = this.context;
    const fault = faults.takeJob(name);
    const asked = fault?.become === 'PRESET_FAILED' ? fault.reason ?? 'a fault of the stand-in was asked for' : undefined;
    const job: PackagingJob = { ...newJob(name), request: kept };
    this.jobs.set(name, job);
    tags.create(this.arn(name), Tags);
    runner.start(job, {
      fault,
      work: async (signal) => {
        const storage = new JobStorage(options.storage, RoleArn, options.region);
        const artifact = await packageModel(request, compiled, storage, signal);
        return { artifact, preset: await this.components.deploy(request, asked) };
      },
      complete: ({ artifact, preset }) => {
        job.artifact = artifact;
        job.preset = preset;
      },
    });
  }

  private described(job: PackagingJob): object {
    return {
      ...this.summary(job), ...job.request,
      EdgePackagingJobStatusMessage: job.reason, ModelArtifact: job.artifact, PresetDeploymentOutput: job.preset,
    };
  }

  private summary(job: PackagingJob): object {
    const { EdgePackagingJobName, CompilationJobName, ModelName, ModelVersion } = job.request;
    return {
      EdgePackagingJobArn: this.arn(job.name), EdgePackagingJobName, EdgePackagingJobStatus: job.status,
      CompilationJobName, ModelName, ModelVersion, CreationTime: seconds(job.createdAt), LastModifiedTime: seconds(job.modifiedAt),
    };
  }

  private get(name: string): PackagingJob {
    const job = this.jobs.get(name);
    if (!job) {
      throw notFound(`Could not find requested edge packaging job with name: ${name}`);
    }
    return job;
  }

  private arn(name: string): string {
    return this.context.arns.edgePackagingJob(name);
  }
}

function sortKey(job: PackagingJob, by = 'CREATION_TIME'): string | number {
  switch (by) {
    case 'NAME': return job.name;
    case 'MODEL_NAME': return job.request.ModelName;
    case 'STATUS': return job.status;
    case 'LAST_MODIFIED_TIME': return job.modifiedAt;
    default: return job.createdAt;
  }
}
