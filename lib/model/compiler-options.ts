import type { OptionsKind } from './private/target-devices';
import { validateInteger, validateText, ValidationError } from '../private/validation';

/** The type of the input of a PyTorch model, for a compilation for SageMaker instances. */
export enum CompilerDtype {
  /** 32-bit floating point. The compiler assumes it by default. */
  FLOAT32 = 'float32',
  /** 64-bit integers. */
  INT64 = 'int64',
}

/** Compiler options for a CPU. */
export interface CpuCompilerOptions {
  /**
   * The micro-architecture, for example `skylake-avx512` or `core-avx2`.
   * @default - the compiler uses only what every CPU of the target's architecture has
   */
  readonly mcpu?: string;

  /**
   * The CPU features, each with a plus or a minus before it, for example `+neon`.
   * @default - the compiler uses no feature beyond those of `mcpu`
   */
  readonly mattr?: string[];

  /**
   * The type of the input. It is only for PyTorch models and SageMaker instances (`ml_*`).
   * @default - the compiler assumes 32-bit floating point
   */
  readonly dtype?: CompilerDtype;
}

/** Compiler options for an NVIDIA GPU. They must match the software on the device: a library for another version does not load. */
export interface NvidiaCompilerOptions {
  /** The architecture of the GPU, for example `sm_72` for a Jetson Xavier. */
  readonly gpuCode: string;

  /** The version of TensorRT on the device: three numbers, for example `7.1.3`. */
  readonly tensorRtVersion: string;

  /** The version of CUDA on the device: two numbers, for example `10.2`. */
  readonly cudaVersion: string;

  /**
   * The type of the input. It is only for PyTorch models and SageMaker instances (`ml_*`).
   * @default - the compiler assumes 32-bit floating point
   */
  readonly dtype?: CompilerDtype;
}

/** Compiler options for an NVIDIA Jetson and a TensorFlow 2 model. */
export interface JetPackCompilerOptions {
  /** The architecture of the GPU, for example `sm_72` for a Jetson Xavier. */
  readonly gpuCode: string;

  /** The version of JetPack on the device, for example `4.6`. */
  readonly jetPackVersion: string;
}

/** Compiler options for Android. */
export interface AndroidCompilerOptions {
  /** The Android API level: 21 to 29. */
  readonly platform: number;

  /**
   * The CPU features, each with a plus or a minus before it, for example `+neon` for 32-bit ARM.
   * @default - the compiler uses only the features of the architecture
   */
  readonly mattr?: string[];
}

const FEATURE = { min: 2, pattern: /^[+-][\w.-]+$/, wanted: "a CPU feature begun by '+' or '-'" };
const GPU_CODE = { min: 4, pattern: /^sm_[0-9]+$/, wanted: "a GPU architecture like 'sm_72'" };

/** The compiler options for a target. They are sent as a JSON text of at most 1,024 characters. */
export class CompilerOptions {
  /** Options for a CPU. */
  public static cpu(options: CpuCompilerOptions): CompilerOptions {
    options.mattr?.forEach((feature) => {
      validateText(undefined, 'mattr', feature, FEATURE);
    });
    validateText(undefined, 'mcpu', options.mcpu, { min: 1 });
    return new CompilerOptions('cpu', JSON.stringify({ mcpu: options.mcpu, mattr: options.mattr, dtype: options.dtype }), options.dtype);
  }

  /** Options for an NVIDIA GPU. A platform with the NVIDIA accelerator requires them or `jetPack`. */
  public static nvidia(options: NvidiaCompilerOptions): CompilerOptions {
    validateText(undefined, 'gpuCode', options.gpuCode, GPU_CODE);
    validateText(undefined, 'tensorRtVersion', options.tensorRtVersion, {
      pattern: /^\d+\.\d+\.\d+$/, wanted: "three numbers like '7.1.3'",
    });
    validateText(undefined, 'cudaVersion', options.cudaVersion, { pattern: /^\d+\.\d+$/, wanted: "two numbers like '10.2'" });
    const json = { 'gpu-code': options.gpuCode, 'trt-ver': options.tensorRtVersion, 'cuda-ver': options.cudaVersion, dtype: options.dtype };
    return new CompilerOptions('nvidia', JSON.stringify(json), options.dtype);
  }

  /** Options for an NVIDIA Jetson and a TensorFlow 2 model, from the version of JetPack. */
  public static jetPack(options: JetPackCompilerOptions): CompilerOptions {
    validateText(undefined, 'gpuCode', options.gpuCode, GPU_CODE);
    validateText(undefined, 'jetPackVersion', options.jetPackVersion, { pattern: /^\d+(\.\d+){1,2}$/, wanted: "a version like '4.6'" });
    // JetPack's options are spelt so.
    return new CompilerOptions('nvidia', JSON.stringify({ JETPACK_VERSION: options.jetPackVersion, gpu_code: options.gpuCode }));
  }

  /** Options for Android. */
  public static android(options: AndroidCompilerOptions): CompilerOptions {
    validateInteger(undefined, 'platform (the Android API level)', options.platform, 21, 29);
    options.mattr?.forEach((feature) => {
      validateText(undefined, 'mattr', feature, FEATURE);
    });
    return new CompilerOptions('android', JSON.stringify({ ANDROID_PLATFORM: options.platform, mattr: options.mattr }));
  }

  /**
   * Options for CoreML.
   * @param classLabels the name of a file at the root of the model archive that holds the class labels, one per line
   */
  public static coreMl(classLabels: string): CompilerOptions {
    validateText(undefined, 'classLabels', classLabels, {
      min: 1, pattern: /^[^/]+$/, wanted: 'the name of a file at the root of the archive',
    });
    return new CompilerOptions('coreml', JSON.stringify({ class_labels: classLabels }), undefined, classLabels);
  }

  /**
   * Options for AWS Inferentia and Trainium.
   * @param flags the flags of the Neuron compiler, at least one, for example `['--verbose', '1', '-O2']`
   */
  public static inferentia(flags: string[]): CompilerOptions {
    if (flags.length === 0) {
      throw new ValidationError(undefined, 'flags of the Neuron compiler must be at least 1, got none');
    }
    return new CompilerOptions('inferentia', JSON.stringify(flags.join(' '))); // the service wants a JSON text within the text
  }

  /** Options for a SageMaker instance and a PyTorch model that set only the type of the input. */
  public static inputType(dtype: CompilerDtype): CompilerOptions {
    return new CompilerOptions('dtype', JSON.stringify({ dtype }), dtype);
  }

  /**
   * Options that this library does not know. They are sent as they are.
   * @param json a JSON text
   */
  public static fromJson(json: string): CompilerOptions {
    try {
      JSON.parse(json);
    } catch {
      throw new ValidationError(undefined, `compiler options must be JSON, got '${json}'`);
    }
    return new CompilerOptions('json', json);
  }

  private constructor(
    /** @internal */
    public readonly _kind: OptionsKind,
    /** @internal */
    public readonly _json: string,
    /** @internal */
    public readonly _dtype?: CompilerDtype,
    /** @internal */
    public readonly _classLabels?: string,
  ) {
    validateText(undefined, 'compiler options as JSON', _json, { min: 3, max: 1024 });
  }
}
