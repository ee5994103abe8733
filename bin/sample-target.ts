import { CompilationTarget, ComponentArchitecture, TargetAccelerator, TargetArch, TargetDevice, TargetOs } from '../lib';

/** `LINUX/X86_64`, `LINUX/ARM64/MALI` or the name of a device. Throws with what to give where it is neither. */
export function parseTarget(text: string): CompilationTarget {
  if (!text.includes('/')) {
    return CompilationTarget.device(TargetDevice.of(text));
  }
  const [os, arch, accelerator, ...rest] = text.split('/');
  if (rest.length > 0) {
    throw new Error(`context target must be OS/ARCH, OS/ARCH/ACCELERATOR or a device, got '${text}': give it as -c target=LINUX/X86_64`);
  }
  return CompilationTarget.platform({
    os: oneOf(TargetOs, 'operating system', os, text),
    arch: oneOf(TargetArch, 'architecture', arch, text),
    ...accelerator !== undefined && { accelerator: oneOf(TargetAccelerator, 'accelerator', accelerator, text) },
  });
}

/** The processor of a target that runs the agent without a compilation. Throws with what to give where there is no agent for it. */
export function parseProcessor(text: string): ComponentArchitecture {
  parseTarget(text);
  switch (text) {
    case 'LINUX/X86_64':
      return ComponentArchitecture.AMD64;
    case 'LINUX/ARM64':
      return ComponentArchitecture.AARCH64;
    default:
      throw new Error(
        'context target must be LINUX/X86_64 or LINUX/ARM64 with delivery=greengrass, which compiles nothing, '
        + `got '${text}': give it as -c target=LINUX/ARM64`,
      );
  }
}

function oneOf<T extends string>(values: Record<string, T>, what: string, value: string | undefined, text: string): T {
  const found = Object.values(values).find((candidate) => candidate === value);
  if (found === undefined) {
    const wanted = Object.values(values).join(', ');
    throw new Error(`context target has an unknown ${what}: got '${text}', wanted one of ${wanted}; give it as -c target=LINUX/X86_64`);
  }
  return found;
}
