// Strict synth of the sample in each delivery and of each example: a warning that nobody acknowledged, or a template
// that breaks a resource schema, fails.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const DELIVERIES = ['direct', 'edge-manager', 'greengrass'];

function synth(what: string, args: readonly string[]): void {
  console.log(`synth --strict: ${what}`);
  const { status } = spawnSync('node_modules/.bin/cdk', ['synth', '--strict', '--quiet', '--output', `cdk.out/${what}`, ...args], {
    stdio: 'inherit', env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true' },
  });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}

for (const delivery of DELIVERIES) {
  synth(`sample-${delivery}`, ['--context', `delivery=${delivery}`]);
}
for (const example of readdirSync('examples')) {
  const app = `examples/${example}/app.ts`;
  if (existsSync(app)) {
    synth(example, ['--app', `tsx ${app}`]);
  }
}
