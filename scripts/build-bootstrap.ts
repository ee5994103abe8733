// Bundles what runs on a device besides the agent: agent/bootstrap/main.ts to assets/bootstrap/bootstrap.js.
import { bundle } from './bundle';

export async function buildBootstrap(): Promise<void> {
  await bundle({
    entryPoints: ['agent/bootstrap/main.ts'],
    outfile: 'assets/bootstrap/bootstrap.js',
    format: 'cjs',
    loader: { '.service': 'text' },
  });
}
