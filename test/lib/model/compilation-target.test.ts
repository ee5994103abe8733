import { App, Stack } from 'aws-cdk-lib';
import { TargetDevice as ApiTargetDevice, TargetPlatformArch } from '@aws-sdk/client-sagemaker';
import { CompilationTarget, CompilerDtype, CompilerOptions, TargetAccelerator, TargetArch, TargetDevice, TargetOs } from '../../../lib';
import type { RenderedTarget } from '../../../lib/model/private/neo-request';
import { TARGET_DEVICE_FACTS } from '../../../lib/model/private/target-devices';

const { LINUX, ANDROID } = TargetOs;
const { NVIDIA, MALI, INTEL_GRAPHICS } = TargetAccelerator;
const { X86, X86_64, ARM64, ARM_EABI, ARM_EABIHF } = TargetArch;
const nvidia = CompilerOptions.nvidia({ gpuCode: 'sm_72', tensorRtVersion: '7.1.3', cudaVersion: '10.2' });
const cpu = CompilerOptions.cpu({ mcpu: 'core-avx2' });

function render(target: CompilationTarget, region?: string): RenderedTarget {
  return target._render(new Stack(new App(), 'Stack', region === undefined ? {} : { env: { region } }));
}

describe('a device', () => {
  const constants = Object.values(TargetDevice).filter((value): value is TargetDevice => value instanceof TargetDevice);

  test("each of the service's devices is a constant, and no other", () => {
    expect(constants.map(({ deviceName }) => deviceName).sort()).toEqual(Object.values(ApiTargetDevice).map(String).sort());
  });

  test('something is known of each constant', () => {
    expect([...TARGET_DEVICE_FACTS.keys()].sort()).toEqual(constants.map(({ deviceName }) => deviceName).sort());
  });

  test('is sent by its name', () => {
    expect(render(CompilationTarget.device(TargetDevice.JETSON_XAVIER))).toEqual({ targetDevice: 'jetson_xavier' });
  });

  test('its compiler options are sent', () => {
    expect(render(CompilationTarget.device(TargetDevice.SBE_C, { compilerOptions: cpu }))).toEqual({
      targetDevice: 'sbe_c',
      compilerOptions: '{"mcpu":"core-avx2"}',
    });
  });

  test('that is not listed takes every option', () => {
    expect(render(CompilationTarget.device(
      TargetDevice.of('jetson_orin'),
      { compilerOptions: nvidia },
    ))).toMatchObject({ targetDevice: 'jetson_orin' });
  });

  test('options that this library does not know pass', () => {
    expect(render(CompilationTarget.device(
      TargetDevice.ML_EIA2,
      { compilerOptions: CompilerOptions.fromJson('{"output_names":["a"]}') },
    )).compilerOptions).toBe('{"output_names":["a"]}');
  });

  test.each(['', 'Jetson', 'jetson-nano'])("fails when its name is '%s'", (name) => {
    expect(() => TargetDevice.of(name)).toThrow(/^name of a target device must/);
  });

  test.each<[TargetDevice, CompilerOptions, string]>([
    [TargetDevice.JETSON_NANO, cpu, 'compiler options for the device jetson_nano must be of the kind nvidia, or CompilerOptions.fromJson, got cpu'],
    [TargetDevice.AMBA_CV2, cpu, 'must be of the kind none, or CompilerOptions.fromJson, got cpu'],
    [TargetDevice.ML_C5, nvidia, 'must be of the kind cpu or dtype'],
    [TargetDevice.ML_INF1, CompilerOptions.inputType(CompilerDtype.INT64), 'must be of the kind inferentia'],
    [
      TargetDevice.RASP4B,
      CompilerOptions.cpu({ dtype: CompilerDtype.INT64 }),
      'must not hold a dtype, which is for SageMaker instances (ml_*, but for Inferentia), got int64',
    ],
  ])('fails when the options are not for it', (device, compilerOptions, message) => {
    expect(() => CompilationTarget.device(device, { compilerOptions })).toThrow(message);
  });

  test.each([
    [TargetDevice.ML_INF2, 'us-east-2', 'us-east-1'],
    [TargetDevice.ML_TRN1, 'us-east-1', 'us-east-2'],
  ])('fails when its region is another than the one that offers it', (device, right, wrong) => {
    const target = CompilationTarget.device(device);
    expect(() => render(target, wrong)).toThrow(`a compilation for ${device.deviceName} must be in region ${right}, the only one that offers it, got ${wrong}`);
    expect(() => render(target, right)).not.toThrow();
    expect(() => render(target)).not.toThrow(); // the region is known at deployment
  });
});

describe('a platform', () => {
  const offered: [TargetOs, TargetAccelerator | undefined, TargetArch[]][] = [
    [LINUX, undefined, [X86_64, ARM64, ARM_EABIHF, ARM_EABI]],
    [LINUX, NVIDIA, [X86_64, ARM64]],
    [LINUX, INTEL_GRAPHICS, [X86_64]],
    [LINUX, MALI, [ARM64, ARM_EABIHF, ARM_EABI]],
    [ANDROID, undefined, [X86_64, X86, ARM64, ARM_EABI]],
    [ANDROID, NVIDIA, []],
    [ANDROID, INTEL_GRAPHICS, [X86_64, X86]],
    [ANDROID, MALI, [ARM64, ARM_EABI]],
  ];
  const cases = offered.flatMap(
    ([os, accelerator, archs]) => Object.values(TargetArch).map((arch) => ({ os, accelerator, arch, passes: archs.includes(arch) })),
  );

  test.each(cases)('$os, $arch, $accelerator: offered $passes', ({ passes, ...options }) => {
    const make = (): CompilationTarget => CompilationTarget.platform({
      ...options,
      compilerOptions: options.accelerator === NVIDIA ? nvidia : undefined,
    });
    if (passes) {
      expect(make).not.toThrow();
    } else {
      expect(make).toThrow(/^(architecture for .* must be one of|Neo compiles for NVIDIA on LINUX alone)/);
    }
  });

  test("its architectures are the service's", () => {
    expect(Object.values(TargetArch).map(String).sort()).toEqual(Object.values(TargetPlatformArch).map(String).sort());
  });

  test('is sent in its parts', () => {
    expect(render(CompilationTarget.platform({ os: LINUX, arch: X86_64 }))).toEqual({ targetPlatform: { Os: 'LINUX', Arch: 'X86_64' } });
    expect(render(CompilationTarget.platform({ os: LINUX, arch: ARM64, accelerator: NVIDIA, compilerOptions: nvidia }))).toEqual({
      targetPlatform: { Os: 'LINUX', Arch: 'ARM64', Accelerator: 'NVIDIA' },
      compilerOptions: '{"gpu-code":"sm_72","trt-ver":"7.1.3","cuda-ver":"10.2"}',
    });
  });

  test('the message names what is offered', () => {
    expect(() => CompilationTarget.platform({ os: ANDROID, arch: ARM_EABIHF })).toThrow(
      'architecture for ANDROID must be one of X86_64, X86, ARM64, ARM_EABI, got ARM_EABIHF',
    );
  });

  test('fails when NVIDIA has no compiler options', () => {
    expect(() => CompilationTarget.platform({ os: LINUX, arch: ARM64, accelerator: NVIDIA })).toThrow(/must have compiler options/);
  });

  test('fails when the options are not for it', () => {
    expect(() => CompilationTarget.platform({ os: ANDROID, arch: ARM64, compilerOptions: cpu })).toThrow(
      'compiler options for the platform ANDROID must be of the kind android, or CompilerOptions.fromJson, got cpu',
    );
    expect(() => CompilationTarget.platform({
      os: LINUX,
      arch: ARM64,
      accelerator: MALI,
      compilerOptions: nvidia,
    })).toThrow(/must be of the kind cpu/);
  });
});
