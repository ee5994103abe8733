import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { RenderedTarget } from './private/neo-request';
import { TARGET_DEVICE_FACTS, type OptionsKind } from './private/target-devices';
import { ValidationError } from '../private/validation';
import type { CompilerOptions } from './compiler-options';
import type { TargetDevice } from './target-device';

/** The operating system of a platform. */
export enum TargetOs {
  /** Linux. */
  LINUX = 'LINUX',
  /** Android. */
  ANDROID = 'ANDROID',
}

/** The CPU architecture of a platform. */
export enum TargetArch {
  /** 64-bit x86. */
  X86_64 = 'X86_64',
  /** 32-bit x86. Android only. */
  X86 = 'X86',
  /** 64-bit ARM (ARMv8). */
  ARM64 = 'ARM64',
  /** 32-bit ARM (ARMv7), software floating point. */
  ARM_EABI = 'ARM_EABI',
  /** 32-bit ARM (ARMv7), hardware floating point. Linux only. */
  ARM_EABIHF = 'ARM_EABIHF',
}

/** The accelerator of a platform. */
export enum TargetAccelerator {
  /** NVIDIA GPU. It needs `CompilerOptions.nvidia` or `CompilerOptions.jetPack`. */
  NVIDIA = 'NVIDIA',
  /** ARM Mali GPU. */
  MALI = 'MALI',
  /** Integrated Intel GPU. */
  INTEL_GRAPHICS = 'INTEL_GRAPHICS',
}

/** Options of `CompilationTarget.device`. */
export interface DeviceTargetOptions {
  /**
   * The compiler options for the device.
   * @default - the compiler uses its own values for the device
   */
  readonly compilerOptions?: CompilerOptions;
}

/** A platform to compile for. */
export interface PlatformTargetOptions {
  /** The operating system. */
  readonly os: TargetOs;

  /** The CPU architecture. */
  readonly arch: TargetArch;

  /**
   * The accelerator.
   * @default - the model runs on the CPU
   */
  readonly accelerator?: TargetAccelerator;

  /**
   * The compiler options for the platform. An NVIDIA accelerator requires them. They are recommended for a CPU.
   * @default - the compiler uses only what every machine of the platform has; with an NVIDIA accelerator, synthesis fails
   */
  readonly compilerOptions?: CompilerOptions;
}

/** The architectures that Neo compiles for, by accelerator and operating system. */
const PLATFORMS: Record<TargetAccelerator | 'none', Record<TargetOs, readonly TargetArch[]>> = {
  none: {
    LINUX: [TargetArch.X86_64, TargetArch.ARM64, TargetArch.ARM_EABIHF, TargetArch.ARM_EABI],
    ANDROID: [TargetArch.X86_64, TargetArch.X86, TargetArch.ARM64, TargetArch.ARM_EABI],
  },
  NVIDIA: { LINUX: [TargetArch.X86_64, TargetArch.ARM64], ANDROID: [] },
  INTEL_GRAPHICS: { LINUX: [TargetArch.X86_64], ANDROID: [TargetArch.X86_64, TargetArch.X86] },
  MALI: { LINUX: [TargetArch.ARM64, TargetArch.ARM_EABIHF, TargetArch.ARM_EABI], ANDROID: [TargetArch.ARM64, TargetArch.ARM_EABI] },
};

/** The target of a compilation: a device by its name, or a platform. */
export class CompilationTarget {
  /**
   * A device that SageMaker Neo knows by name.
   * @param device the device
   * @param options the compiler options for it
   */
  public static device(device: TargetDevice, options: DeviceTargetOptions = {}): CompilationTarget {
    const accepted = TARGET_DEVICE_FACTS.get(device.deviceName)?.options;
    checkOptions(`the device ${device.deviceName}`, accepted, options.compilerOptions);
    return new CompilationTarget(device, options.compilerOptions);
  }

  /** A platform: an operating system, a CPU architecture and, optionally, an accelerator. */
  public static platform(options: PlatformTargetOptions): CompilationTarget {
    const { os, arch, accelerator, compilerOptions } = options;
    const archs = PLATFORMS[accelerator ?? 'none'][os];
    const platform = [os, accelerator].filter(Boolean).join(' with ');
    if (archs.length === 0) {
      throw new ValidationError(undefined, `Neo compiles for ${accelerator ?? 'no accelerator'} on LINUX alone, got ${platform}`);
    }
    if (!archs.includes(arch)) {
      throw new ValidationError(undefined, `architecture for ${platform} must be one of ${archs.join(', ')}, got ${arch}`);
    }
    if (accelerator === TargetAccelerator.NVIDIA && compilerOptions === undefined) {
      const wanted = 'compiler options (CompilerOptions.nvidia or CompilerOptions.jetPack)';
      throw new ValidationError(undefined, `a platform with the NVIDIA accelerator must have ${wanted}, got none`);
    }
    checkOptions(`the platform ${platform}`, [optionsOf(options)], compilerOptions);
    return new CompilationTarget(options, compilerOptions);
  }

  private constructor(
    private readonly target: TargetDevice | PlatformTargetOptions,
    private readonly compilerOptions: CompilerOptions | undefined,
  ) {}

  /** For messages.
   * @internal */
  public get _label(): string {
    if (isDevice(this.target)) {
      return this.target.deviceName;
    }
    return [this.target.os, this.target.arch, this.target.accelerator].filter(Boolean).join('/');
  }

  /** @internal */
  public get _isCoreMl(): boolean {
    return this._label === 'coreml';
  }

  /** @internal */
  public get _isAmbarella(): boolean {
    return this._label.startsWith('amba_');
  }

  /** Name of the file of class labels, for CoreML.
   * @internal */
  public get _classLabels(): string | undefined {
    return this.compilerOptions?._classLabels;
  }

  /** Whether the compiler is told the type of the input, which only PyTorch takes.
   * @internal */
  public get _hasDtype(): boolean {
    return this.compilerOptions?._dtype !== undefined;
  }

  /** Whether this target takes a version of that framework.
   * @internal */
  public _takesVersionOf(framework: string): boolean {
    return TARGET_DEVICE_FACTS.get(this._label)?.versions?.includes(framework) ?? true;
  }

  /** @internal */
  public _render(scope: Construct): RenderedTarget {
    const region = TARGET_DEVICE_FACTS.get(this._label)?.region;
    const got = Stack.of(scope).region;
    if (region !== undefined && !Token.isUnresolved(got) && got !== region) {
      const wanted = `region ${region}, the only one that offers it`;
      throw new ValidationError(scope, `a compilation for ${this._label} must be in ${wanted}, got ${got}`);
    }
    const compilerOptions = this.compilerOptions && { compilerOptions: this.compilerOptions._json };
    if (isDevice(this.target)) {
      return { targetDevice: this.target.deviceName, ...compilerOptions };
    }
    const { os, arch, accelerator } = this.target;
    return { targetPlatform: { Os: os, Arch: arch, ...accelerator && { Accelerator: accelerator } }, ...compilerOptions };
  }
}

/** The kind of options that a platform takes. */
function optionsOf({ os, accelerator }: PlatformTargetOptions): OptionsKind {
  if (accelerator === TargetAccelerator.NVIDIA) {
    return 'nvidia';
  }
  return os === TargetOs.ANDROID ? 'android' : 'cpu';
}

function checkOptions(what: string, accepted: readonly OptionsKind[] | undefined, options: CompilerOptions | undefined): void {
  if (options === undefined || options._kind === 'json' || accepted === undefined) {
    return;
  }
  if (!accepted.includes(options._kind)) {
    const wanted = accepted.length === 0 ? 'none' : accepted.join(' or ');
    const got = options._kind;
    throw new ValidationError(undefined, `compiler options for ${what} must be of the kind ${wanted}, or CompilerOptions.fromJson, got ${got}`);
  }
  if (options._dtype !== undefined && !accepted.includes('dtype')) {
    const reason = 'which is for SageMaker instances (ml_*, but for Inferentia)';
    throw new ValidationError(undefined, `compiler options for ${what} must not hold a dtype, ${reason}, got ${options._dtype}`);
  }
}

function isDevice(target: TargetDevice | PlatformTargetOptions): target is TargetDevice {
  return 'deviceName' in target;
}
