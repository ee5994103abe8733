import { crc32, gunzipSync } from 'node:zlib';

/** Deflate, no time, unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const MAX_BLOCK = 0xffff;

/**
 * A gzip file that stores its content uncompressed. Weights hardly shrink, and the bytes of a compressor depend on its
 * version and on the processor: the digest in the template would change from one machine to the next.
 */
export function gzipStored(content: Buffer): Buffer {
  const parts: Buffer[] = [HEADER];
  for (let at = 0; at === 0 || at < content.length; at += MAX_BLOCK) {
    const stored = content.subarray(at, at + MAX_BLOCK);
    parts.push(blockHead(stored.length, at + MAX_BLOCK >= content.length), stored);
  }
  return Buffer.concat([...parts, trailer(crc32(content), content.length)]);
}

/** The same bytes as `gzipStored` makes, for content that does not fit into memory. */
export async function* gzipStoredStream(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let checksum = 0;
  let length = 0;
  let rest = Buffer.alloc(0);
  yield HEADER;
  for await (const chunk of content) {
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

function blockHead(length: number, isLast: boolean): Buffer {
  const head = Buffer.alloc(5);
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

/** The content of a gzip file; undefined if it is none. */
export function gunzip(file: Buffer): Buffer | undefined {
  try {
    return gunzipSync(file);
  } catch {
    return undefined;
  }
}
