// Writes what is generated: API.md from the compiled library (`npm run build` first), docs/resources.md from the sample, and
// the computed tables of docs/cost.md. With --check it compares instead, and compiles the examples of README and docstrings.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PAGE = 'API.md';

function run(command: string, ...args: string[]): void {
  const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' };
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
}

function check(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-sagemaker-edge-docs-'));
  try {
    const fresh = path.join(folder, PAGE);
    run('node_modules/.bin/jsii-docgen', '-o', fresh);
    if (readFileSync(fresh, 'utf8') !== readFileSync(PAGE, 'utf8')) {
      throw new Error(`${PAGE} is stale: run npm run build && npm run docs and commit it`);
    }
    run('node_modules/.bin/jsii-rosetta', 'extract', '--strict', '.');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const checking = process.argv.includes('--check');
for (const page of ['scripts/cost-doc.ts', 'scripts/resources-doc.ts']) {
  run('node_modules/.bin/tsx', page, ...(checking ? ['--check'] : []));
}
if (checking) {
  check();
} else {
  run('node_modules/.bin/jsii-docgen', '-o', PAGE);
}
