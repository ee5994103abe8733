import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { pickArchiveFiles } from './private/archive-rules';
import { checkDarknetFiles } from './private/darknet-model';
import { renderInputs } from './private/data-input-config';
import type { RenderedFramework } from './private/neo-request';
import type { ArchiveFile } from '../private/archive/archive-file';
import { checkOnnxFile } from './private/onnx-inputs';
import { validateText, ValidationError } from '../private/validation';
import type { CompilationTarget } from './compilation-target';
import type { ModelInput } from './model-input';

/** The model's inputs. */
export interface FrameworkOptions {
  /** The model's inputs, in the model's order. */
  readonly inputs: ModelInput[];
}

/** The model's inputs and the framework's version. */
export interface VersionedFrameworkOptions extends FrameworkOptions {
  /**
   * Version of the framework that the model was saved with, 3 to 10 characters, for example `1.8`.
   * Some targets do not take one, and are refused with it.
   * @default - none is sent, and Neo chooses the version
   */
  readonly frameworkVersion?: string;
}

/** A framework, and what Neo must know of the model that was made with it. */
export class Framework {
  /**
   * ONNX. The archive holds one `.onnx` file. If it is at hand at synth, the inputs are compared with the model's own.
   * Shapes are usually NCHW.
   */
  public static onnx(options: FrameworkOptions): Framework {
    return new Framework('ONNX', options);
  }

  /**
   * Darknet. The archive holds one `.cfg` and one `.weights` file. One input, usually `data`, of shape NCHW; its height, width
   * and channels are compared with the `.cfg` file, if that is at hand at synth.
   */
  public static darknet(options: FrameworkOptions): Framework {
    return new Framework('DARKNET', options);
  }

  /**
   * TensorFlow. The archive holds a SavedModel (one `.pb` or `.pbtxt` file and the folder `variables`) or a frozen graph (one `.pb` or
   * `.pbtxt` file). Shapes are NHWC.
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
   * Give all inputs a name, or none. Neo sorts names as texts, so they must be in that order, for example `input0`, `input1`.
   */
  public static pytorch(options: VersionedFrameworkOptions): Framework {
    return new Framework('PYTORCH', options);
  }

  /** TensorFlow Lite. The archive holds one `.tflite` file. Shapes are NHWC. */
  public static tflite(options: VersionedFrameworkOptions): Framework {
    return new Framework('TFLITE', options);
  }

  /** XGBoost. The archive holds one `.model` file with less than 2^31 nodes a tree. It has no named inputs. */
  public static xgboost(): Framework {
    return new Framework('XGBOOST');
  }

  /** scikit-learn. It is in Neo's API, but not in its documentation: nothing is checked, and no inputs are sent. */
  public static sklearn(): Framework {
    return new Framework('SKLEARN');
  }

  private readonly inputs: ModelInput[] | undefined;
  private readonly frameworkVersion: string | undefined;

  private constructor(
    /** Its name in the API of SageMaker. */
    public readonly frameworkName: string,
    options?: VersionedFrameworkOptions,
  ) {
    this.inputs = options && [...options.inputs];
    this.frameworkVersion = options?.frameworkVersion;
    validateText(undefined, 'framework version', this.frameworkVersion, {
      min: 3, max: 10, pattern: /^[0-9]\.[A-Za-z0-9.]+$/, wanted: "a version like '1.8'",
    });
  }

  /** Checks the inputs and the version against the target.
   * @internal */
  public _render(scope: Construct, target: CompilationTarget): RenderedFramework {
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
    const dataInputConfig = this.inputs && renderInputs(scope, framework, this.inputs, target._isCoreMl);
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
    if (this.frameworkName === 'ONNX') {
      checkOnnxFile(scope, picked, this.inputs);
    }
    if (this.frameworkName === 'DARKNET') {
      checkDarknetFiles(scope, picked, this.inputs ?? []);
    }
    return picked;
  }
}
