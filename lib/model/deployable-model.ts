import type { aws_s3 as s3 } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The runtime that a device needs to run a model. */
export enum ModelRuntime {
  /** ONNX Runtime. The edge agent of this library runs such models. */
  ONNX = 'ONNX',
  /** AWS's Deep Learning Runtime (DLR), for models that SageMaker Neo compiled. The edge agent of this library refuses them. */
  DLR = 'DLR',
  /**
   * Not known until a device reads the manifest of the package. A compilation on AWS produces a DLR model, the local
   * stand-in an ONNX model.
   */
  FROM_MANIFEST = 'FROM_MANIFEST',
}

/** A model package that can be delivered to a device: a tar.gz with a manifest, in S3. */
export interface IDeployableModel extends IConstruct {
  /**
   * The name under which the device loads the model: 1 to 63 letters, digits and hyphens.
   * @attribute
   */
  readonly modelName: string;

  /**
   * The version of the model: 1 to 30 letters, digits, blanks, dots and underscores.
   * @attribute
   */
  readonly modelVersion: string;

  /**
   * The S3 URI of the package, `s3://bucket/key`. It may be a token that is resolved at deployment.
   * @attribute
   */
  readonly modelArtifactUri: string;

  /** The bucket that holds the package. */
  readonly modelArtifactBucket: s3.IBucket;

  /**
   * The SHA-256 digest of the package: 64 lower-case hexadecimal digits.
   * @attribute
   * @default - not known; a device cannot verify the package that it downloads
   */
  readonly modelArtifactDigest?: string;

  /** The runtime that a device needs to run the model. */
  readonly runtime: ModelRuntime;
}
