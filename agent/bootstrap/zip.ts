import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { DeviceError } from './contracts';

/** An entry of a zip's central directory. */
export interface ZipEntry {
  readonly name: string;
  readonly compressed: boolean;
  /** Where its data begin, and how many bytes they are as stored. */
  readonly start: number;
  readonly length: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const END_SIZE = 22;
const CENTRAL_SIZE = 46;
const LOCAL_SIZE = 30;
const MAX_COMMENT = 0xffff;
const UNIX_LINK = 0o120000;
const UNIX_TYPE = 0o170000;

/** The entries of an archive of the plain kind that CDK writes: no encryption, no parts, under 4 GiB. */
export async function readZipEntries(archive: string): Promise<ZipEntry[]> {
  const file = await open(archive);
  try {
    const { size } = await file.stat();
    const tail = await bytes(file, Math.max(0, size - END_SIZE - MAX_COMMENT), Math.min(size, END_SIZE + MAX_COMMENT));
    const end = findEnd(tail);
    const count = tail.readUInt16LE(end + 10);
    const length = tail.readUInt32LE(end + 12);
    if (length > size) {
      throw damaged('its directory is longer than the file');
    }
    const directory = await bytes(file, tail.readUInt32LE(end + 16), length);
    const entries: ZipEntry[] = [];
    for (let position = 0, index = 0; index < count; index += 1) {
      if (position + CENTRAL_SIZE > directory.length || directory.readUInt32LE(position) !== CENTRAL) {
        throw damaged('its directory ends early');
      }
      entries.push(await readEntry(file, directory, position));
      const nameLength = directory.readUInt16LE(position + 28);
      const extraLength = directory.readUInt16LE(position + 30);
      const commentLength = directory.readUInt16LE(position + 32);
      position += CENTRAL_SIZE + nameLength + extraLength + commentLength;
    }
    return entries;
  } catch (error) {
    throw error instanceof RangeError ? damaged(error.message) : error; // a length that points past the end
  } finally {
    await file.close();
  }
}

/** The entry's content. */
export function zipEntryStream(archive: string, entry: ZipEntry): Readable {
  if (entry.length === 0) {
    return Readable.from([]);
  }
  const stored = createReadStream(archive, { start: entry.start, end: entry.start + entry.length - 1 });
  if (!entry.compressed) {
    return stored;
  }
  const inflated = createInflateRaw();
  stored.once('error', (error) => {
    inflated.destroy(error);
  });
  return stored.pipe(inflated);
}

function findEnd(tail: Buffer): number {
  for (let position = tail.length - END_SIZE; position >= 0; position -= 1) {
    if (tail.readUInt32LE(position) === END) {
      return position;
    }
  }
  throw damaged('it has no directory');
}

async function readEntry(file: FileHandle, directory: Buffer, position: number): Promise<ZipEntry> {
  const name = directory.toString('utf8', position + CENTRAL_SIZE, position + CENTRAL_SIZE + directory.readUInt16LE(position + 28));
  const flags = directory.readUInt16LE(position + 8);
  const method = directory.readUInt16LE(position + 10);
  const unixMode = directory.readUInt32LE(position + 38) >>> 16;
  if ((flags & 1) !== 0) {
    throw new DeviceError(`the archive holds '${name}', which is encrypted`);
  }
  if (method !== 0 && method !== 8) {
    throw new DeviceError(`the archive holds '${name}', compressed by method ${method}: only stored and deflated files are unpacked`);
  }
  if ((unixMode & UNIX_TYPE) === UNIX_LINK) {
    throw new DeviceError(`the archive holds '${name}', a link: only files and folders are unpacked`);
  }
  const offset = directory.readUInt32LE(position + 42);
  const local = await bytes(file, offset, LOCAL_SIZE); // its name and extra field may be longer than the directory's
  return {
    name, compressed: method === 8, length: directory.readUInt32LE(position + 20),
    start: offset + LOCAL_SIZE + local.readUInt16LE(26) + local.readUInt16LE(28),
  };
}

async function bytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function damaged(reason: string): DeviceError {
  return new DeviceError(`the archive is damaged or no zip: ${reason}`);
}
