// Strict synth of the sample in each delivery and of each example: a warning that nobody acknowledged, or a template
// that breaks a resource schema, fails. One process synthesizes all apps, since CDK's rules take 5 s to load; then the CDK CLI
// looks at each assembly.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildSampleApp } from '../bin/sample-app';
import { DELIVERIES, exampleApps } from './apps';
import { runScript } from './bundle';

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { readonly context: object };

/** As the CDK CLI tells an app. */
function tellApp(outdir: string, more: object = {}): void {
  rmSync(outdir, { recursive: true, force: true });
  process.env.CDK_OUTDIR = path.resolve(outdir);
  process.env.CDK_CONTEXT_JSON = JSON.stringify({ ...context, 'aws:cdk:enable-path-metadata': true, 'aws:cdk:bundling-stacks': ['**'], ...more });
}

async function synthesize(): Promise<string[]> {
  process.setMaxListeners(0); // each app waits for the end of the process
  const outdirs: string[] = [];
  for (const delivery of DELIVERIES) {
    const outdir = `cdk.out/sample-${delivery}`;
    tellApp(outdir, { delivery });
    const app = new App();
    buildSampleApp(app);
    app.synth();
    outdirs.push(outdir);
  }
  for (const example of exampleApps()) {
    const outdir = `cdk.out/${example}`;
    tellApp(outdir);
    const { app } = await import(path.resolve(`examples/${example}/app.ts`)) as { readonly app: App };
    app.synth();
    outdirs.push(outdir);
  }
  // What another context adds to an example. Its module is loaded by now: it makes an app of its own when it is.
  const { addExperiments } = await import(path.resolve('examples/dvc-experiments/app.ts')) as { readonly addExperiments: (app: App) => void };
  const outdir = 'cdk.out/dvc-experiments-winner';
  tellApp(outdir, { winner: 'v1' });
  const delivered = new App();
  addExperiments(delivered);
  delivered.synth();
  outdirs.push(outdir);
  return outdirs;
}

runScript(async () => {
  for (const outdir of await synthesize()) {
    console.log(`synth --strict: ${outdir}`);
    const { status } = spawnSync('node_modules/.bin/cdk', ['synth', '--strict', '--quiet', '--app', outdir], {
      stdio: 'inherit', env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true' },
    });
    if (status !== 0) {
      process.exitCode = status ?? 1;
    }
  }
});
