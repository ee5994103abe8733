import { Annotations, Token, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ArchiveAsset } from './private/archive-asset';
import { pickArchiveFiles } from './private/archive-rules';
import { packageFiles } from './private/model-package';
import type { ManifestInput } from './private/manifest-contract';
import type { ArchiveFile } from '../private/archive/archive-file';
import { checkOnnxFile } from './private/onnx-inputs';
import { EDGE_VERSION, ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import { ModelRuntime, type IDeployableModel } from './deployable-model';
import { ModelGrants } from './model-grants';
import type { ModelInput } from './model-input';
import type { ModelSource } from './model-source';

/** Attributes of an ONNX model package that exists. */
export interface OnnxModelAttributes {
  /** Name in the package's manifest. */
  readonly modelName: string;

  /** Version in the package's manifest. */
  readonly modelVersion: string;

  /** The bucket that holds the package. */
  readonly modelArtifactBucket: s3.IBucket;

  /** Key of the package: a tar.gz that holds a `sagemaker_edge_manifest`. */
  readonly modelArtifactKey: string;

  /** SHA-256 of the package's bytes, 64 lower-case hexadecimal digits. A device refuses a package with another one. */
  readonly modelArtifactDigest: string;
}

/** Properties of an ONNX model. */
export interface OnnxModelProps {
  /**
   * The model on disk: an `.onnx` file, a folder with exactly one, or a tar.gz with exactly one. The other files of a
   * folder are packed with it, for
   * example labels or external weights; those whose name begins with a dot are not.
   *
   * If there is a `sagemaker_edge_manifest` among them, a signed one for instance, it is checked and kept.
   * For a package that is in S3 already, use `OnnxModel.fromOnnxModelAttributes`.
   */
  readonly model: ModelSource;

  /** Name under which the device loads the model: 1 to 63 letters, digits and hyphens, known at synth. */
  readonly modelName: string;

  /** Version of the model: 1 to 30 letters, digits, blanks, dots and underscores, known at synth. */
  readonly modelVersion: string;

  /**
   * The inputs that your application sends, to be compared with the model's own at synth.
   * @default - the file must be an ONNX model, and its inputs are not looked at
   */
  readonly inputs?: ModelInput[];
}

/**
 * Defines an ONNX model that devices can be given: a package in S3 of the model, the files beside it and a manifest with
 * the digest of each.
 * It is made at synth, and the same files make the same package on each machine.
 */
export class OnnxModel extends Construct implements IDeployableModel {
  /**
   * Imports a package that is in S3 already.
   * @param attrs its place, its digest, and what its manifest says
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

  public readonly modelName: string;
  public readonly modelVersion: string;
  public readonly modelArtifactUri: string;
  public readonly modelArtifactBucket: s3.IBucket;

  /** SHA-256 of the package's bytes, lower-case hexadecimal. Always there, and known at synth. */
  public readonly modelArtifactDigest?: string;

  public readonly runtime = ModelRuntime.ONNX;

  /** Grants on the package. */
  public readonly grants: ModelGrants;

  private readonly archive: ArchiveAsset;

  public constructor(scope: Construct, id: string, props: OnnxModelProps) {
    super(scope, id);
    const { modelName, modelVersion } = props;
    if (Token.isUnresolved(modelName) || Token.isUnresolved(modelVersion)) {
      throw new ValidationError(this, 'modelName and modelVersion must be known at synth, since they are written into the package, got a token');
    }
    validateIdentity(this, modelName, modelVersion);
    const files = props.model._files(this);
    if (!files) {
      throw new ValidationError(this, 'model must be on disk (ModelSource.fromAsset), got one in a bucket: import a package that is in S3 already by OnnxModel.fromOnnxModelAttributes');
    }
    const modelFile = this.checkModel(files, props.inputs);
    const inputs = namedShapes(props.inputs);
    this.archive = new ArchiveAsset(this, 'Package', packageFiles(this, files, modelFile, { modelName, modelVersion, inputs }));
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
  public _packagedFiles(): ArchiveFile[] | undefined {
    return this.archive.files();
  }

  /** The path of the one .onnx file. */
  private checkModel(files: readonly ArchiveFile[], inputs: ModelInput[] | undefined): string {
    const result = pickArchiveFiles('ONNX', files);
    if ('problem' in result) {
      throw new ValidationError(this, result.problem);
    }
    checkOnnxFile(this, result.picked, inputs);
    return result.picked.map(({ path }) => path).join(); // there is exactly one
  }
}

function namedShapes(inputs: readonly ModelInput[] = []): ManifestInput[] {
  return inputs.flatMap(({ inputName, shape }) => inputName === undefined || shape === undefined ? [] : [{ name: inputName, shape }]);
}

function validateIdentity(scope: Construct, modelName: string, modelVersion: string): void {
  validateText(scope, 'modelName', modelName, ENTITY_NAME);
  validateText(scope, 'modelVersion', modelVersion, EDGE_VERSION);
  if (!Token.isUnresolved(modelName) && modelName.length < 4) {
    Annotations.of(scope).addWarningV2(
      'cdk-sagemaker-edge:OnnxModel.shortModelName',
      `model name '${modelName}' has ${modelName.length} characters: heartbeats of SageMaker Edge Manager take names of 4 to 255 alone`,
    );
  }
}
