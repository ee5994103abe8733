// Bundles every handler in lambda/<name>/index.ts to assets/<name>/index.mjs, which the package ships.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { build } from 'esbuild';

const folders = (await readdir('lambda', { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
for (const name of folders.filter((folder) => existsSync(`lambda/${folder}/index.ts`))) {
  const result = await build({
    entryPoints: [`lambda/${name}/index.ts`], outfile: `assets/${name}/index.mjs`,
    bundle: true, platform: 'node', target: 'node20', format: 'esm', minify: true, legalComments: 'none', metafile: true,
    mainFields: ['module', 'main'], // the SDK's ES modules tree-shake to a third of its CommonJS
    alias: { '@aws-sdk/credential-provider-node': './lambda/shared/environment-credentials.ts' },
  });
  for (const [file, output] of Object.entries(result.metafile.outputs)) { console.log(`${file} ${output.bytes} bytes`); }
}
