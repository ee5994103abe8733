import { spawnSync } from 'node:child_process';

const NOT_GZIP = 2;
const TOO_LARGE = 3;

/** Runs in a process of its own: `source`, `target` and the most bytes are its arguments. */
const PROGRAM = `
const { createReadStream, createWriteStream } = require('node:fs');
const { pipeline } = require('node:stream/promises');
const { createGunzip } = require('node:zlib');
const [source, target, maxBytes] = process.argv.slice(1);
let bytes = 0;
async function* counted(chunks) {
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > Number(maxBytes)) {
      process.exitCode = ${TOO_LARGE};
      throw new Error('too large');
    }
    yield chunk;
  }
}
pipeline(createReadStream(source), createGunzip(), counted, createWriteStream(target)).catch((error) => {
  console.error(error.message);
  process.exitCode ??= /^Z_/.test(error.code) ? ${NOT_GZIP} : 1;
});
`;

/**
 * Unpacks a gzip file into a new file, a part at a time. Synth does not wait for promises, and zlib gives parts by promises alone: so
 * another process does it.
 */
export function gunzipFile(source: string, target: string, maxBytes: number): 'unpacked' | 'not gzip' | 'too large' {
  const { status, stderr, error } = spawnSync(process.execPath, ['-e', PROGRAM, '--', source, target, String(maxBytes)], {
    encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' },
  });
  switch (status) {
    case 0: return 'unpacked';
    case NOT_GZIP: return 'not gzip';
    case TOO_LARGE: return 'too large';
    default: throw error ?? new Error(`${source} could not be unpacked: ${stderr.trim()}`);
  }
}
