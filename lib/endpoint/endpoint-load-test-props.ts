import type { aws_ec2 as ec2, aws_ecs as ecs, aws_s3 as s3, aws_sagemaker as sagemaker, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { LoadTestImage } from './load-test-image';
import type { LoadTestScenario } from './load-test-scenario';

/** Properties of an `EndpointLoadTest`. */
export interface EndpointLoadTestProps {
  /** The endpoint: a `RealTimeEndpoint`, a `CfnEndpoint`, one of `@aws-cdk/aws-sagemaker-alpha`, or an import. */
  readonly endpoint: sagemaker.IEndpointRef;

  /**
   * The variant that is tested, of an endpoint that has several. All requests go to it.
   * @default - the endpoint's only variant
   */
  readonly variantName?: string;

  /** What each user sends. */
  readonly scenario: LoadTestScenario;

  /**
   * The staircase of concurrent users. Each waits for the answer to its request and sends the next one at once. The numbers rise.
   * An execution may have others in its input.
   * @default [1, 2, 4, 8, 16, 32, 64]
   */
  readonly users?: number[];

  /**
   * The requests a second that the endpoint is to bear. The first step that reaches them within the limits ends the run. The
   * execution fails where none does.
   * @default - no target: the run goes up the staircase until a limit is passed, and says what one instance bears
   */
  readonly targetTps?: number;

  /**
   * The longest that the 99th percentile of latency may be, as the client sees it. A step above it ends the run.
   * @default - no limit
   */
  readonly maxLatency?: Duration;

  /**
   * The share of requests that may fail, in percent, from 0 to 100. A step above it ends the run.
   * @default 1
   */
  readonly maxErrorPercent?: number;

  /**
   * How long a step waits, after all of its users are there, before it is measured.
   * @default Duration.seconds(60)
   */
  readonly settleTime?: Duration;

  /**
   * How long a step is measured: at least two metric periods, so that a whole one lies in it.
   * @default Duration.minutes(3)
   */
  readonly holdTime?: Duration;

  /**
   * How often the endpoint publishes its metrics: 10 or 30 seconds with `MetricsConfig` of its variant and `EnableEnhancedMetrics`.
   * @default Duration.minutes(1)
   */
  readonly metricPeriod?: Duration;

  /**
   * How long CloudWatch's figures are waited for after a step. They come about a minute late.
   * @default Duration.minutes(5)
   */
  readonly metricTimeout?: Duration;

  /**
   * The workers with which a run begins. One is a process on one vCPU.
   * @default 2
   */
  readonly workers?: number;

  /**
   * The most workers. A step whose workers are exhausted is repeated with twice as many, up to this number. Then it is marked
   * as limited by the client.
   * @default 10
   */
  readonly maxWorkers?: number;

  /**
   * How long the tasks of a run may take to start.
   * @default Duration.minutes(5)
   */
  readonly startTimeout?: Duration;

  /**
   * The longest that a run may take. Its tasks are then stopped.
   * @default Duration.hours(4)
   */
  readonly timeout?: Duration;

  /**
   * The image of the containers.
   * @default - LoadTestImage.builtAtDeployment(): CodeBuild builds it at deployment
   */
  readonly image?: LoadTestImage;

  /**
   * The architecture of the tasks: ARM64 or X86_64.
   * @default ecs.CpuArchitecture.ARM64
   */
  readonly architecture?: ecs.CpuArchitecture;

  /**
   * The VPC of the tasks. They reach S3, SageMaker, ECR and CloudWatch Logs by HTTPS.
   * @default - a new VPC of two public subnets without NAT gateways: tasks have public addresses and no open port
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the tasks. In public ones they have public addresses.
   * @default - the private subnets of the VPC, or those that it has
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The bucket of the results. A run writes under `runs/<run id>/`, and the run that goes on is in `lock.json`.
   * @default - a new, encrypted bucket
   */
  readonly resultsBucket?: s3.IBucket;

  /**
   * What happens to the bucket of the results when it leaves the stack. It may only be given for a new bucket.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}
