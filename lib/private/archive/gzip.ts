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
    const head = Buffer.alloc(5);
    head.writeUInt8(at + MAX_BLOCK >= content.length ? 1 : 0, 0);
    head.writeUInt16LE(stored.length, 1);
    head.writeUInt16LE(stored.length ^ 0xffff, 3);
    parts.push(head, stored);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length % 2 ** 32, 4);
  return Buffer.concat([...parts, trailer]);
}

/** The content of a gzip file; undefined if it is none. */
export function gunzip(file: Buffer): Buffer | undefined {
  try {
    return gunzipSync(file);
  } catch {
    return undefined;
  }
}
