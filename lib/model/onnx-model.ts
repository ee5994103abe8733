import { Token, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { archiveFile, digestOf, wholeOf } from '../private/archive/content';
import { ArchiveAsset } from './private/archive-asset';
import { packageFiles } from './private/model-package';
import type { ArchiveFile } from '../private/archive/archive-file';
import { archiveSize, checkFitsAssembly } from '../private/archive/assembly-limit';
import { validateIdentity } from './private/model-identity';
import { namedShapes } from './private/onnx-check';
import { BASELINE_FILE, BASELINE_MAX_BYTES, parseBaseline, type Baseline } from './private/drift-baseline';
import { packagedModel } from './private/onnx-package-check';
import { validateText, ValidationError } from '../private/validation';
import { BucketOnnxModel, type BucketOnnxModelProps } from './bucket-onnx-model';
import { ModelRuntime, type IDeployableModel } from './deployable-model';
import type { DriftBaseline } from './drift-baseline';
import { ModelGrants } from './model-grants';
import type { ModelInput } from './model-input';
import type { ModelSource } from './model-source';

/** Attributes of an existing ONNX model package, for `OnnxModel.fromOnnxModelAttributes`. */
export interface OnnxModelAttributes {
  /** The model name in the manifest of the package. */
  readonly modelName: string;

  /** The model version in the manifest of the package. */
  readonly modelVersion: string;

  /** The bucket that holds the package. */
  readonly modelArtifactBucket: s3.IBucket;

  /** The S3 key of the package: a tar.gz that holds a `sagemaker_edge_manifest`. */
  readonly modelArtifactKey: string;

  /** The SHA-256 digest of the package: 64 lower-case hexadecimal digits. A device refuses a package with another digest. */
  readonly modelArtifactDigest: string;
}

/** Properties of an `OnnxModel`. */
export interface OnnxModelProps {
  /**
   * The model on the local disk: an `.onnx` file, a folder with exactly one `.onnx` file, or a tar.gz with exactly one.
   *
   * - Weights that the `.onnx` file names are packed with it, also where you give the file alone. They must lie in its
   *   folder or below.
   * - The other files of a folder are packed too, for example labels. Files whose name begins with a dot are left out,
   *   unless the model names them.
   * - If a `sagemaker_edge_manifest` is among the files, for example a signed one, it is checked and kept.
   *
   * For a model in S3, use `OnnxModel.fromBucket`. For a package that is already in S3, use `OnnxModel.fromOnnxModelAttributes`.
   */
  readonly model: ModelSource;

  /** The name under which the device loads the model: 1 to 63 letters, digits and hyphens. It must not be a token. */
  readonly modelName: string;

  /** The version of the model: 1 to 30 letters, digits, blanks, dots and underscores. It must not be a token. */
  readonly modelVersion: string;

  /**
   * The inputs that your application sends. They are compared with the inputs of the model at synthesis.
   * @default - the inputs are not checked; only that the file is an ONNX model
   */
  readonly inputs?: ModelInput[];

  /**
   * What predictions were like for the training data. Devices that report their health compare with it what comes in the field. It is
   * packed with the model as `drift-baseline.json`, and must be made of the very `.onnx` file.
   *
   * @default - the `drift-baseline.json` beside the model, if there is one. Otherwise no drift is looked for
   */
  readonly driftBaseline?: DriftBaseline;
}

/**
 * Defines an ONNX model that can be delivered to devices.
 *
 * The construct packs the model, the files beside it, and a manifest with the SHA-256 digest of each file, and uploads the
 * package to S3. It does so at synthesis. The same files produce the same package on every machine.
 */
export class OnnxModel extends Construct implements IDeployableModel {
  /**
   * Import an existing model package from S3.
   * @param attrs the bucket, the key and the digest of the package, and the name and version in its manifest
   */
  public static fromOnnxModelAttributes(scope: Construct, id: string, attrs: OnnxModelAttributes): IDeployableModel {
    class Import extends Construct implements IDeployableModel {
      public readonly modelName = attrs.modelName;
      public readonly modelVersion = attrs.modelVersion;
      public readonly modelArtifactBucket = attrs.modelArtifactBucket;
      public readonly modelArtifactUri = attrs.modelArtifactBucket.s3UrlForObject(attrs.modelArtifactKey);
      public readonly modelArtifactDigest = attrs.modelArtifactDigest;
      public readonly runtime = ModelRuntime.ONNX;
    }
    const model = new Import(scope, id);
    validateIdentity(model, attrs.modelName, attrs.modelVersion);
    validateText(model, 'modelArtifactKey', attrs.modelArtifactKey, {
      min: 1, max: 1024, pattern: /^[^/]/, wanted: "a key that does not begin with '/'",
    });
    validateText(model, 'modelArtifactDigest', attrs.modelArtifactDigest, {
      pattern: /^[0-9a-f]{64}$/, wanted: 'a SHA-256 of 64 lower-case hexadecimal digits',
    });
    return model;
  }

  /**
   * Define a model that lies in S3 as an `.onnx` file or as a tar.gz, for example what a training job wrote. It is packaged at
   * deployment.
   * @param props the object, and the name and version of the model
   */
  public static fromBucket(scope: Construct, id: string, props: BucketOnnxModelProps): BucketOnnxModel {
    return new BucketOnnxModel(scope, id, props);
  }

  public readonly modelName: string;
  public readonly modelVersion: string;
  public readonly modelArtifactUri: string;
  public readonly modelArtifactBucket: s3.IBucket;

  /** The SHA-256 digest of the package: 64 lower-case hexadecimal digits. It is always defined, and known at synthesis. */
  public readonly modelArtifactDigest?: string;

  public readonly runtime = ModelRuntime.ONNX;

  /** Grants access to the package. */
  public readonly grants: ModelGrants;

  private readonly archive: ArchiveAsset;
  private baseline?: Baseline;

  public constructor(scope: Construct, id: string, props: OnnxModelProps) {
    super(scope, id);
    const { modelName, modelVersion } = props;
    if (Token.isUnresolved(modelName) || Token.isUnresolved(modelVersion)) {
      throw new ValidationError(this, 'modelName and modelVersion must be known at synth, since they are written into the package, got a token');
    }
    validateIdentity(this, modelName, modelVersion);
    const archive = props.model._withFiles(this, (files) => this.pack(this.withBaseline(files, props), props));
    if (!archive) {
      throw new ValidationError(this, 'model must be on disk (ModelSource.fromAsset), got one in a bucket: use OnnxModel.fromBucket, or import a package that is in S3 already by OnnxModel.fromOnnxModelAttributes');
    }
    this.archive = archive;
    const { bucket, s3Uri, sha256 } = this.archive;

    this.modelName = modelName;
    this.modelVersion = modelVersion;
    this.modelArtifactUri = s3Uri;
    this.modelArtifactBucket = bucket;
    this.modelArtifactDigest = sha256;
    this.grants = ModelGrants.fromModel(this);
  }

  /** What is in the package, for those who pack it otherwise.
   * @internal */
  public _packagedFiles(): ArchiveFile[] {
    return this.archive.files();
  }

  /** The size of the package in bytes.
   * @internal */
  public get _packageSize(): number {
    return this.archive.size;
  }

  /** What the predictions of its devices are compared with.
   * @internal */
  public get _driftBaseline(): Baseline | undefined {
    return this.baseline;
  }

  private withBaseline(files: readonly ArchiveFile[], { driftBaseline }: OnnxModelProps): readonly ArchiveFile[] {
    if (!driftBaseline) {
      return files;
    }
    if (files.some(({ path }) => path === BASELINE_FILE)) {
      throw new ValidationError(this, `driftBaseline must be left out where ${BASELINE_FILE} is beside the model, got ${driftBaseline.path}`);
    }
    return [...files, archiveFile({ path: BASELINE_FILE, content: Buffer.from(driftBaseline._text) })];
  }

  /** Refuses one of another model, which would see drift in each prediction. */
  private readBaseline(files: readonly ArchiveFile[], modelFile: string): Baseline | undefined {
    const contentOf = (wanted: string) => files.find(({ path }) => path === wanted)?.content;
    const [file, model] = [contentOf(BASELINE_FILE), contentOf(modelFile)];
    if (file === undefined || model === undefined) {
      return undefined;
    }
    if (file.size > BASELINE_MAX_BYTES) {
      throw new ValidationError(this, `${BASELINE_FILE} must have at most ${BASELINE_MAX_BYTES} bytes, got ${file.size}`);
    }
    const baseline = parseBaseline(wholeOf(file).toString('utf8'));
    if ('problem' in baseline) {
      throw new ValidationError(this, `${BASELINE_FILE}: ${baseline.problem}`);
    }
    if (baseline.modelSha256 !== digestOf(model)) {
      throw new ValidationError(this, `the drift baseline must be made of ${modelFile}, whose SHA-256 is ${digestOf(model)}, got one of ${baseline.modelSha256}: make it anew with agent-client.js Baseline`);
    }
    return baseline;
  }

  private pack(files: readonly ArchiveFile[], { inputs, modelName, modelVersion }: OnnxModelProps): ArchiveAsset {
    const packaged = packagedModel(files, inputs);
    if ('problem' in packaged) {
      throw new ValidationError(this, packaged.problem);
    }
    checkFitsAssembly(this, 'the package of a model', archiveSize(files)); // before all of it is hashed
    this.baseline = this.readBaseline(files, packaged.modelFile);
    const identity = { modelName, modelVersion, inputs: namedShapes(inputs) };
    return new ArchiveAsset(this, 'Package', packageFiles(this, files, packaged.modelFile, identity));
  }
}
