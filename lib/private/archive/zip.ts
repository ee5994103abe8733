import { crc32 } from 'node:zlib';
import { archiveFile, chunksOf, type MemoryFile } from './content';
import type { ArchiveFile, Content } from './archive-file';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20; // 2.0: folders
const MADE_BY_UNIX = (3 << 8) | VERSION;
const UTF8 = 0x0800;
const FIRST_DAY = 0x0021; // 1980-01-01, the earliest that a zip can say
const REGULAR_FILE = 0o100444 * 0x10000; // readable by all; a product, since a shift would leave the 32-bit range
const MAX_ENTRIES = 0xffff;
const MAX_BYTES = 0xffffffff;
/** Sizes of headers, in bytes: a signature, what local and central headers share, a central header, and the end. */
const SIGNATURE_SIZE = 4;
const COMMON_SIZE = 26;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;

/** A zip of small files, as `zipChunks` makes it; undefined where only a 64-bit zip would do. */
export function writeZip(files: readonly MemoryFile[]): Buffer | undefined {
  const inMemory = files.map(archiveFile);
  return fitsZip(inMemory) ? Buffer.concat([...zipChunks(inMemory)]) : undefined;
}

/**
 * A zip of `files`, a part at a time: sorted, without times, stored and not compressed. Weights hardly shrink, and the bytes of a
 * compressor differ between versions of Node: an "immutable" component version would change from machine to machine.
 * Each content is read twice.
 */
export function* zipChunks(files: readonly ArchiveFile[]): Generator<Buffer> {
  const sorted = [...files].sort((a, b) => a.path < b.path ? -1 : 1);
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content } of sorted) {
    const name = Buffer.from(path, 'utf8');
    const common = entryHeader(name, content);
    const local = Buffer.alloc(SIGNATURE_SIZE);
    local.writeUInt32LE(LOCAL, 0);
    yield local;
    yield common;
    yield name;
    yield* chunksOf(content);
    directory.push(centralHeader(common, offset), name);
    offset += local.length + common.length + name.length + content.size;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(END_SIZE);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(sorted.length, 8);
  end.writeUInt16LE(sorted.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  yield central;
  yield end;
}

/** Whether a zip can hold the files; else only a 64-bit zip would do. */
export function fitsZip(files: readonly ArchiveFile[]): boolean {
  return files.length <= MAX_ENTRIES && zipSize(files) <= MAX_BYTES;
}

/** How many bytes the zip of `files` has. */
export function zipSize(files: readonly ArchiveFile[]): number {
  const sizes = files.map(({ path, content }) => SIGNATURE_SIZE + COMMON_SIZE + CENTRAL_SIZE + 2 * Buffer.byteLength(path) + content.size);
  return sizes.reduce((sum, size) => sum + size, END_SIZE);
}

/** What the local and the central header have in common. */
function entryHeader(name: Buffer, content: Content): Buffer {
  const header = Buffer.alloc(COMMON_SIZE);
  header.writeUInt16LE(VERSION, 0);
  header.writeUInt16LE(UTF8, 2);
  header.writeUInt16LE(0, 4); // stored
  header.writeUInt16LE(0, 6); // midnight
  header.writeUInt16LE(FIRST_DAY, 8);
  header.writeUInt32LE(checksum(content), 10);
  header.writeUInt32LE(content.size, 14);
  header.writeUInt32LE(content.size, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

function checksum(content: Content): number {
  let value = 0;
  for (const chunk of chunksOf(content)) {
    value = crc32(chunk, value);
  }
  return value;
}

function centralHeader(common: Buffer, offset: number): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(CENTRAL, 0);
  head.writeUInt16LE(MADE_BY_UNIX, 4);
  const tail = Buffer.alloc(CENTRAL_SIZE - head.length - common.length);
  tail.writeUInt32LE(REGULAR_FILE, 6);
  tail.writeUInt32LE(offset, 10);
  return Buffer.concat([head, common, tail]);
}

const LINK = 0o120000;
const FILE_TYPE = 0o170000;

/** The first symbolic link in a zip; undefined where there is none, or where the file is no zip of the plain kind. */
export function linkInZip(zip: Buffer): string | undefined {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > zip.length) {
    return undefined;
  }
  let at = zip.readUInt32LE(end + 16);
  for (let index = zip.readUInt16LE(end + 10); index > 0 && at + CENTRAL_SIZE <= zip.length && zip.readUInt32LE(at) === CENTRAL; index--) {
    const nameLength = zip.readUInt16LE(at + 28);
    if ((zip.readUInt16LE(at + 40) & FILE_TYPE) === LINK) {
      return zip.toString('utf8', at + CENTRAL_SIZE, at + CENTRAL_SIZE + nameLength);
    }
    at += CENTRAL_SIZE + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return undefined;
}
