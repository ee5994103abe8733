import * as path from 'node:path';
import { buildSync } from 'esbuild';

/** Bundles the bridge's handler into `folder`. It is no part of the package, so not of assets/ either. */
export function bundleBridge(folder: string): string {
  buildSync({
    entryPoints: [path.join(__dirname, 'handler', 'index.ts')], outfile: path.join(folder, 'index.mjs'), logLevel: 'error',
    bundle: true, platform: 'node', target: 'node20', format: 'esm', minify: true, legalComments: 'none', mainFields: ['module', 'main'],
  });
  return folder;
}
