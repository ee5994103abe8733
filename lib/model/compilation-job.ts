import type { aws_s3 as s3} from 'aws-cdk-lib';
import {
  aws_cloudwatch as cloudwatch, aws_ec2 as ec2, Duration, RemovalPolicy, Resource, Stack, Token,
  type aws_iam as iam, type aws_kms as kms, type CustomResource, type IResource, type ITaggableV2, type TagManager,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CompilationJobAttribute } from '../jobs/contract';
import { jobMetric } from '../jobs/metrics';
import { selectNetwork } from '../jobs/network';
import { compilationResource, jobTags, validateMaxRuntime, validateOutputPrefix } from '../jobs/resource';
import { defaultJobRole, grantCompilationLogs, grantFind, grantMetrics, grantVpc, grantWrite } from '../jobs/role';
import type { ModelSourceConfig } from './private/neo-request';
import { KEEP_OBJECTS, ownBucket } from '../private/own-bucket';
import { childOf, ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import { CompilationJobGrants } from './compilation-job-grants';
import type { CompilationJobAttributes, CompilationJobProps } from './compilation-job-props';
import { ModelRuntime } from './deployable-model';

/** A SageMaker Neo compilation job. */
export interface ICompilationJob extends IResource {
  /**
   * The name of the job. It changes with the job's inputs.
   * @attribute
   */
  readonly compilationJobName: string;

  /**
   * The ARN of the job.
   * @attribute
   */
  readonly compilationJobArn: string;

  /**
   * The S3 URI of the compiled model, `s3://bucket/key`, as SageMaker reports it.
   * @attribute
   */
  readonly modelArtifactUri: string;

  /** The bucket that holds the compiled model. */
  readonly modelArtifactBucket: s3.IBucket;

  /**
   * The key prefix in that bucket that holds the compiled models of all runs.
   * @default - not known for an imported job
   */
  readonly modelArtifactPrefix?: string;

  /**
   * The digest of the compiled model, in the form in which SageMaker reports it; empty if SageMaker reports none.
   * @default - not known for an imported job, unless given
   * @attribute
   */
  readonly modelArtifactDigest?: string;

  /**
   * The KMS key that encrypts the compiled model.
   * @default - the default encryption of the bucket applies
   */
  readonly outputKey?: kms.IKeyRef;

  /** The runtime that the compiled model needs. */
  readonly runtime: ModelRuntime;

  /** Grants access to the compiled model. */
  readonly grants: CompilationJobGrants;
}

abstract class CompilationJobBase extends Resource implements ICompilationJob {
  public abstract readonly compilationJobName: string;
  public abstract readonly compilationJobArn: string;
  public abstract readonly modelArtifactUri: string;
  public abstract readonly modelArtifactBucket: s3.IBucket;
  public abstract readonly modelArtifactPrefix?: string;
  public abstract readonly modelArtifactDigest?: string;
  public abstract readonly outputKey?: kms.IKeyRef;
  public abstract readonly runtime: ModelRuntime;
  public readonly grants = CompilationJobGrants.fromCompilationJob(this);
}

/**
 * Defines a SageMaker Neo compilation job, which runs when the stack is deployed.
 *
 * - **A change of the inputs** (model, framework, shapes, target, options, output) starts a new job. The deployment waits
 *   for it, and deletes the record of the old job when the deployment has succeeded. A change of the role, the VPC, the
 *   tags or `maxRuntime` alone starts no job.
 * - **A job that fails or times out** fails the deployment. The message has SageMaker's reason and the log stream (log
 *   group `/aws/sagemaker/CompilationJobs`).
 * - **A deletion of the stack** deletes the records of the jobs. The compiled models stay until their bucket is deleted.
 * - **Metrics**: Neo publishes none for compilation jobs. The handler that waits for a job writes `metricDuration` and
 *   `metricFailed`.
 *
 * On AWS, the compiled model is a library for the DLR runtime, for every framework.
 */
export class CompilationJob extends CompilationJobBase implements ec2.IConnectable, ITaggableV2 {
  /** Import an existing compilation job of this account and region. */
  public static fromCompilationJobAttributes(scope: Construct, id: string, attrs: CompilationJobAttributes): ICompilationJob {
    class Import extends CompilationJobBase {
      public readonly compilationJobName = attrs.compilationJobName;
      public readonly compilationJobArn = jobArn(scope, attrs.compilationJobName);
      public readonly modelArtifactUri = attrs.modelArtifactUri;
      public readonly modelArtifactBucket = attrs.modelArtifactBucket;
      public readonly modelArtifactPrefix = undefined;
      public readonly modelArtifactDigest = attrs.modelArtifactDigest;
      public readonly outputKey = attrs.outputKey;
      public readonly runtime = attrs.runtime ?? ModelRuntime.FROM_MANIFEST;
    }
    const construct = childOf(scope, id);
    validateText(construct, 'compilationJobName', attrs.compilationJobName, ENTITY_NAME);
    validateText(construct, 'modelArtifactUri', attrs.modelArtifactUri, {
      max: 1024, pattern: /^s3:\/\/[^/]+\/.+$/, wanted: "a place like 's3://bucket/key'",
    });
    return new Import(scope, id);
  }

  public readonly compilationJobName: string;
  public readonly compilationJobArn: string;
  public readonly modelArtifactUri: string;
  public readonly modelArtifactBucket: s3.IBucket;
  public readonly modelArtifactPrefix?: string;
  public readonly modelArtifactDigest?: string;
  public readonly outputKey?: kms.IKeyRef;
  public readonly runtime: ModelRuntime = ModelRuntime.FROM_MANIFEST;

  /** The role that SageMaker assumes for the job. */
  public readonly role: iam.IRole;

  /** The tags of the job: those that are given, and those of `Tags.of(…)`. */
  public readonly cdkTagManager: TagManager;

  private readonly job: CustomResource;
  private readonly securityGroups: ec2.ISecurityGroup[];

  public constructor(scope: Construct, id: string, props: CompilationJobProps) {
    super(scope, id);
    this.cdkTagManager = jobTags('Custom::SageMakerEdge-CompilationJob', props.tags);
    const maxRuntime = props.maxRuntime ?? Duration.minutes(15);
    const prefix = props.outputPrefix ?? 'compiled';
    validateMaxRuntime(this, maxRuntime);
    validateOutputPrefix(this, prefix);
    props.framework._validate(this, props.target);
    const target = props.target._render(this);
    const model = props.model._bind(this, props.framework, props.target);
    const framework = props.framework._render(this, props.target, model.inputs);

    this.modelArtifactBucket = this.outputBucket(props);
    this.modelArtifactPrefix = prefix;
    this.outputKey = props.outputKey;
    this.role = props.role ?? defaultJobRole(this, 'SageMaker Neo compiles a model with it');
    const { securityGroups, subnetIds } = selectNetwork(this, props, 'Compilation job of SageMaker Neo');
    this.securityGroups = [...securityGroups];

    const grants = this.grantRole(model, prefix, subnetIds);
    const job = compilationResource(this, { role: this.role, grants, maxRuntime, tags: this.cdkTagManager }, {
      Input: {
        S3Uri: model.s3Uri,
        Framework: framework.framework,
        DataInputConfig: framework.dataInputConfig,
        FrameworkVersion: framework.frameworkVersion,
      },
      ModelFingerprint: model.objectVersion ?? model.fingerprint,
      Output: {
        S3BaseUri: this.modelArtifactBucket.s3UrlForObject(prefix),
        KmsKeyId: props.outputKey?.keyRef.keyArn,
        TargetDevice: target.targetDevice,
        TargetPlatform: target.targetPlatform,
        CompilerOptions: target.compilerOptions,
      },
      VpcConfig: props.vpc && { SecurityGroupIds: this.securityGroups.map(({ securityGroupId }) => securityGroupId), Subnets: subnetIds },
    });
    this.job = job;
    const attribute = (name: CompilationJobAttribute) => job.getAttString(name);
    this.compilationJobName = attribute('JobName');
    this.compilationJobArn = attribute('JobArn');
    this.modelArtifactUri = attribute('S3ModelArtifacts');
    this.modelArtifactDigest = attribute('ArtifactDigest');
  }

  /** The network connections of the job's machine. Reading them fails unless `vpc` is given. */
  public get connections(): ec2.Connections {
    if (this.securityGroups.length === 0) {
      throw new ValidationError(this, 'connections are there only where vpc is given, got none');
    }
    return new ec2.Connections({ securityGroups: this.securityGroups });
  }

  /**
   * The duration of the jobs of this construct in seconds, failed jobs included, measured by the deployment that started
   * the job.
   *
   * Average over 5 minutes by default.
   */
  public metricDuration(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return jobMetric(this.job, 'Duration', cloudwatch.Stats.AVERAGE, options);
  }

  /**
   * The number of jobs of this construct that failed or were stopped.
   *
   * Sum over 5 minutes by default.
   */
  public metricFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return jobMetric(this.job, 'Failed', cloudwatch.Stats.SUM, options);
  }

  private outputBucket({ outputBucket, removalPolicy }: CompilationJobProps): s3.IBucket {
    if (outputBucket === undefined) {
      return ownBucket(this, 'OutputBucket', { removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN }, KEEP_OBJECTS);
    }
    if (removalPolicy !== undefined) {
      throw new ValidationError(this, `removalPolicy is for the bucket that is made by default, got '${removalPolicy}' and an outputBucket`);
    }
    const got = outputBucket.env.region;
    const wanted = Stack.of(this).region;
    if (!Token.isUnresolved(got) && !Token.isUnresolved(wanted) && got !== wanted) {
      throw new ValidationError(this, `outputBucket must be in the region of the job, ${wanted}, got ${got}`);
    }
    return outputBucket;
  }

  private grantRole(model: ModelSourceConfig, prefix: string, subnetIds: readonly string[]): iam.Grant[] {
    return [
      model.grantRead(this.role),
      grantFind(this.role, model.bucket),
      grantFind(this.role, this.modelArtifactBucket),
      grantWrite(this.role, this.modelArtifactBucket, prefix, this.outputKey),
      grantCompilationLogs(this.role),
      grantMetrics(this.role),
      ...(this.securityGroups.length > 0 ? [grantVpc(this.role, subnetIds, this.securityGroups)] : []),
    ];
  }
}

function jobArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 'sagemaker', resource: 'compilation-job', resourceName: name });
}
