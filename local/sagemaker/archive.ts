import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';

/** File name → content, files alone. */
export type Files = ReadonlyMap<string, Buffer>;

/** More than any model that is compiled on a laptop; a bomb stops here. */
const MAX_UNPACKED = 2 ** 31;

/** Throws for whatever is not a gzipped tar. A leading `./` of a name is dropped. */
export async function untar(archive: Buffer): Promise<Files> {
  const stream = extract();
  stream.end(await promisify(gunzip)(archive, { maxOutputLength: MAX_UNPACKED }));
  const files = new Map<string, Buffer>();
  for await (const entry of stream) {
    const content = await buffer(entry);
    if (entry.header.type === 'file' || entry.header.type === 'contiguous-file') {
      files.set(entry.header.name.replace(/^(\.\/)+/, ''), content);
    }
  }
  return files;
}

/** The same files always give the same bytes: sorted, no times, no owners. */
export async function tar(files: Files): Promise<Buffer> {
  const stream = pack();
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    stream.entry({ name, mode: 0o644, mtime: new Date(0), type: 'file' }, content);
  }
  stream.finalize();
  return promisify(gzip)(await buffer(stream));
}

/** Lower-case hexadecimal. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
