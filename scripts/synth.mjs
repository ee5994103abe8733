// Strict synth of the sample in each delivery: a warning that nobody acknowledged, or a template that breaks a
// resource schema, fails. The region is concrete so that the rules that need one run.
import { spawnSync } from 'node:child_process';

const deliveries = process.argv.length > 2 ? process.argv.slice(2) : ['direct', 'edge-manager'];
for (const delivery of deliveries) {
  console.log(`synth --strict, delivery=${delivery}`);
  const run = spawnSync('node_modules/.bin/cdk', [
    'synth', '--strict', '--quiet', '--output', `cdk.out/${delivery}`, '--context', `delivery=${delivery}`,
  ], { stdio: 'inherit', env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true' } });
  if (run.status !== 0) { process.exit(run.status ?? 1); }
}
