// Writes what is generated: API.md from the compiled library (`npm run build` first) and docs/resources.md from the
// sample. With --check it compares instead, and compiles the examples of README and docstrings.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const check = process.argv.includes('--check');
const run = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' } });

run(process.execPath, 'scripts/resources-doc.mjs', ...(check ? ['--check'] : []));
if (check) {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-sagemaker-edge-docs-'));
  try {
    const fresh = path.join(folder, 'API.md');
    run('node_modules/.bin/jsii-docgen', '-o', fresh);
    if (readFileSync(fresh, 'utf8') !== readFileSync('API.md', 'utf8')) { throw new Error('API.md is stale: run npm run build && npm run docs and commit it'); }
    run('node_modules/.bin/jsii-rosetta', 'extract', '--strict', '.');
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else {
  run('node_modules/.bin/jsii-docgen', '-o', 'API.md');
}
