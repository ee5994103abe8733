import {
  Annotations, ArnFormat, aws_cloudwatch as cloudwatch, aws_iam as iam, Duration, Resource, Stack, Token,
  type aws_s3 as s3, type CustomResource, type IResource, type ITaggableV2, type TagManager,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ModelRuntime, type IDeployableModel } from '../model/deployable-model';
import { ModelGrants } from '../model/model-grants';
import type { PackagingJobAttribute } from '../jobs/contract';
import { jobMetric } from '../jobs/metrics';
import { jobTags, packagingResource, validateMaxRuntime, validateOutputPrefix } from '../jobs/resource';
import { defaultJobRole, grantFind, grantVolumeKey, grantWrite } from '../jobs/role';
import { childOf, EDGE_VERSION, ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import type { PackagingJobProps } from './packaging-job-props';
import { validateEdgeRegion, warnServiceRetired } from './service-retired';
import { acknowledgeWildcards } from '../private/nag/acknowledge';

/** Heartbeats take longer names alone. */
const SHORTEST_HEARTBEAT_NAME = 4;

/** A SageMaker edge packaging job: it packages a compiled model for devices. */
export interface IPackagingJob extends IResource, IDeployableModel {
  /**
   * The name of the job.
   * @default - not known, for a package of which nobody says it
   * @attribute
   */
  readonly packagingJobName?: string;

  /** Grant methods for the package. */
  readonly grants: ModelGrants;
}

/** Attributes of an existing package. */
export interface PackagingJobAttributes {
  /**
   * The name of the job that created the package: 1 to 63 letters, digits and hyphens.
   *
   * @default - not known, and nothing needs it
   */
  readonly packagingJobName?: string;

  /** The name of the model: 1 to 63 letters, digits and hyphens. */
  readonly modelName: string;

  /** The version of the model: 1 to 30 letters, digits, blanks, dots and underscores. */
  readonly modelVersion: string;

  /** The S3 URI of the package: `s3://bucket/key`. */
  readonly modelArtifactUri: string;

  /** The bucket of the package. */
  readonly modelArtifactBucket: s3.IBucket;

  /**
   * The SHA-256 digest of the package: 64 lower-case hexadecimal digits.
   *
   * @default - a device trusts what it downloads to be the package
   */
  readonly modelArtifactDigest?: string;

  /**
   * The runtime that a device needs to run the model.
   *
   * @default ModelRuntime.FROM_MANIFEST
   */
  readonly runtime?: ModelRuntime;
}

abstract class PackagingJobBase extends Resource implements IPackagingJob {
  public abstract readonly packagingJobName?: string;
  public abstract readonly modelName: string;
  public abstract readonly modelVersion: string;
  public abstract readonly modelArtifactUri: string;
  public abstract readonly modelArtifactBucket: s3.IBucket;
  public abstract readonly modelArtifactDigest?: string;
  public abstract readonly runtime: ModelRuntime;
  public readonly grants = ModelGrants.fromModel(this);
}

/**
 * Defines a SageMaker edge packaging job, which runs when the stack is deployed.
 *
 * AWS switched the service off on 2024-04-26: the job runs only against a stand-in of it, and a warning
 * (`cdk-sagemaker-edge:PackagingJob.serviceRetired`) says so at synth.
 *
 * The service cannot delete the records of these jobs. Each run has a name of its own, and the records stay when the stack is deleted.
 */
export class PackagingJob extends PackagingJobBase implements ITaggableV2 {
  /** Import an existing package. */
  public static fromPackagingJobAttributes(scope: Construct, id: string, attrs: PackagingJobAttributes): IPackagingJob {
    class Import extends PackagingJobBase {
      public readonly packagingJobName = attrs.packagingJobName;
      public readonly modelName = attrs.modelName;
      public readonly modelVersion = attrs.modelVersion;
      public readonly modelArtifactUri = attrs.modelArtifactUri;
      public readonly modelArtifactBucket = attrs.modelArtifactBucket;
      public readonly modelArtifactDigest = attrs.modelArtifactDigest;
      public readonly runtime = attrs.runtime ?? ModelRuntime.FROM_MANIFEST;
    }
    const construct = childOf(scope, id);
    validateText(construct, 'packagingJobName', attrs.packagingJobName, ENTITY_NAME);
    validateText(construct, 'modelName', attrs.modelName, ENTITY_NAME);
    validateText(construct, 'modelVersion', attrs.modelVersion, EDGE_VERSION);
    validateText(construct, 'modelArtifactUri', attrs.modelArtifactUri, {
      max: 1024,
      pattern: /^s3:\/\/[^/]+\/.+$/,
      wanted: "a place like 's3://bucket/key'",
    });
    validateText(construct, 'modelArtifactDigest', attrs.modelArtifactDigest, {
      pattern: /^[0-9a-f]{64}$/,
      wanted: 'a SHA-256 of 64 lower-case hexadecimal digits',
    });
    return new Import(scope, id);
  }

  public readonly packagingJobName?: string;

  /**
   * The ARN of the job.
   * @attribute
   */
  public readonly packagingJobArn: string;

  public readonly modelName: string;
  public readonly modelVersion: string;
  public readonly modelArtifactUri: string;
  public readonly modelArtifactBucket: s3.IBucket;
  public readonly modelArtifactDigest?: string;
  public readonly runtime: ModelRuntime;

  /**
   * The signature of the package, as the service gives it. Empty where it gives none.
   * @attribute
   */
  public readonly modelSignature: string;

  /**
   * The ARN of the version of the Greengrass component. Empty without `greengrass`.
   * @attribute
   */
  public readonly greengrassComponentArn: string;

  /** The role that SageMaker assumes for the job. */
  public readonly role: iam.IRole;

  /** The tags of the job: those that are given, and those of `Tags.of(…)`. */
  public readonly cdkTagManager: TagManager;

  private readonly job: CustomResource;

  public constructor(scope: Construct, id: string, props: PackagingJobProps) {
    super(scope, id);
    this.cdkTagManager = jobTags('Custom::SageMakerEdge-PackagingJob', props.tags);
    const maxRuntime = props.maxRuntime ?? Duration.minutes(15);
    const prefix = props.outputPrefix ?? 'packaged';
    this.validate(props);
    validateMaxRuntime(this, maxRuntime);
    validateOutputPrefix(this, prefix);
    warnServiceRetired(this, 'PackagingJob');

    this.modelName = props.modelName;
    this.modelVersion = props.modelVersion;
    this.modelArtifactBucket = props.outputBucket ?? props.compilationJob.modelArtifactBucket;
    this.runtime = props.compilationJob.runtime;
    this.role = props.role ?? defaultJobRole(this, 'SageMaker Edge Manager packages a model with it');

    const job = packagingResource(this, { role: this.role, grants: this.grantRole(props, prefix), maxRuntime, tags: this.cdkTagManager }, {
      CompilationJobName: props.compilationJob.compilationJobName,
      ModelName: props.modelName,
      ModelVersion: props.modelVersion,
      Output: {
        S3BaseUri: this.modelArtifactBucket.s3UrlForObject(prefix),
        KmsKeyId: props.outputKey?.keyRef.keyArn,
        ...props.greengrass?._render(this),
      },
      ResourceKey: props.resourceKey?.keyRef.keyArn,
    });
    this.job = job;
    const attribute = (name: PackagingJobAttribute) => job.getAttString(name);
    this.packagingJobName = attribute('JobName');
    this.packagingJobArn = attribute('JobArn');
    this.modelArtifactUri = attribute('ModelArtifact');
    this.modelSignature = attribute('ModelSignature');
    this.greengrassComponentArn = attribute('PresetDeploymentArtifact');
  }

  /**
   * Returns the metric of the duration of this construct's jobs, failed ones included: in seconds, as the deployments that started
   * them saw it. By default, the average over 5 minutes.
   */
  public metricDuration(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return jobMetric(this.job, 'Duration', cloudwatch.Stats.AVERAGE, options);
  }

  /**
   * Returns the metric of the number of this construct's jobs that failed or were stopped. By default, the sum over 5 minutes.
   */
  public metricFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return jobMetric(this.job, 'Failed', cloudwatch.Stats.SUM, options);
  }

  private validate({ modelName, modelVersion, outputBucket }: PackagingJobProps): void {
    validateEdgeRegion(this);
    validateText(this, 'modelName', modelName, ENTITY_NAME);
    validateText(this, 'modelVersion', modelVersion, EDGE_VERSION);
    if (!Token.isUnresolved(modelName) && modelName.length < SHORTEST_HEARTBEAT_NAME) {
      Annotations.of(this).addWarningV2('cdk-sagemaker-edge:PackagingJob.shortModelName',
        `model name '${modelName}' has ${modelName.length} characters: heartbeats of SageMaker Edge Manager take names of 4 to 255 alone`);
    }
    const got = outputBucket?.env.region;
    const wanted = Stack.of(this).region;
    if (got !== undefined && !Token.isUnresolved(got) && !Token.isUnresolved(wanted) && got !== wanted) {
      throw new ValidationError(this, `outputBucket must be in the region of the job, ${wanted}, got ${got}`);
    }
  }

  private grantRole({ compilationJob, outputKey, resourceKey, greengrass }: PackagingJobProps, prefix: string): iam.Grant[] {
    const { role, modelArtifactBucket } = this;
    return [
      compilationJob.grants.readArtifact(role),
      grantFind(role, compilationJob.modelArtifactBucket),
      grantFind(role, modelArtifactBucket),
      grantWrite(role, modelArtifactBucket, prefix, outputKey),
      ...(resourceKey ? [grantVolumeKey(role, resourceKey)] : []),
      ...(greengrass ? [this.grantComponent(greengrass._componentNames)] : []),
    ];
  }

  private grantComponent(names: string): iam.Grant {
    const components = Stack.of(this).formatArn({
      service: 'greengrass', resource: 'components', resourceName: names, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    acknowledgeWildcards(this.role, 'the version of a component, and its name where none is given, are known when the job runs', components);
    return iam.Grant.addToPrincipal({
      grantee: this.role, actions: ['greengrass:CreateComponentVersion', 'greengrass:DescribeComponent'],
      // The end is open: the version, and without a given name the name of the job, are known only when it runs.
      resourceArns: [components],
    });
  }
}
