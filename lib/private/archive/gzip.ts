import { crc32 } from 'node:zlib';
import { bytesOf } from './content';
import type { Content } from './archive-file';

/** Deflate, no time, unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const MAX_BLOCK = 0xffff;
/** What stands before each block, in bytes. */
const BLOCK_HEAD = 5;

/**
 * A gzip file that stores its content uncompressed, a part at a time. Weights hardly shrink, and the bytes of a compressor depend on
 * its version and on the processor: the digest in the template would change from one machine to the next.
 */
export function* storedGzip(content: Iterable<Buffer>): Generator<Buffer> {
  let checksum = 0;
  let length = 0;
  let rest = Buffer.alloc(0);
  yield HEADER;
  for (const chunk of content) {
    checksum = crc32(chunk, checksum);
    length += chunk.length;
    rest = Buffer.concat([rest, chunk]);
    let at = 0;
    for (; rest.length - at > MAX_BLOCK; at += MAX_BLOCK) {
      yield blockHead(MAX_BLOCK, false);
      yield rest.subarray(at, at + MAX_BLOCK);
    }
    rest = rest.subarray(at);
  }
  yield blockHead(rest.length, true);
  yield rest;
  yield trailer(checksum, length);
}

/** What a file holds that `storedGzip` has made. It is read where it lies, without the blocks before. */
export function storedContent(file: Content): Content {
  const trailerSize = 8;
  const stored = file.size - HEADER.length - trailerSize;
  const size = stored - Math.max(1, Math.ceil(stored / (MAX_BLOCK + BLOCK_HEAD))) * BLOCK_HEAD;
  const read = (start: number, length: number): Buffer => {
    const parts: Buffer[] = [];
    const end = Math.min(start + length, size);
    for (let at = start; at < end;) {
      const within = at % MAX_BLOCK;
      const part = Math.min(MAX_BLOCK - within, end - at);
      const start = HEADER.length + Math.floor(at / MAX_BLOCK) * (MAX_BLOCK + BLOCK_HEAD) + BLOCK_HEAD + within;
      parts.push(bytesOf(file, start, part));
      at += part;
    }
    return Buffer.concat(parts);
  };
  return { size, read };
}

function blockHead(length: number, isLast: boolean): Buffer {
  const head = Buffer.alloc(BLOCK_HEAD);
  head.writeUInt8(isLast ? 1 : 0, 0);
  head.writeUInt16LE(length, 1);
  head.writeUInt16LE(length ^ 0xffff, 3);
  return head;
}

function trailer(checksum: number, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(checksum, 0);
  bytes.writeUInt32LE(length % 2 ** 32, 4);
  return bytes;
}
