import type { aws_iam as iam, aws_kms as kms, aws_s3 as s3, Duration } from 'aws-cdk-lib';
import type { ICompilationJob } from '../model/compilation-job';
import type { GreengrassPreset } from './greengrass-preset';

/** Properties of a `PackagingJob`. */
export interface PackagingJobProps {
  /** The job that compiled the model. */
  readonly compilationJob: ICompilationJob;

  /**
   * The name under which devices load the model: 1 to 63 letters, digits and hyphens. Heartbeats take only names of at least 4
   * characters.
   */
  readonly modelName: string;

  /** The version of the model: 1 to 30 letters, digits, blanks, dots and underscores. */
  readonly modelVersion: string;

  /**
   * The role that SageMaker assumes for the job. It must trust `sagemaker.amazonaws.com`. The permissions that the job needs are added.
   *
   * @default - a role with just the permissions of this job is created
   */
  readonly role?: iam.IRole;

  /**
   * The bucket that the package is written to. It must be in the region of the stack.
   *
   * @default - the bucket of the compiled model
   */
  readonly outputBucket?: s3.IBucket;

  /**
   * The prefix of the package: 1 to 512 letters, digits and `! _ . ' ( ) - /`, with a slash at neither end. Each job writes to a
   * folder of its own below it.
   *
   * @default 'packaged'
   */
  readonly outputPrefix?: string;

  /**
   * The KMS key that encrypts the package.
   *
   * @default - as the bucket encrypts by default
   */
  readonly outputKey?: kms.IKeyRef;

  /**
   * The KMS key that encrypts the volume of the job's instance.
   *
   * @default - the service uses a key of its own
   */
  readonly resourceKey?: kms.IKeyRef;

  /**
   * The Greengrass V2 component that the job creates of the package.
   *
   * @default - no component
   */
  readonly greengrass?: GreengrassPreset;

  /**
   * The maximum runtime of the job: 1 second to 45 minutes. The service has no such limit, so the deployment stops the job.
   *
   * @default Duration.minutes(15)
   */
  readonly maxRuntime?: Duration;

  /**
   * The tags of the job: at most 50. A change of the tags changes the existing job. `Tags.of(…)` adds tags, too.
   *
   * @default - the job has none
   */
  readonly tags?: Record<string, string>;
}
