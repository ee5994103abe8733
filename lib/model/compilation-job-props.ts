import type { aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_s3 as s3, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { CompilationTarget } from './compilation-target';
import type { ModelRuntime } from './deployable-model';
import type { Framework } from './framework';
import type { ModelSource } from './model-source';

/** Properties of a `CompilationJob`. */
export interface CompilationJobProps {
  /** The trained model. */
  readonly model: ModelSource;

  /** The framework that the model was made with, and the model's inputs. */
  readonly framework: Framework;

  /** What the model is compiled for. */
  readonly target: CompilationTarget;

  /**
   * The role that SageMaker assumes for the job. It must trust `sagemaker.amazonaws.com`.
   * The construct grants it the permissions that the job needs.
   *
   * @default - a role is created, with only the permissions that this job needs
   */
  readonly role?: iam.IRole;

  /**
   * The bucket that the compiled model is written to. It must be in the region of the stack.
   *
   * @default - a bucket is created: private, encrypted, TLS only
   */
  readonly outputBucket?: s3.IBucket;

  /**
   * The key prefix of the compiled models: 1 to 512 letters, digits and `! _ . ' ( ) - /`, with a slash at neither end.
   * Each run writes to a folder of its own under it, so that a rollback finds the old artifact.
   *
   * @default 'compiled'
   */
  readonly outputPrefix?: string;

  /**
   * The KMS key that encrypts the compiled model.
   *
   * @default - the default encryption of the bucket applies
   */
  readonly outputKey?: kms.IKeyRef;

  /**
   * The maximum run time of the job: 1 second to 45 minutes. CloudFormation waits for at most one hour.
   *
   * @default Duration.minutes(15)
   */
  readonly maxRuntime?: Duration;

  /**
   * The VPC that the job's machine is attached to.
   *
   * It must have default tenancy, two free addresses per job, and an S3 gateway endpoint that admits the buckets of the
   * model and of the output.
   *
   * @default - the job is not attached to a VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the VPC to attach the job to: 1 to 16. It needs `vpc`.
   *
   * @default - the default selection of the VPC: its private subnets, if it has some
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the job's machine: 1 to 5. They need `vpc`.
   *
   * @default - with a VPC, one security group is created that allows all outbound and no inbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The tags of the job: at most 50.
   *
   * A change of the tags changes the existing job. `Tags.of(…)` adds tags, too.
   *
   * @default - no tags
   */
  readonly tags?: Record<string, string>;

  /**
   * The removal policy of the bucket that is created by default. With `DESTROY`, the bucket is emptied and deleted with
   * the stack. It cannot be combined with `outputBucket`.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Attributes of an existing compilation job, for `CompilationJob.fromCompilationJobAttributes`. */
export interface CompilationJobAttributes {
  /** The name of the job: 1 to 63 letters, digits and hyphens. */
  readonly compilationJobName: string;

  /** The S3 URI of the compiled model, `s3://bucket/key`. */
  readonly modelArtifactUri: string;

  /** The bucket that holds the compiled model. */
  readonly modelArtifactBucket: s3.IBucket;

  /**
   * The digest of the compiled model, as SageMaker reports it.
   *
   * @default - not known
   */
  readonly modelArtifactDigest?: string;

  /**
   * The KMS key that encrypts the compiled model.
   *
   * @default - the encryption key of the bucket, where it has one
   */
  readonly outputKey?: kms.IKeyRef;

  /**
   * The runtime that the compiled model needs.
   *
   * @default ModelRuntime.FROM_MANIFEST
   */
  readonly runtime?: ModelRuntime;
}
