import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { ONNX_RUNTIME_VERSION } from '../version';
import { readOnnxFile } from './onnx-file';

/** Files kept. The oldest go first. */
const MAX_ENTRIES = 32;

/**
 * Models optimised for this very CPU. Level `all` changes the graph's layout to the CPU's instruction set: on another CPU
 * the file fails or gives wrong numbers, so the key holds the CPU's flags. The key also holds the digest of the package's
 * content. A file's name ends in the digest of its bytes: a damaged file does not match its name.
 */
export class OptimisedModels {
  public constructor(private readonly folder: string, private readonly cpu: string = cpuKey()) {}

  /** The optimised model, or undefined. Damaged files are removed. */
  public find(contentSha256: string): Buffer | undefined {
    const prefix = this.prefix(contentSha256);
    for (const name of this.names().filter((candidate) => candidate.startsWith(prefix) && candidate.endsWith('.onnx'))) {
      const bytes = readFileSync(join(this.folder, name));
      if (name === `${prefix}${sha256(bytes)}.onnx`) {
        return bytes;
      }
      rmSync(join(this.folder, name), { force: true });
    }
    return undefined;
  }

  /** Where the runtime shall write an optimised model before `keep`. */
  public temporaryPath(contentSha256: string): string {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    return join(this.folder, `${this.prefix(contentSha256)}${process.pid}.tmp`);
  }

  /**
   * Makes the file at the temporary path an entry, in one step. A file that still names external weights is no entry: it
   * is opened from bytes, and the runtime would look for the weights in the working folder.
   */
  public keep(contentSha256: string): void {
    const temporary = this.temporaryPath(contentSha256);
    const bytes = readFileSync(temporary);
    if (readOnnxFile(bytes)?.externalLocations.size !== 0) {
      rmSync(temporary);
      return;
    }
    const digest = sha256(bytes);
    renameSync(temporary, join(this.folder, `${this.prefix(contentSha256)}${digest}.onnx`));
    this.prune();
  }

  public discard(contentSha256: string): void {
    const prefix = this.prefix(contentSha256);
    for (const name of this.names().filter((candidate) => candidate.startsWith(prefix))) {
      rmSync(join(this.folder, name), { force: true });
    }
  }

  private prune(): void {
    const timeOf = (name: string): number => statSync(join(this.folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const entries = this.names().map((name) => ({ name, time: timeOf(name) }));
    entries.sort((a, b) => b.time - a.time);
    for (const { name } of entries.slice(MAX_ENTRIES)) {
      rmSync(join(this.folder, name), { force: true });
    }
  }

  private prefix(contentSha256: string): string {
    return `${contentSha256}-${ONNX_RUNTIME_VERSION}-${this.cpu}-`;
  }

  private names(): string[] {
    try {
      return readdirSync(this.folder);
    } catch {
      return []; // not made yet
    }
  }
}

/** Hash of the architecture and the first CPU's flags. */
function cpuKey(): string {
  let flags = '';
  try {
    flags = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    // no /proc: the architecture alone
  }
  return sha256(Buffer.from(`${arch()} ${flags.trim().split(/\s+/).sort().join(' ')}`)).slice(0, 16);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
