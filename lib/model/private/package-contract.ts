/** Custom resource type that lambda/model serves; CloudFormation allows 60 characters. */
export type ModelPackageType = 'Custom::SageMakerEdge-ModelPackage';

/** Properties of a `ModelPackageType`. Scalars arrive as strings. */
export interface ModelPackageProperties {
  readonly SourceBucket: string;
  /** It ends with `.onnx`, `.tar.gz` or `.tgz`. */
  readonly SourceKey: string;
  /** Absent: the version that is current at deployment. */
  readonly SourceVersion?: string;
  /** Where the package goes. */
  readonly Bucket: string;
  /** The folder of this resource in the bucket, without a slash at its end. No other resource has it. */
  readonly Prefix: string;
  readonly ModelName: string;
  readonly ModelVersion: string;
  /** The inputs that the user gave, as JSON: a list of objects with `inputName` and `shape`. Absent: they are not checked. */
  readonly Inputs?: string;
  /** Whether the package stays when the resource goes: `true` or `false`. */
  readonly Retain: string;
}

/** Attributes of a `ModelPackageType`. */
export interface ModelPackageAttributes {
  readonly Uri: string;
  /** SHA-256 of the package, lower-case hexadecimal. */
  readonly Digest: string;
  /** Bytes of the package. */
  readonly Size: string;
}
