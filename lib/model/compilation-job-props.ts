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
   * The role that SageMaker assumes for the job. It must trust `sagemaker.amazonaws.com`. What the job needs is granted to it.
   *
   * @default - a role that may do just what this job needs is made
   */
  readonly role?: iam.IRole;

  /**
   * Where the compiled model goes. It must be in the region of the stack.
   *
   * @default - a bucket is made: private, encrypted, TLS only
   */
  readonly outputBucket?: s3.IBucket;

  /**
   * Where in the bucket: 1 to 512 letters, digits and `! _ . ' ( ) - /`, with a slash at neither end. Each run writes to a
   * folder of its own below, so that a rollback finds the old artifact.
   *
   * @default 'compiled'
   */
  readonly outputPrefix?: string;

  /**
   * The key that encrypts the compiled model.
   *
   * @default - as the bucket encrypts by default
   */
  readonly outputKey?: kms.IKeyRef;

  /**
   * How long the job may run: 1 second to 45 minutes. CloudFormation waits for at most an hour.
   *
   * @default Duration.minutes(15)
   */
  readonly maxRuntime?: Duration;

  /**
   * The VPC whose subnets the job's machine is attached to: of default tenancy, with two free addresses a job, and with an S3
   * gateway endpoint that admits the buckets of the model and of the output.
   *
   * @default - the job is in no VPC of yours
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Which subnets of the VPC: 1 to 16.
   *
   * @default - as the VPC chooses: its private subnets, if it has some
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the job's machine: 1 to 5.
   *
   * @default - one is made in the VPC, which lets everything out and nothing in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Tags of the job: at most 50. Changed ones are set on the job that is there; one that is taken away stays on it until the
   * inputs change.
   *
   * @default - the job has none
   */
  readonly tags?: Record<string, string>;

  /**
   * What becomes of the bucket that is made by default. With DESTROY it is emptied and deleted with the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** A compilation job that was made elsewhere. */
export interface CompilationJobAttributes {
  /** Its name: 1 to 63 letters, digits and hyphens. */
  readonly compilationJobName: string;

  /** Place of the compiled model: `s3://bucket/key`. */
  readonly modelArtifactUri: string;

  /** The bucket of the compiled model. */
  readonly modelArtifactBucket: s3.IBucket;

  /**
   * What the service says of the compiled model's content.
   *
   * @default - not known
   */
  readonly modelArtifactDigest?: string;

  /**
   * The key that encrypts the compiled model.
   *
   * @default - the encryption key of the bucket, where it has one
   */
  readonly outputKey?: kms.IKeyRef;

  /**
   * What a device needs to run it.
   *
   * @default ModelRuntime.FROM_MANIFEST
   */
  readonly runtime?: ModelRuntime;
}
