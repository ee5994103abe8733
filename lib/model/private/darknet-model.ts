import type { Construct } from 'constructs';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { bytesOf, wholeOf } from '../../private/archive/content';
import { ValidationError } from '../../private/validation';

/** What of a ModelInput is needed here. */
interface GivenInput {
  readonly inputName: string | undefined;
  readonly shape: number[] | undefined;
}

/** Compares the one input with the [net] section of the .cfg file, and looks at the header of the .weights file. */
export function checkDarknetFiles(scope: Construct, files: readonly ArchiveFile[], given: readonly GivenInput[]): void {
  for (const { path, content } of files) {
    if (path.endsWith('.cfg')) {
      checkConfig(scope, path, wholeOf(content).toString('utf8'), given);
    }
    if (path.endsWith('.weights')) {
      checkWeights(scope, path, bytesOf(content, 0, 20), content.size);
    }
  }
}

function checkConfig(scope: Construct, path: string, config: string, given: readonly GivenInput[]): void {
  const net = netSection(config);
  if (!net) {
    throw new ValidationError(scope, `${path} is not a Darknet configuration: its first section must be [net], got '${config.trimStart().split('\n')[0]?.slice(0, 40) ?? ''}'`);
  }
  const [channels, height, width] = ['channels', 'height', 'width'].map((key) => {
    const size = Number(net.get(key) ?? NaN);
    if (!Number.isInteger(size) || size < 1) {
      throw new ValidationError(scope, `${key} in the [net] section of ${path} must be a positive whole number, got ${net.get(key) ?? 'nothing'}`);
    }
    return size;
  });
  const [input] = given;
  if (given.length !== 1 || !input?.shape) {
    throw new ValidationError(scope, `DARKNET needs exactly 1 input with a shape, got ${given.length}`);
  }
  const [, ...got] = input.shape;
  const wanted = [channels, height, width];
  if (input.shape.length !== 4 || wanted.some((size, at) => size !== got[at])) {
    throw new ValidationError(scope, `shape of input '${input.inputName ?? ''}' must agree with ${path}: wanted [N, ${wanted.join(', ')}], got [${input.shape.join(', ')}]`);
  }
}

/** The keys of the first section, if that is [net] or [network]. Comments begin with # or ;. */
function netSection(config: string): Map<string, string> | undefined {
  const lines = config.split(/\r?\n/).map((line) => line.replace(/[#;].*$/, '').trim()).filter((line) => line !== '');
  if (!/^\[(net|network)\]$/.test(lines[0] ?? '')) {
    return undefined;
  }
  const end = lines.findIndex((line, at) => at > 0 && line.startsWith('['));
  return new Map(lines.slice(1, end < 0 ? undefined : end).map((line) => {
    const [key = '', ...value] = line.split('=');
    return [key.trim(), value.join('=').trim()];
  }));
}

/** Three 32-bit numbers (major, minor, revision) and the count of images seen, 64 bits from version 0.2 on. */
function checkWeights(scope: Construct, path: string, start: Buffer, size: number): void {
  const version = start.length >= 12 ? [start.readInt32LE(0), start.readInt32LE(4)] : [];
  const [major = -1, minor = -1] = version;
  const plausible = major >= 0 && major < 1000 && minor >= 0 && minor < 1000;
  const header = major * 10 + minor >= 2 ? 20 : 16;
  if (!plausible || size < header) {
    throw new ValidationError(scope, `${path} is not a Darknet weights file: wanted a header of 16 or 20 bytes that begins with its version, got ${size} bytes${version.length > 0 ? ` and version ${major}.${minor}` : ''}`);
  }
}
