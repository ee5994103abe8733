// Bundles every handler in lambda/<name>/index.ts to assets/<name>/index.mjs, which the package ships. A name may have a slash in it.
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Plugin } from 'esbuild';
import { bundle } from './bundle';

/** A cold start reads all of a bundle: more than this is something that does not belong there. */
const MAX_BYTES = 380_000;
/** The controller of a load test has the report's page in it, with its plots, and calls six services. A run starts it once. */
const LARGER: Readonly<Record<string, number>> = { 'endpoint/load-test': 520_000 };

const SCHEMAS = /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/;

/**
 * The SDK's schemas write the keys of objects as `[_h]`, with `const _h = "http"` above. To esbuild such a key may have
 * effects when it is evaluated, so that it keeps the schemas of all operations of a service. With the text itself as the
 * key, it keeps those that are used.
 */
const literalSchemaKeys: Plugin = {
  name: 'literal-schema-keys',
  setup(builder) {
    builder.onLoad({ filter: SCHEMAS }, async ({ path }) => ({ contents: withLiteralKeys(await readFile(path, 'utf8')) }));
  },
};

function withLiteralKeys(source: string): string {
  const constants = source.matchAll(/^const (_\w+) = ("[^"\\\n]*");$/gm);
  const texts = new Map([...constants].map(([, name, text]) => [name, text]));
  return source.replace(/\[(_\w+)\]:/g, (key, name: string) => {
    const text = texts.get(name);
    return text === undefined ? key : `${text}:`;
  });
}

async function buildHandler(name: string): Promise<void> {
  const sizes = await bundle({
    entryPoints: [`lambda/${name}/index.ts`],
    outfile: `assets/${name}/index.mjs`,
    format: 'esm',
    // CommonJS packages call `require` for Node's own modules, which a module of ES has not.
    banner: { js: 'import { createRequire } from \'node:module\'; const require = createRequire(import.meta.url);' },
    alias: { '@aws-sdk/credential-provider-node': './lambda/shared/environment-credentials.ts' },
    plugins: [literalSchemaKeys],
  });
  for (const [file, bytes] of sizes) {
    const max = LARGER[name] ?? MAX_BYTES;
    if (bytes > max) {
      throw new Error(`${file} must have at most ${max} bytes, got ${bytes}: see what esbuild's metafile says of it`);
    }
  }
}

export async function buildHandlers(): Promise<void> {
  const files = await readdir('lambda', { recursive: true });
  for (const file of files.filter((each) => basename(each) === 'index.ts')) {
    await buildHandler(dirname(file));
  }
}
