import type { CompilationJobAttribute, CompilationJobProperties, JobTag } from '../../lib/jobs/contract';
import type { CompilationClient, CompilationJobDescription } from './dependencies';
import { jobState, type Job, type JobRecord } from './job';
import { inputsHash, outputFolder } from './naming';
import { compilationInput } from './requests';

/** A SageMaker Neo compilation job. */
export class CompilationJob implements Job {
  public readonly kind = 'compilation job';
  public readonly deletable = true;
  public readonly namePrefix: string;
  public readonly inputs: string;
  public readonly maxRuntimeSeconds: number;
  public readonly tags: readonly JobTag[];

  public constructor(private readonly client: CompilationClient, private readonly properties: CompilationJobProperties) {
    this.namePrefix = properties.NamePrefix;
    this.maxRuntimeSeconds = Number(properties.MaxRuntimeInSeconds);
    this.tags = properties.Tags ?? [];
    this.inputs = inputsHash([properties.Input, properties.ModelFingerprint, properties.Output]);
  }

  public logs(name: string): string {
    return `log group /aws/sagemaker/CompilationJobs, stream ${name}`;
  }

  public async describe(name: string): Promise<JobRecord> {
    const job = await this.client.describeCompilationJob(name);
    const attributes: Record<CompilationJobAttribute, string> = {
      JobName: job.CompilationJobName ?? name,
      JobArn: job.CompilationJobArn ?? '',
      S3ModelArtifacts: job.ModelArtifacts?.S3ModelArtifacts ?? '',
      ArtifactDigest: job.ModelDigests?.ArtifactDigest ?? '',
    };
    return {
      name,
      attributes,
      arn: attributes.JobArn,
      state: jobState(job.CompilationJobStatus),
      status: job.CompilationJobStatus ?? '',
      reason: job.FailureReason ?? '',
      createdAt: job.CreationTime?.getTime() ?? 0, ours: this.isOurs(name, job),
    };
  }

  public async start(name: string): Promise<void> {
    await this.client.createCompilationJob(compilationInput(name, this.properties));
  }

  public async stop(name: string): Promise<void> {
    await this.client.stopCompilationJob(name);
  }

  public async deleteRecord(name: string): Promise<void> {
    await this.client.deleteCompilationJob(name);
  }

  public async tag(arn: string, tags: readonly JobTag[]): Promise<void> {
    await this.client.addTags({ ResourceArn: arn, Tags: tags.map((tag) => ({ ...tag })) });
  }

  public async untag(arn: string, keys: readonly string[]): Promise<void> {
    await this.client.deleteTags({ ResourceArn: arn, TagKeys: [...keys] });
  }

  private isOurs(name: string, job: CompilationJobDescription): boolean {
    return job.InputConfig?.S3Uri === this.properties.Input.S3Uri
      && job.InputConfig.Framework === this.properties.Input.Framework
      && job.OutputConfig?.S3OutputLocation === outputFolder(this.properties.Output.S3BaseUri, name);
  }
}
