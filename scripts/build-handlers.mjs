// Bundles every handler in lambda/<name>/index.ts to assets/<name>/index.mjs, which the package ships.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { build } from 'esbuild';

/** A cold start reads all of a bundle: more than this is something that does not belong there. */
const MAX_BYTES = 350_000;

/**
 * The SDK's schemas write the keys of objects as `[_h]`, with `const _h = "http"` above. To esbuild such a key may have effects when it is evaluated, so
 * that it keeps the schemas of all operations of a service. With the text itself as the key, it keeps those that are used.
 */
const literalSchemaKeys = {
  name: 'literal-schema-keys',
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const texts = new Map([...source.matchAll(/^const (_\w+) = ("[^"\\\n]*");$/gm)].map(([, name, text]) => [name, text]));
      return { contents: source.replace(/\[(_\w+)\]:/g, (key, name) => (texts.has(name) ? `${texts.get(name)}:` : key)) };
    });
  },
};

const folders = (await readdir('lambda', { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
for (const name of folders.filter((folder) => existsSync(`lambda/${folder}/index.ts`))) {
  const result = await build({
    entryPoints: [`lambda/${name}/index.ts`], outfile: `assets/${name}/index.mjs`,
    bundle: true, platform: 'node', target: 'node20', format: 'esm', minify: true, legalComments: 'none', metafile: true,
    mainFields: ['module', 'main'], // the SDK's ES modules tree-shake to a third of its CommonJS
    alias: { '@aws-sdk/credential-provider-node': './lambda/shared/environment-credentials.ts' },
    plugins: [literalSchemaKeys],
  });
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    console.log(`${file} ${output.bytes} bytes`);
    if (output.bytes > MAX_BYTES) { throw new Error(`${file} must have at most ${MAX_BYTES} bytes, got ${output.bytes}: see what esbuild's metafile says of it`); }
  }
}
