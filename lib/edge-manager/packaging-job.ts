import {
  Annotations, ArnFormat, aws_cloudwatch as cloudwatch, aws_iam as iam, Duration, Resource, Stack, Token, type aws_kms as kms, type aws_s3 as s3, type CustomResource, type IResource,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ICompilationJob } from '../model/compilation-job';
import { ModelRuntime, type IDeployableModel } from '../model/deployable-model';
import { ModelGrants } from '../model/model-grants';
import type { PackagingJobAttribute } from '../jobs/contract';
import { jobMetric } from '../jobs/metrics';
import { packagingResource, validateMaxRuntime, validateOutputPrefix } from '../jobs/resource';
import { defaultJobRole, grantFind, grantVolumeKey, grantWrite } from '../jobs/role';
import { childOf, EDGE_VERSION, ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import type { GreengrassPreset } from './greengrass-preset';
import { validateEdgeRegion, warnServiceRetired } from './service-retired';

/** Heartbeats take longer names alone. */
const SHORTEST_HEARTBEAT_NAME = 4;

/** A SageMaker edge packaging job: a compiled model, made ready for devices. */
export interface IPackagingJob extends IResource, IDeployableModel {
  /**
   * The name of the job.
   * @default - not known, for a package of which nobody says it
   * @attribute
   */
  readonly packagingJobName?: string;

  /** Grants on the package. */
  readonly grants: ModelGrants;
}

/** A package that was made elsewhere. */
export interface PackagingJobAttributes {
  /**
   * The name of the job that made it: 1 to 63 letters, digits and hyphens.
   *
   * @default - not known, and nothing needs it
   */
  readonly packagingJobName?: string;

  /** Name of the model: 1 to 63 letters, digits and hyphens. */
  readonly modelName: string;

  /** Version of the model: 1 to 30 letters, digits, blanks, dots and underscores. */
  readonly modelVersion: string;

  /** Place of the package: `s3://bucket/key`. */
  readonly modelArtifactUri: string;

  /** The bucket of the package. */
  readonly modelArtifactBucket: s3.IBucket;

  /**
   * SHA-256 of the package's bytes, 64 lower-case hexadecimal digits.
   *
   * @default - a device trusts what it downloads to be the package
   */
  readonly modelArtifactDigest?: string;

  /**
   * What a device needs to run the model.
   *
   * @default ModelRuntime.FROM_MANIFEST
   */
  readonly runtime?: ModelRuntime;
}

/** Properties of a `PackagingJob`. */
export interface PackagingJobProps {
  /** The job that compiled the model. */
  readonly compilationJob: ICompilationJob;

  /** Name under which devices load the model: 1 to 63 letters, digits and hyphens; heartbeats take those from 4 characters alone. */
  readonly modelName: string;

  /** Version of the model: 1 to 30 letters, digits, blanks, dots and underscores. */
  readonly modelVersion: string;

  /**
   * The role that SageMaker assumes for the job. It must trust `sagemaker.amazonaws.com`. What the job needs is granted to it.
   *
   * @default - a role that may do just what this job needs is made
   */
  readonly role?: iam.IRole;

  /**
   * Where the package goes. It must be in the region of the stack.
   *
   * @default - the bucket of the compiled model
   */
  readonly outputBucket?: s3.IBucket;

  /**
   * Where in the bucket: 1 to 512 letters, digits and `! _ . ' ( ) - /`, with a slash at neither end. Each run writes to a
   * folder of its own below.
   *
   * @default 'packaged'
   */
  readonly outputPrefix?: string;

  /**
   * The key that encrypts the package.
   *
   * @default - as the bucket encrypts by default
   */
  readonly outputKey?: kms.IKeyRef;

  /**
   * The key that encrypts the volume of the job's machine.
   *
   * @default - the service uses a key of its own
   */
  readonly resourceKey?: kms.IKeyRef;

  /**
   * Makes a Greengrass V2 component of the package.
   *
   * @default - none is made
   */
  readonly greengrass?: GreengrassPreset;

  /**
   * How long the job may run: 1 second to 45 minutes. The service has no such limit, so the deployment stops the job.
   *
   * @default Duration.minutes(15)
   */
  readonly maxRuntime?: Duration;

  /**
   * Tags of the job: at most 50. Changed ones are set on the job that is there; one that is taken away stays on it.
   *
   * @default - the job has none
   */
  readonly tags?: Record<string, string>;
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
 * The service cannot delete the records of these jobs: each run has a name of its own, and the records stay when the stack goes.
 */
export class PackagingJob extends PackagingJobBase {
  /** A package that was made elsewhere. */
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
    validateText(construct, 'modelArtifactUri', attrs.modelArtifactUri, { max: 1024, pattern: /^s3:\/\/[^/]+\/.+$/, wanted: "a place like 's3://bucket/key'" });
    validateText(construct, 'modelArtifactDigest', attrs.modelArtifactDigest, { pattern: /^[0-9a-f]{64}$/, wanted: 'a SHA-256 of 64 lower-case hexadecimal digits' });
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
   * The signature of the package, as the service gives it; empty where it gives none.
   * @attribute
   */
  public readonly modelSignature: string;

  /**
   * The ARN of the version of the Greengrass component; empty without `greengrass`.
   * @attribute
   */
  public readonly greengrassComponentArn: string;

  /** The role that SageMaker assumes for the job. */
  public readonly role: iam.IRole;

  private readonly job: CustomResource;

  public constructor(scope: Construct, id: string, props: PackagingJobProps) {
    super(scope, id);
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

    const job = packagingResource(this, { role: this.role, grants: this.grantRole(props, prefix), maxRuntime, tags: props.tags }, {
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
    return iam.Grant.addToPrincipal({
      grantee: this.role, actions: ['greengrass:CreateComponentVersion', 'greengrass:DescribeComponent'],
      // The end is open: the version, and without a given name the name of the job, are known only when it runs.
      resourceArns: [Stack.of(this).formatArn({ service: 'greengrass', resource: 'components', resourceName: names, arnFormat: ArnFormat.COLON_RESOURCE_NAME })],
    });
  }
}
