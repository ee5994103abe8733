import type { aws_s3 as s3 } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What a device needs to run a model. */
export enum ModelRuntime {
  /** ONNX Runtime: the edge agent of this library runs it. */
  ONNX = 'ONNX',
  /** AWS's Deep Learning Runtime, for what SageMaker Neo compiles. The edge agent of this library refuses it. */
  DLR = 'DLR',
  /**
   * Known when a device reads the package's manifest, and not before: what a compilation on AWS gives is DLR, what the
   * local stand-in gives is ONNX.
   */
  FROM_MANIFEST = 'FROM_MANIFEST',
}

/** A model package that a device can be given: a tar.gz with a manifest, in S3. */
export interface IDeployableModel extends IConstruct {
  /**
   * Name under which the device loads the model: 1 to 63 letters, digits and hyphens.
   * @attribute
   */
  readonly modelName: string;

  /**
   * Version of the model: 1 to 30 letters, digits, blanks, dots and underscores.
   * @attribute
   */
  readonly modelVersion: string;

  /**
   * Place of the package, `s3://bucket/key`. May be known only when the stack is deployed.
   * @attribute
   */
  readonly modelArtifactUri: string;

  /** The bucket that holds the package. */
  readonly modelArtifactBucket: s3.IBucket;

  /**
   * SHA-256 of the package's bytes, lower-case hexadecimal.
   * @attribute
   * @default - nobody knows it, and a device cannot check what it downloads
   */
  readonly modelArtifactDigest?: string;

  /** What a device needs to run the model. */
  readonly runtime: ModelRuntime;
}
