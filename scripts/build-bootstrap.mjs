// Bundles what runs on a device besides the agent: agent/bootstrap/main.ts to assets/bootstrap/bootstrap.js.
import { build } from 'esbuild';

const result = await build({
  entryPoints: ['agent/bootstrap/main.ts'], outfile: 'assets/bootstrap/bootstrap.js',
  bundle: true, platform: 'node', target: 'node20', format: 'cjs', minify: true, legalComments: 'none', metafile: true,
  loader: { '.service': 'text' },
  mainFields: ['module', 'main'], // the SDK's ES modules tree-shake to a third of its CommonJS
});
for (const [file, output] of Object.entries(result.metafile.outputs)) { console.log(`${file} ${output.bytes} bytes`); }
