import type { aws_iam as iam, aws_s3 as s3 } from 'aws-cdk-lib';
import type { ManifestInput } from './manifest-contract';

/** Where a job finds its input: what `ModelSource` gives when it is bound to a construct. */
export interface ModelSourceConfig {
  readonly bucket: s3.IBucket;
  readonly objectKey: string;
  readonly s3Uri: string;
  /** Part of a job's inputs, so that a new version is a new job. Neo itself always reads the current object. */
  readonly objectVersion?: string;
  /** SHA-256 of the archive, lower-case hex, where it is known at synth. */
  readonly fingerprint?: string;
  /** The inputs that the model's file fixes, where the framework has none of its own and the file is at hand at synth. */
  readonly inputs?: readonly ManifestInput[];
  /** This one object, and its key where that is known. */
  grantRead(grantee: iam.IGrantable): iam.Grant;
}

/** `InputConfig` of CreateCompilationJob, but for the place of the model. */
export interface RenderedFramework {
  readonly framework: string;
  readonly dataInputConfig?: string;
  readonly frameworkVersion?: string;
}

/** `OutputConfig` of CreateCompilationJob, but for the place of the output: exactly one of device and platform. */
export interface RenderedTarget {
  readonly targetDevice?: string;
  readonly targetPlatform?: RenderedPlatform;
  readonly compilerOptions?: string;
}

/** `OutputConfig.TargetPlatform`, as the service spells it. */
export interface RenderedPlatform {
  readonly Os: string;
  readonly Arch: string;
  readonly Accelerator?: string;
}
