import type { aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_logs as logs, Duration, Size } from 'aws-cdk-lib';
import type { EndpointDataCapture } from './endpoint-data-capture';
import type { EndpointDeployment } from './endpoint-deployment';
import type { EndpointInstanceType } from './endpoint-instance-type';
import type { EndpointModel } from './endpoint-model';

/** How an endpoint chooses among the instances of a variant. */
export enum EndpointRouting {
  /** An instance at random. */
  RANDOM = 'RANDOM',
  /** An instance with the least requests in work. */
  LEAST_OUTSTANDING_REQUESTS = 'LEAST_OUTSTANDING_REQUESTS',
}

/** A production variant of a `RealTimeEndpoint`: a model on instances of one type. */
export interface EndpointVariantProps {
  /**
   * The name of the variant: 1 to 63 letters, digits and hyphens.
   *
   * An update by blue/green or rolling deployment wants the name as it was.
   * @default 'AllTraffic'
   */
  readonly variantName?: string;

  /** The model. A change of it replaces the instances, as the endpoint's deployment strategy says. */
  readonly model: EndpointModel;

  /**
   * The type of the instances.
   *
   * An update that changes it is refused while the variant has auto scaling. Take the scaling out first, in a deployment of its own.
   */
  readonly instanceType: EndpointInstanceType;

  /**
   * The number of instances: 1 or more. With auto scaling, it is where the variant starts, and starts again after an update of the endpoint
   * (see `retainVariantProperties`).
   * @default 1
   */
  readonly instanceCount?: number;

  /**
   * The share of the variant in the traffic, compared with the sum of all variants' weights: 0 or more.
   * @default 1
   */
  readonly weight?: number;

  /**
   * How the endpoint chooses an instance.
   * @default EndpointRouting.RANDOM
   */
  readonly routing?: EndpointRouting;

  /**
   * The time in which an instance must have downloaded and unpacked the model: 1 minute to 1 hour.
   * @default - SageMaker's default
   */
  readonly modelDataDownloadTimeout?: Duration;

  /**
   * The time in which a new container must answer its health check (`GET /ping`): 1 minute to 1 hour.
   * @default - SageMaker's default
   */
  readonly containerStartupTimeout?: Duration;

  /**
   * The size of the volume of each instance: 1 to 512 GiB. Types with a local disk have none.
   * @default - SageMaker's default
   */
  readonly volumeSize?: Size;
}

/** Properties of a `RealTimeEndpoint`. */
export interface RealTimeEndpointProps {
  /**
   * The name of the endpoint: 1 to 63 letters, digits and hyphens.
   *
   * Prefer lower case. SageMaker's ARN of an endpoint is in lower case, but `InvokeEndpoint` and the metrics want the name as it is here:
   * who knows the ARN alone would not find it.
   * @default - a name in lower case, made of the names of the stack and of the construct
   */
  readonly endpointName?: string;

  /** The variants: 1 to 10, each with a name of its own. */
  readonly variants: EndpointVariantProps[];

  /**
   * The role that SageMaker assumes for the models. It must trust `sagemaker.amazonaws.com`. The construct grants it the permissions that
   * the endpoint needs.
   * @default - a role is created, with only the permissions that this endpoint needs
   */
  readonly role?: iam.IRole;

  /**
   * The VPC that the containers are attached to. They reach S3 and the image's registry through SageMaker in any case; what they call
   * themselves goes through the VPC.
   * @default - the containers are not attached to a VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the VPC: 1 to 16. Two or more in different zones let SageMaker spread the instances. It needs `vpc`.
   * @default - the default selection of the VPC: its private subnets, if it has some
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the containers: 1 to 5. They need `vpc`.
   * @default - with a VPC, one security group is created that allows all outbound and no inbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Whether the containers are cut off from the network: they can call nothing, and have no credentials of the role.
   * @default false
   */
  readonly networkIsolation?: boolean;

  /**
   * The KMS key that encrypts the volumes of the instances. Whoever deploys must be allowed to create grants of it. A local disk of an
   * instance has a key of its own.
   * @default - SageMaker encrypts the volumes with a key of its own
   */
  readonly volumeKey?: kms.IKeyRef;

  /**
   * Whether an update of the endpoint keeps the number of instances and the weights that the variants have at that time.
   *
   * Without it, an update sets them to `instanceCount` and `weight`, also where auto scaling has added instances. CloudFormation's
   * reference says: only for updates, not for the deployment that creates the endpoint.
   * @default false
   */
  readonly retainVariantProperties?: boolean;

  /**
   * The requests and answers that are written to a bucket. They may hold what is private.
   * @default - none
   */
  readonly dataCapture?: EndpointDataCapture;

  /**
   * How an update replaces the instances.
   * @default - SageMaker's: blue/green, all at once; with `addRollbackAlarms`, the same with a watch of 5 minutes
   */
  readonly deployment?: EndpointDeployment;

  /**
   * How long the containers' log is kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;
}
