import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { toAddresses, toDistances, type Machine } from './branches';

/** In a release: which of its files are packed, and how. */
const LIST = 'packed.json';
const SUFFIX = '.br';
const MAX_BYTES = 512 * 1024 ** 2;
/** The largest window that every decoder takes. */
const WINDOW = 24;

/** A file of a release that is packed there as `<file>.br`: brotli over code whose calls are addresses. */
interface PackedFile {
  readonly file: string;
  readonly machine: Machine;
  /** Of the file itself. */
  readonly sha256: string;
}

/** Packs a file of machine code with a quality of brotli. */
export async function pack(content: Buffer, machine: Machine, quality: number): Promise<Buffer> {
  const code = Buffer.from(content);
  toAddresses(code, machine);
  return promisify(brotliCompress)(code, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: WINDOW,
      [constants.BROTLI_PARAM_SIZE_HINT]: code.length,
    },
  });
}

/** A release's files, of which `packed` come as `pack` gave them. */
export function packedRelease(
  plain: Readonly<Record<string, Buffer>>,
  packed: readonly (PackedFile & { readonly content: Buffer })[],
): { path: string; content: Buffer }[] {
  const list = packed.map(({ file, machine, sha256 }): PackedFile => ({ file, machine, sha256 }));
  return [
    ...Object.entries(plain).map(([name, content]) => ({ path: name, content })),
    ...packed.map(({ file, content }) => ({ path: file + SUFFIX, content })),
    { path: LIST, content: Buffer.from(`${JSON.stringify(list)}\n`) },
  ];
}

/** The files of the release in `folder` that are still packed. */
export async function stillPacked(folder: string): Promise<string[]> {
  return (await readList(folder)).map(({ file }) => file);
}

/** Unpacks what is packed in a release, in its place. A release of plain files stays as it is. */
export async function unpackInPlace(folder: string): Promise<void> {
  for (const packed of await readList(folder)) {
    await unpackFile(packed, folder, folder);
    await rm(path.join(folder, packed.file + SUFFIX));
  }
  await rm(path.join(folder, LIST), { force: true });
}

/**
 * Makes `target` the release in `folder`, unpacked. What is there already and whole is not unpacked again. Throws where both are
 * one folder, before anything is removed from it.
 */
export async function unpackTo(folder: string, target: string): Promise<void> {
  const list = await readList(folder);
  const names = await readdir(folder);
  await mkdir(target, { recursive: true });
  if (await realpath(target) === await realpath(folder)) {
    throw new Error(`the folder to make must not be the release's own, got ${target}: it is left as it is`);
  }
  for (const name of names.filter((candidate) => candidate !== LIST && !list.some(({ file }) => candidate === file + SUFFIX))) {
    await rm(path.join(target, name), { force: true }); // it may be read-only
    await copyFile(path.join(folder, name), path.join(target, name));
  }
  for (const packed of list) {
    if (await digestOf(path.join(target, packed.file)) !== packed.sha256) {
      await unpackFile(packed, folder, target);
    }
  }
}

async function unpackFile({ file, machine, sha256 }: PackedFile, folder: string, target: string): Promise<void> {
  const content = await promisify(brotliDecompress)(await readFile(path.join(folder, file + SUFFIX)), { maxOutputLength: MAX_BYTES });
  toDistances(content, machine);
  const digest = createHash('sha256').update(content).digest('hex');
  if (digest !== sha256) {
    throw new Error(`the SHA-256 of '${file}' as unpacked is ${digest}, not ${sha256}: it is not used`);
  }
  const temporary = path.join(target, `${file}.new`);
  await rm(temporary, { force: true });
  await writeFile(temporary, content, { flag: 'wx', mode: 0o644 });
  await rename(temporary, path.join(target, file));
}

async function readList(folder: string): Promise<PackedFile[]> {
  if (!(await readdir(folder)).includes(LIST)) {
    return [];
  }
  const list: unknown = JSON.parse(await readFile(path.join(folder, LIST), 'utf8'));
  if (!Array.isArray(list)) {
    throw new Error(`${LIST} must be a list`);
  }
  return list.map((entry: unknown) => {
    if (!isPackedFile(entry)) {
      throw new Error(`${LIST} must name a file, its machine and its SHA-256, got ${JSON.stringify(entry)}`);
    }
    return entry;
  });
}

function isPackedFile(entry: unknown): entry is PackedFile {
  return typeof entry === 'object' && entry !== null
    && 'file' in entry && typeof entry.file === 'string' && /^[\w-][\w.-]*$/.test(entry.file)
    && 'machine' in entry && (entry.machine === 'x64' || entry.machine === 'arm64')
    && 'sha256' in entry && typeof entry.sha256 === 'string' && /^[0-9a-f]{64}$/.test(entry.sha256);
}

async function digestOf(file: string): Promise<string | undefined> {
  try {
    return createHash('sha256').update(await readFile(file)).digest('hex');
  } catch {
    return undefined;
  }
}
