import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Extract, type Header } from 'tar-stream';
import type { ManifestFile } from '../../lib/model/private/manifest-contract';
import { MODEL_MAX_FILES, tooLargeProblem, tooManyProblem } from '../../lib/model/private/size-limits';
import { describeError } from '../shared/errors';
import { ModelProblem } from './problem';

/** A file of a model, on the disk of the function. */
export interface StoredFile extends ManifestFile {
  readonly storedAt: string;
}

/** Where files are put. */
export interface Disk {
  readonly folder: string;
  /** How many bytes all files together may have. */
  readonly maxBytes: number;
}


/** Reads a model, `name`, as it lies in S3, and puts its files on the disk: one .onnx file, or the files of a tar.gz. */
export async function storeFiles(body: AsyncIterable<Uint8Array>, name: string, disk: Disk): Promise<StoredFile[]> {
  const store = new Store(name, disk);
  if (name.endsWith('.onnx')) {
    await store.add(path.posix.basename(name), body);
    return store.files;
  }
  const unpacked = extract();
  const [read, unpack] = await Promise.allSettled([
    pipeline(Readable.from(body), createGunzip(), unpacked), storeEntries(unpacked, store, name),
  ]);
  const reasons = [unpack, read].flatMap((result): unknown[] => result.status === 'rejected' ? [result.reason] : []);
  if (reasons.length > 0) {
    throw reasons.find((reason) => reason instanceof ModelProblem) ?? archiveProblem(reasons, name);
  }
  return store.files;
}

async function storeEntries(archive: Extract, store: Store, name: string): Promise<void> {
  for await (const entry of archive) {
    const file = fileOf(entry.header, name);
    if (file === undefined) {
      entry.resume();
    } else {
      await store.add(file, bytesOf(entry));
    }
  }
}

async function* bytesOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) {
    if (!(chunk instanceof Uint8Array)) {
      throw new Error('an entry of an archive was not read as bytes');
    }
    yield chunk;
  }
}

/** The path of a file; undefined for a folder, and for what begins with a dot, as at synth. */
function fileOf({ name, type, linkname }: Header, archive: string): string | undefined {
  const file = name.replace(/^(\.\/)+/, '');
  const parts = file.split('/');
  if (file.startsWith('/') || parts.includes('..') || file.includes('\0')) {
    throw new ModelProblem(`${archive} must hold paths within the archive alone, got ${JSON.stringify(name)}`);
  }
  if (type === 'symlink' || type === 'link') {
    throw new ModelProblem(`${archive} must hold no links, got ${name}, which links to ${linkname}: pack it with 'tar -h'`);
  }
  if (type === 'directory' || parts.some((part) => part.startsWith('.'))) {
    return undefined;
  }
  if (type !== 'file' && type !== 'contiguous-file') {
    throw new ModelProblem(`${archive} must hold files and folders alone, got ${name}, a ${type}`);
  }
  return file;
}

/** The reasons of zlib and of tar say what is wrong with the archive; others, for example of the network, stay as they are. */
function archiveProblem(reasons: readonly unknown[], name: string): unknown {
  const reason = reasons.find((candidate) => codeOf(candidate).startsWith('Z_'))
    ?? reasons.find((candidate) => /tar header|Unexpected end of data/i.test(String(candidate)));
  if (reason === undefined) {
    return reasons.find((candidate) => !/premature close/i.test(String(candidate))) ?? reasons[0];
  }
  return new ModelProblem(`${name} must be a tar archive compressed by gzip, or end with .onnx: ${describeError(reason)}`, { cause: reason });
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** Files that are being put on the disk, within its limit. */
class Store {
  public readonly files: StoredFile[] = [];
  private readonly paths = new Set<string>();
  private bytes = 0;

  public constructor(private readonly name: string, private readonly disk: Disk) {}

  public async add(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.paths.has(file)) {
      throw new ModelProblem(`${this.name} must hold each path once, got ${file} twice`);
    }
    if (this.files.length >= MODEL_MAX_FILES) {
      throw new ModelProblem(tooManyProblem(this.name, 'more'));
    }
    this.paths.add(file);
    const storedAt = path.join(this.disk.folder, String(this.files.length));
    const hash = createHash('sha256');
    const start = this.bytes;
    const handle = await open(storedAt, 'wx');
    try {
      for await (const chunk of content) {
        this.bytes += chunk.length;
        if (this.bytes > this.disk.maxBytes) {
          throw tooLarge(this.name, this.disk);
        }
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
    } catch (error) {
      throw codeOf(error) === 'ENOSPC' ? tooLarge(this.name, this.disk) : error;
    } finally {
      await handle.close();
    }
    this.files.push({ path: file, size: this.bytes - start, sha256: hash.digest('hex'), storedAt });
  }
}

/** What to say of a model that does not fit. */
export function tooLarge(name: string, { maxBytes }: Disk, got = 'more'): ModelProblem {
  return new ModelProblem(tooLargeProblem(name, got, maxBytes));
}
