import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import type { ArchiveFile, Content } from './archive-file';

/** A small file of an archive. */
export interface MemoryFile {
  readonly path: string;
  readonly content: Buffer;
}

const CHUNK = 1024 ** 2;

export function archiveFile({ path, content }: MemoryFile): ArchiveFile {
  return { path, content: memoryContent(content) };
}

export function memoryContent(bytes: Buffer): Content {
  return { size: bytes.length, read: (start, length) => bytes.subarray(start, start + length) };
}

/** A file, which stays where it is until it has been read. */
export function fileContent(file: string, size = fs.statSync(file).size): Content {
  return { size, read: (start, length) => readPart(file, start, Math.max(0, Math.min(length, size - start))) };
}

/** What lies from `start` on. */
export function partOf(content: Content, start: number, size: number): Content {
  return { size, read: (from, length) => content.read(start + from, Math.max(0, Math.min(length, size - from))) };
}

/** `length` bytes from `start` on; fewer where the content ends. */
export function bytesOf(content: Content, start: number, length: number): Buffer {
  const { buffer, byteOffset, byteLength } = content.read(start, length);
  return Buffer.from(buffer, byteOffset, byteLength); // the same bytes, no copy
}

/** All of it, for what is known to be small. */
export function wholeOf(content: Content): Buffer {
  return bytesOf(content, 0, content.size);
}

export function* chunksOf(content: Content): Generator<Buffer> {
  for (let at = 0; at < content.size; at += CHUNK) {
    yield bytesOf(content, at, CHUNK);
  }
}

/** SHA-256, lower-case hexadecimal. */
export function digestOf(content: Content): string {
  const hash = createHash('sha256');
  for (const chunk of chunksOf(content)) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/** Writes a file, and says its SHA-256 in lower-case hexadecimal. */
export function writeChunks(file: string, chunks: Iterable<Buffer>): string {
  const hash = createHash('sha256');
  const descriptor = fs.openSync(file, 'wx');
  try {
    for (const chunk of chunks) {
      hash.update(chunk);
      fs.writeFileSync(descriptor, chunk); // writeSync may write less
    }
  } finally {
    fs.closeSync(descriptor);
  }
  return hash.digest('hex');
}

function readPart(file: string, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const descriptor = fs.openSync(file, 'r');
  try {
    let read = 0;
    while (read < length) {
      const more = fs.readSync(descriptor, bytes, read, length - read, start + read);
      if (more === 0) {
        throw new Error(`${file} has become shorter while it was read`);
      }
      read += more;
    }
    return bytes;
  } finally {
    fs.closeSync(descriptor);
  }
}
