import type { JobTag, PackagingJobAttribute, PackagingJobProperties } from '../../lib/jobs/contract';
import type { PackagingClient, PackagingJobDescription } from './dependencies';
import { jobState, type Job, type JobRecord, type JobState } from './job';
import { inputsHash, outputFolder } from './naming';
import { packagingInput } from './requests';

/** A SageMaker edge packaging job. There is no call that deletes one, so its name stays taken for ever. */
export class PackagingJob implements Job {
  public readonly kind = 'edge packaging job';
  public readonly deletable = false;
  public readonly namePrefix: string;
  public readonly inputs: string;
  public readonly maxRuntimeSeconds: number;
  public readonly tags: readonly JobTag[];

  public constructor(private readonly client: PackagingClient, private readonly properties: PackagingJobProperties) {
    this.namePrefix = properties.NamePrefix;
    this.maxRuntimeSeconds = Number(properties.MaxRuntimeInSeconds);
    this.tags = properties.Tags ?? [];
    this.inputs = inputsHash([properties.CompilationJobName, properties.ModelName, properties.ModelVersion, properties.Output]);
  }

  /** No log group is documented. */
  public logs(): string {
    return '';
  }

  public async describe(name: string): Promise<JobRecord> {
    const job = await this.client.describeEdgePackagingJob(name);
    const attributes: Record<PackagingJobAttribute, string> = {
      JobName: job.EdgePackagingJobName ?? name,
      JobArn: job.EdgePackagingJobArn ?? '',
      ModelArtifact: job.ModelArtifact ?? '',
      ModelSignature: job.ModelSignature ?? '',
      PresetDeploymentArtifact: job.PresetDeploymentOutput?.Artifact ?? '',
    };
    return {
      name, attributes, arn: attributes.JobArn, ...outcome(job),
      createdAt: job.CreationTime?.getTime() ?? 0, ours: this.isOurs(name, job),
    };
  }

  public async start(name: string): Promise<void> {
    await this.client.createEdgePackagingJob(packagingInput(name, this.properties));
  }

  public async stop(name: string): Promise<void> {
    await this.client.stopEdgePackagingJob(name);
  }

  public async deleteRecord(): Promise<void> {
    // The API has no such call: the record stays, and it costs nothing.
  }

  public async tag(arn: string, tags: readonly JobTag[]): Promise<void> {
    await this.client.addTags({ ResourceArn: arn, Tags: tags.map((tag) => ({ ...tag })) });
  }

  public async untag(arn: string, keys: readonly string[]): Promise<void> {
    await this.client.deleteTags({ ResourceArn: arn, TagKeys: [...keys] });
  }

  private isOurs(name: string, job: PackagingJobDescription): boolean {
    return job.CompilationJobName === this.properties.CompilationJobName
      && job.ModelName === this.properties.ModelName && job.ModelVersion === this.properties.ModelVersion
      && job.OutputConfig?.S3OutputLocation === outputFolder(this.properties.Output.S3BaseUri, name);
  }
}

/** Two statuses decide: a job can be COMPLETED though the Greengrass component that it was to make failed. */
function outcome(job: PackagingJobDescription): { state: JobState; status: string; reason: string } {
  const status = job.EdgePackagingJobStatus ?? '';
  const state = jobState(status);
  const preset = job.PresetDeploymentOutput;
  if (state === 'completed' && preset?.Status !== undefined) {
    const presetState = jobState(preset.Status);
    if (presetState !== 'completed') {
      const both = `${status}, but its preset deployment is ${preset.Status}`;
      return { state: presetState === 'unknown' ? 'unknown' : 'failed', status: both, reason: preset.StatusMessage ?? '' };
    }
  }
  return { state, status, reason: job.EdgePackagingJobStatusMessage ?? '' };
}
