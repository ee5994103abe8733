import { CompilationTarget, TargetAccelerator, TargetArch, TargetDevice, TargetOs } from '../lib';

/** `LINUX/X86_64`, `LINUX/ARM64/MALI` or the name of a device. Throws with what to give where it is neither. */
export function parseTarget(text: string): CompilationTarget {
  if (!text.includes('/')) { return CompilationTarget.device(TargetDevice.of(text)); }
  const [os, arch, accelerator, ...rest] = text.split('/');
  if (rest.length > 0) { throw new Error(`context target must be OS/ARCH, OS/ARCH/ACCELERATOR or a device, got '${text}': give it as -c target=LINUX/X86_64`); }
  return CompilationTarget.platform({
    os: oneOf(TargetOs, 'operating system', os, text),
    arch: oneOf(TargetArch, 'architecture', arch, text),
    ...accelerator !== undefined && { accelerator: oneOf(TargetAccelerator, 'accelerator', accelerator, text) },
  });
}

function oneOf<T extends string>(values: Record<string, T>, what: string, value: string | undefined, text: string): T {
  const found = Object.values(values).find((candidate) => candidate === value);
  if (found === undefined) {
    throw new Error(`context target has an unknown ${what}: got '${text}', wanted one of ${Object.values(values).join(', ')}; give it as -c target=LINUX/X86_64`);
  }
  return found;
}
