import { isRecord } from '../service/validator';
import { invalid } from './errors';
import type { InputConfig, OutputConfig } from './types';

/** What SageMaker Neo refuses when a job is created, beyond the shapes (developer guide, "Supported Frameworks, Devices, Systems, and Architectures"). */

type Platform = NonNullable<OutputConfig['TargetPlatform']>;

/** Accelerator (or none) → operating system → architectures that Neo compiles for. */
const PLATFORMS: Readonly<Record<string, Readonly<Record<Platform['Os'], readonly Platform['Arch'][]>>>> = {
  none: { LINUX: ['X86_64', 'ARM64', 'ARM_EABIHF', 'ARM_EABI'], ANDROID: ['X86_64', 'X86', 'ARM64', 'ARM_EABI'] },
  NVIDIA: { LINUX: ['X86_64', 'ARM64'], ANDROID: [] },
  INTEL_GRAPHICS: { LINUX: ['X86_64'], ANDROID: ['X86_64', 'X86'] },
  MALI: { LINUX: ['ARM64', 'ARM_EABIHF', 'ARM_EABI'], ANDROID: ['ARM64', 'ARM_EABI'] },
  NNA: { LINUX: [], ANDROID: [] }, // in the enum, and in no table of the guide
};

const VERSIONED_FRAMEWORKS: readonly InputConfig['Framework'][] = ['MXNET', 'PYTORCH', 'TENSORFLOW', 'TFLITE'];

/** As sagemaker-python-sdk knows them (NEO_MULTIVERSION_UNSUPPORTED). */
const UNVERSIONED_TARGETS: readonly OutputConfig['TargetDevice'][] = [
  'imx8mplus', 'jacinto_tda4vm', 'coreml', 'sitara_am57x', 'amba_cv2', 'amba_cv22', 'amba_cv25', 'lambda',
];

/** Compiler options that an NVIDIA platform cannot do without, and how else they are spelled. */
const NVIDIA_OPTIONS = [['gpu-code', 'gpu_code'], ['trt-ver'], ['cuda-ver']];

/** Part of the artefact's key. */
export function targetName({ TargetDevice, TargetPlatform }: OutputConfig): string {
  if (!TargetPlatform) { return TargetDevice ?? ''; }
  const { Os, Arch, Accelerator } = TargetPlatform;
  return [Os, Arch, ...Accelerator ? [Accelerator] : []].join('_');
}

/** Throws a ValidationException for a target that does not exist or does not take what is asked of it. */
export function checkTarget(output: OutputConfig, input: InputConfig | undefined): void {
  const options = parsedOptions(output.CompilerOptions);
  if (output.TargetPlatform) { checkPlatform(output.TargetPlatform, options); }
  if (input?.FrameworkVersion === undefined) { return; }
  if (!VERSIONED_FRAMEWORKS.includes(input.Framework)) {
    throw invalid(`Unsupported framework version field for framework ${input.Framework}. FrameworkVersion is only supported for ${VERSIONED_FRAMEWORKS.join(', ')}.`);
  }
  if (output.TargetDevice && UNVERSIONED_TARGETS.includes(output.TargetDevice)) {
    throw invalid(`Unsupported framework version field for target. Framework version is supported for Target Platform configuration and only part of target devices. ${output.TargetDevice} is not one of them.`);
  }
}

function checkPlatform({ Os, Arch, Accelerator }: Platform, options: unknown): void {
  const known = PLATFORMS[Accelerator ?? 'none']?.[Os] ?? [];
  if (!known.includes(Arch)) {
    const choice = known.length > 0 ? `only ${known.join(', ')}` : 'no architecture';
    throw invalid(`Unsupported target platform: Os ${Os}, Arch ${Arch}, Accelerator ${Accelerator ?? 'none'}. ${Os} with accelerator ${Accelerator ?? 'none'} supports ${choice}.`);
  }
  if (Accelerator !== 'NVIDIA') { return; }
  const missing = NVIDIA_OPTIONS.filter((names) => !isRecord(options) || !names.some((name) => name in options)).map(([name]) => name);
  if (missing.length > 0) { throw invalid(`Accelerator NVIDIA requires the compiler options gpu-code, trt-ver and cuda-ver, missing: ${missing.join(', ')}.`); }
}

/** JSON; the service's own examples use single quotes, so it takes those too. */
function parsedOptions(options: string | undefined): unknown {
  if (options === undefined) { return undefined; }
  for (const text of [options, options.replaceAll("'", '"')]) {
    try {
      const parsed: unknown = JSON.parse(text);
      return parsed;
    } catch { /* the other spelling, or the refusal below */ }
  }
  throw invalid(`CompilerOptions is not valid JSON: ${options}`);
}
