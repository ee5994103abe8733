import type { aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { EndpointInstanceType } from '../endpoint/endpoint-instance-type';
import type { IStudioImage } from './studio-image';
import type { IStudioLifecycleConfig } from './studio-lifecycle-config';

/** How applications of Studio reach the internet. */
export enum StudioNetworkAccess {
  /** By the subnets of the VPC alone. SageMaker's API, S3 and ECR must be reached through a NAT gateway or VPC endpoints. */
  VPC_ONLY = 'VpcOnly',
  /** By a VPC of SageMaker's that has internet access. The home directories stay in the VPC of the domain. */
  PUBLIC_INTERNET = 'PublicInternetOnly',
}

/** Properties of a `StudioDomain`. */
export interface StudioDomainProps {
  /** The VPC of the domain. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets, 1 to 16.
   *
   * @default - the VPC's default: private subnets, if it has any
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Security groups of the applications, 1 to 5.
   *
   * @default - one is made, which lets everything out and nothing in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * How applications reach the internet.
   *
   * @default StudioNetworkAccess.VPC_ONLY
   */
  readonly networkAccess?: StudioNetworkAccess;

  /**
   * The name of the domain: 1 to 63 letters, digits and hyphens. A new name replaces the domain with all that is in it.
   *
   * @default - made of the names of the stack and of the construct
   */
  readonly domainName?: string;

  /**
   * The role of users who have none of their own. It must trust `sagemaker.amazonaws.com`.
   *
   * @default - a role that may do nothing. Each `StudioUser` has a role of its own
   */
  readonly executionRole?: iam.IRole;

  /**
   * Images that applications can run, besides SageMaker's own. More can be attached later with `addImage`.
   *
   * @default - none
   */
  readonly images?: IStudioImage[];

  /**
   * Scripts that run when an application starts. The first for an application is its default.
   *
   * @default - none
   */
  readonly lifecycleConfigs?: IStudioLifecycleConfig[];

  /**
   * Whether SageMaker stops an application that nobody uses.
   *
   * @default true
   */
  readonly idleShutdown?: boolean;

  /**
   * After what time without use an application is stopped: from 60 minutes to 365 days.
   *
   * @default - two hours, or none without `idleShutdown`
   */
  readonly idleTimeout?: Duration;

  /**
   * The instance type of applications that say none.
   *
   * @default - SageMaker chooses: `ml.t3.medium`
   */
  readonly instanceType?: EndpointInstanceType;

  /**
   * The KMS key of the home directories and of the volumes of spaces. Another key replaces the domain.
   *
   * @default - a key of AWS's
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * What becomes of the file system with the home directories when the domain is removed from the stack. `DESTROY` deletes it. The
   * domain itself, its users, their spaces and the volumes of these always go, and running applications are stopped first.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}
