/**
 * What the constructs send to the job handlers and what the handlers answer. Types only: both sides import them, and a
 * field renamed on one side stops compiling on the other. Older shapes keep arriving (Delete, rollback): add, never rename.
 * Scalars reach a handler as strings.
 */

/** Custom resource type of each kind of job; the handler is picked by it. */
export type CompilationJobResourceType = 'Custom::SageMakerEdge-CompilationJob';
export type PackagingJobResourceType = 'Custom::SageMakerEdge-PackagingJob';

/** What every job has. None of these but `Output` changes the artifact. */
interface JobProperties {
  /** Beginning of the names of all jobs of the stack: the handler's rights end there. */
  readonly NamePrefix: string;
  readonly RoleArn: string;
  readonly MaxRuntimeInSeconds: string;
  readonly Tags?: readonly JobTag[];
}

export interface JobTag {
  readonly Key: string;
  readonly Value: string;
}

export interface CompilationJobProperties extends JobProperties {
  readonly Input: {
    readonly S3Uri: string;
    readonly Framework: string;
    readonly DataInputConfig?: string;
    readonly FrameworkVersion?: string;
  };
  /** Tells one content of the object from another: its version, or its hash. Not sent to the service. */
  readonly ModelFingerprint?: string;
  readonly Output: {
    /** Each job writes to a folder of its own name under this one. */
    readonly S3BaseUri: string;
    readonly KmsKeyId?: string;
    readonly TargetDevice?: string;
    readonly TargetPlatform?: { readonly Os: string; readonly Arch: string; readonly Accelerator?: string };
    readonly CompilerOptions?: string;
  };
  readonly VpcConfig?: { readonly SecurityGroupIds: readonly string[]; readonly Subnets: readonly string[] };
}

export interface PackagingJobProperties extends JobProperties {
  readonly CompilationJobName: string;
  readonly ModelName: string;
  readonly ModelVersion: string;
  readonly Output: {
    /** Each job writes to a folder of its own name under this one. */
    readonly S3BaseUri: string;
    readonly KmsKeyId?: string;
    readonly PresetDeploymentType?: string;
    readonly PresetDeploymentConfig?: string;
  };
  readonly ResourceKey?: string;
}

/** CloudWatch metrics of the jobs that a handler started, by stack and resource: the services publish none. */
export type JobMetricNamespace = 'cdk-sagemaker-edge/Jobs';
export type JobMetricDimension = 'Stack' | 'Resource';
/** Seconds from its creation to its end; and 1 for a job that failed, 0 for one that did not. */
export type JobMetricName = 'Duration' | 'Failed';

/** `Fn::GetAtt` of a compilation job. */
export type CompilationJobAttribute = 'JobName' | 'JobArn' | 'S3ModelArtifacts' | 'ArtifactDigest';

/** `Fn::GetAtt` of a packaging job. */
export type PackagingJobAttribute = 'JobName' | 'JobArn' | 'ModelArtifact' | 'ModelSignature' | 'PresetDeploymentArtifact';
