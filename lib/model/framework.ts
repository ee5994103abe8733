import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { pickArchiveFiles } from './private/archive-rules';
import { checkDarknetFiles } from './private/darknet-model';
import { renderInputs } from './private/data-input-config';
import type { ManifestInput } from './private/manifest-contract';
import type { RenderedFramework } from './private/neo-request';
import type { ArchiveFile } from '../private/archive/archive-file';
import { checkNoLfsPointer, checkOnnxFiles, inputsOfOnnx } from './private/neo-files-check';
import { validateText, ValidationError } from '../private/validation';
import type { CompilationTarget } from './compilation-target';
import { ModelInput } from './model-input';

/** Options of a framework: the inputs of the model. */
export interface FrameworkOptions {
  /** The inputs of the model, in the model's order. */
  readonly inputs: ModelInput[];
}

/** Options of ONNX. */
export interface OnnxFrameworkOptions {
  /**
   * The inputs of the model, in the model's order. They are required where the model lies in S3, and where it leaves a
   * dimension open, since Neo takes fixed shapes alone.
   * @default - the inputs of the `.onnx` file on the local disk, whose shapes must all be fixed
   */
  readonly inputs?: ModelInput[];
}

/** Options of a framework whose version can be given. */
export interface VersionedFrameworkOptions extends FrameworkOptions {
  /**
   * The version of the framework that the model was saved with: 3 to 10 characters, for example `1.8`.
   * Some targets do not accept a version. For such a target, synthesis fails if one is given.
   * @default - no version is sent, and Neo chooses one
   */
  readonly frameworkVersion?: string;
}

/** The framework of a model, with what SageMaker Neo must know about the model. */
export class Framework {
  /**
   * ONNX. The archive holds one `.onnx` file. Shapes are usually NCHW.
   *
   * If the file is on disk at synthesis, the inputs are compared with the inputs of the model, or taken from it.
   */
  public static onnx(options: OnnxFrameworkOptions = {}): Framework {
    return new Framework('ONNX', options);
  }

  /**
   * Darknet. The archive holds one `.cfg` file and one `.weights` file. There is one input, usually `data`. Its shape is
   * NCHW.
   *
   * If the `.cfg` file is on disk at synthesis, the height, width and channels of the input are compared with it.
   */
  public static darknet(options: FrameworkOptions): Framework {
    return new Framework('DARKNET', options);
  }

  /**
   * TensorFlow. The archive holds a SavedModel (one `.pb` or `.pbtxt` file and the folder `variables`) or a frozen graph
   * (one `.pb` or `.pbtxt` file). Shapes are NHWC. `keras_metadata.pb` and `fingerprint.pb` of a folder are left out.
   * An archive that holds them is refused, since it is not known what Neo does with it.
   */
  public static tensorflow(options: VersionedFrameworkOptions): Framework {
    return new Framework('TENSORFLOW', options);
  }

  /** Keras. The archive holds one `.h5` file. Shapes are NCHW, although the file is NHWC. */
  public static keras(options: FrameworkOptions): Framework {
    return new Framework('KERAS', options);
  }

  /** Apache MXNet. The archive holds one `-symbol.json` and one `.params` file. Shapes are NCHW. */
  public static mxnet(options: VersionedFrameworkOptions): Framework {
    return new Framework('MXNET', options);
  }

  /**
   * PyTorch. The archive holds one `.pth` or `.pt` file, saved by `torch.jit.trace` in evaluation mode, with 32-bit
   * floating point. Shapes are NCHW.
   *
   * Give all inputs a name, or none. Neo sorts the names as texts, so the inputs must be in that order, for example
   * `input0`, `input1`.
   */
  public static pytorch(options: VersionedFrameworkOptions): Framework {
    return new Framework('PYTORCH', options);
  }

  /** TensorFlow Lite. The archive holds one `.tflite` file. Shapes are NHWC. */
  public static tflite(options: VersionedFrameworkOptions): Framework {
    return new Framework('TFLITE', options);
  }

  /**
   * XGBoost. The archive holds one `.model` file, or `xgboost-model` as SageMaker's own training writes it, with fewer than
   * 2^31 nodes per tree. It has no named inputs.
   */
  public static xgboost(): Framework {
    return new Framework('XGBOOST');
  }

  /** scikit-learn. Neo's API has it, but Neo's documentation does not. Nothing is checked, and no inputs are sent. */
  public static sklearn(): Framework {
    return new Framework('SKLEARN');
  }

  private readonly inputs: ModelInput[] | undefined;
  private readonly frameworkVersion: string | undefined;

  private constructor(
    /** The name of the framework in the SageMaker API. */
    public readonly frameworkName: string,
    options?: Partial<VersionedFrameworkOptions>,
  ) {
    this.inputs = options?.inputs && [...options.inputs];
    this.frameworkVersion = options?.frameworkVersion;
    validateText(undefined, 'framework version', this.frameworkVersion, {
      min: 3, max: 10, pattern: /^[0-9]\.[A-Za-z0-9.]+$/, wanted: "a version like '1.8'",
    });
  }

  /** Checks the framework and its version against the target.
   * @internal */
  public _validate(scope: Construct, target: CompilationTarget): void {
    const framework = this.frameworkName;
    if (target._hasDtype && framework !== 'PYTORCH') {
      throw new ValidationError(scope, `compiler option dtype is for PYTORCH models alone, got framework ${framework}`);
    }
    if (target._isCoreMl && !['TENSORFLOW', 'PYTORCH'].includes(framework)) {
      throw new ValidationError(scope, `framework for the target coreml must be TENSORFLOW or PYTORCH, got ${framework}`);
    }
    if (this.frameworkVersion !== undefined && !target._takesVersionOf(framework)) {
      throw new ValidationError(scope, `target ${target._label} takes no framework version of ${framework}: leave frameworkVersion out, got '${this.frameworkVersion}'`);
    }
  }

  /** Checks the inputs too. `fileInputs` are those of the model's file, where it is at hand at synth.
   * @internal */
  public _render(scope: Construct, target: CompilationTarget, fileInputs?: readonly ManifestInput[]): RenderedFramework {
    this._validate(scope, target);
    const framework = this.frameworkName;
    const inputs = this.inputs ?? fileInputs?.map(({ name, shape }) => ModelInput.tensor(name, [...shape]));
    if (!inputs && framework === 'ONNX') {
      throw new ValidationError(scope, "the inputs of an ONNX model in a bucket must be given, since its file is not read at synth, got none: give Framework.onnx({ inputs: [ModelInput.tensor('<name>', [<sizes>])] })");
    }
    const dataInputConfig = inputs && renderInputs(scope, framework, inputs, target._isCoreMl);
    if (dataInputConfig !== undefined && !Token.isUnresolved(dataInputConfig) && dataInputConfig.length > 16384) {
      throw new ValidationError(scope, `inputs as JSON must have at most 16384 characters, got ${dataInputConfig.length}`);
    }
    return { framework, dataInputConfig, frameworkVersion: this.frameworkVersion };
  }

  /** The files that belong into the archive, after a look into those that this library can read.
   * @internal */
  public _pickFiles(scope: Construct, files: ArchiveFile[], target?: CompilationTarget): ArchiveFile[] {
    const result = pickArchiveFiles(this.frameworkName, files, { file: target?._classLabels, configAndFolder: target?._isAmbarella });
    if ('problem' in result) {
      throw new ValidationError(scope, result.problem);
    }
    const { picked } = result;
    checkNoLfsPointer(scope, picked);
    if (this.frameworkName === 'ONNX') {
      checkOnnxFiles(scope, picked, this.inputs);
    }
    if (this.frameworkName === 'DARKNET') {
      checkDarknetFiles(scope, picked, this.inputs ?? []);
    }
    return picked;
  }

  /** The inputs that the model's file fixes, where none were given; only a file of ONNX is read for them.
   * @internal */
  public _inputsOf(scope: Construct, files: readonly ArchiveFile[]): readonly ManifestInput[] | undefined {
    return this.frameworkName === 'ONNX' && !this.inputs ? inputsOfOnnx(scope, files) : undefined;
  }
}
