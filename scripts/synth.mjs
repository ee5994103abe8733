// Strict synth of the sample in each delivery and of each example: a warning that nobody acknowledged, or a template
// that breaks a resource schema, fails.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const DELIVERIES = ['direct', 'edge-manager', 'greengrass'];

const synth = (what, args) => {
  console.log(`synth --strict: ${what}`);
  const run = spawnSync('node_modules/.bin/cdk', ['synth', '--strict', '--quiet', '--output', `cdk.out/${what}`, ...args], {
    stdio: 'inherit', env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true' },
  });
  if (run.status !== 0) { process.exit(run.status ?? 1); }
};

for (const delivery of DELIVERIES) { synth(`sample-${delivery}`, ['--context', `delivery=${delivery}`]); }
for (const example of readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  if (readdirSync(`examples/${example.name}`).includes('app.ts')) { synth(example.name, ['--app', `tsx examples/${example.name}/app.ts`]); }
}
