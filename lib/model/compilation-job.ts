import {
  aws_cloudwatch as cloudwatch, aws_ec2 as ec2, aws_s3 as s3, Duration, RemovalPolicy, Resource, Stack, Token,
  type aws_iam as iam, type aws_kms as kms, type CustomResource, type IResource,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CompilationJobAttribute } from '../jobs/contract';
import { jobMetric } from '../jobs/metrics';
import { compilationResource, validateMaxRuntime, validateOutputPrefix } from '../jobs/resource';
import { defaultJobRole, grantCompilationLogs, grantFind, grantMetrics, grantVpc, grantWrite } from '../jobs/role';
import type { ModelSourceConfig } from './private/neo-request';
import { childOf, ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import { CompilationJobGrants } from './compilation-job-grants';
import type { CompilationJobAttributes, CompilationJobProps } from './compilation-job-props';
import { ModelRuntime } from './deployable-model';

const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;

/** A SageMaker Neo compilation job. */
export interface ICompilationJob extends IResource {
  /**
   * The name of the job. Other inputs are another job.
   * @attribute
   */
  readonly compilationJobName: string;

  /**
   * The ARN of the job.
   * @attribute
   */
  readonly compilationJobArn: string;

  /**
   * Place of the compiled model, `s3://bucket/key`, as the service gives it.
   * @attribute
   */
  readonly modelArtifactUri: string;

  /** The bucket of the compiled model. */
  readonly modelArtifactBucket: s3.IBucket;

  /**
   * The folder of that bucket that holds the compiled models of all runs.
   * @default - not known, for a job made elsewhere
   */
  readonly modelArtifactPrefix?: string;

  /**
   * What the service says of the compiled model's content, in its own form; empty where it says nothing.
   * @default - not known, for a job made elsewhere
   * @attribute
   */
  readonly modelArtifactDigest?: string;

  /**
   * The key that encrypts the compiled model.
   * @default - the bucket alone decides
   */
  readonly outputKey?: kms.IKeyRef;

  /** What a device needs to run the compiled model. */
  readonly runtime: ModelRuntime;

  /** Grants on what the job gives. */
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
 * Other inputs (model, framework, shapes, target, options, output) are another job: the deployment waits for it, and deletes
 * the record of the old one when all went well. Role, VPC, tags and `maxRuntime` are none of these, so that a change of them
 * alone runs nothing. A job that fails or takes too long fails the deployment, with the service's reason and the log stream
 * in the message (log group `/aws/sagemaker/CompilationJobs`). Records of jobs go with the stack; compiled models stay as
 * long as their bucket. Neo publishes no metrics of compilation jobs; `metricDuration` and `metricFailed` are written by the
 * handler that waits for them.
 *
 * On AWS the compiled model is a library for the DLR runtime, whatever the framework.
 */
export class CompilationJob extends CompilationJobBase implements ec2.IConnectable {
  /** A compilation job that was made elsewhere, in this account and region. */
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

  private readonly job: CustomResource;
  private readonly securityGroups: ec2.ISecurityGroup[];

  public constructor(scope: Construct, id: string, props: CompilationJobProps) {
    super(scope, id);
    const maxRuntime = props.maxRuntime ?? Duration.minutes(15);
    const prefix = props.outputPrefix ?? 'compiled';
    validateMaxRuntime(this, maxRuntime);
    validateOutputPrefix(this, prefix);
    const framework = props.framework._render(this, props.target);
    const target = props.target._render(this);
    const model = props.model._bind(this, props.framework, props.target);

    this.modelArtifactBucket = this.outputBucket(props);
    this.modelArtifactPrefix = prefix;
    this.outputKey = props.outputKey;
    this.role = props.role ?? defaultJobRole(this, 'SageMaker Neo compiles a model with it');
    const subnetIds = this.selectSubnets(props);
    this.securityGroups = this.selectSecurityGroups(props);

    const grants = this.grantRole(model, prefix, subnetIds);
    const job = compilationResource(this, { role: this.role, grants, maxRuntime, tags: props.tags }, {
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

  /** The network connections of the job's machine. Only a job in a VPC has some. */
  public get connections(): ec2.Connections {
    if (this.securityGroups.length === 0) {
      throw new ValidationError(this, 'connections are there only where vpc is given, got none');
    }
    return new ec2.Connections({ securityGroups: this.securityGroups });
  }

  /**
   * How long jobs of this construct took, in seconds, as the deployments that started them saw it. Of the failed ones, too.
   * The average over 5 minutes, unless the options say otherwise.
   */
  public metricDuration(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return jobMetric(this.job, 'Duration', cloudwatch.Stats.AVERAGE, options);
  }

  /**
   * How many jobs of this construct failed or were stopped: the sum over 5 minutes, unless the options say otherwise.
   */
  public metricFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return jobMetric(this.job, 'Failed', cloudwatch.Stats.SUM, options);
  }

  private outputBucket({ outputBucket, removalPolicy }: CompilationJobProps): s3.IBucket {
    if (outputBucket === undefined) {
      return new s3.Bucket(this, 'OutputBucket', {
        blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, enforceSSL: true, encryption: s3.BucketEncryption.S3_MANAGED,
        removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN, autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
      });
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

  private selectSubnets({ vpc, vpcSubnets, securityGroups }: CompilationJobProps): string[] {
    if (vpc === undefined) {
      if (vpcSubnets !== undefined) {
        throw new ValidationError(this, 'vpcSubnets need a vpc, got none');
      }
      if (securityGroups !== undefined) {
        throw new ValidationError(this, 'securityGroups need a vpc, got none');
      }
      return [];
    }
    const { subnetIds } = vpc.selectSubnets(vpcSubnets);
    if (!Token.isUnresolved(subnetIds) && (subnetIds.length < 1 || subnetIds.length > MAX_SUBNETS)) {
      throw new ValidationError(this, `subnets must be 1 to ${MAX_SUBNETS}, got ${subnetIds.length}`);
    }
    return subnetIds;
  }

  private defaultSecurityGroup(vpc: ec2.IVpc): ec2.ISecurityGroup {
    return new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Compilation job of SageMaker Neo' });
  }

  private selectSecurityGroups({ vpc, securityGroups }: CompilationJobProps): ec2.ISecurityGroup[] {
    if (vpc === undefined) {
      return [];
    }
    const groups = securityGroups ?? [this.defaultSecurityGroup(vpc)];
    if (groups.length < 1 || groups.length > MAX_SECURITY_GROUPS) {
      throw new ValidationError(this, `securityGroups must be 1 to ${MAX_SECURITY_GROUPS}, got ${groups.length}`);
    }
    return [...groups];
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
