import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const ASSETS = path.resolve('assets');
const files = readdirSync('lambda', { recursive: true, encoding: 'utf8' });
const handlers = files.filter((file) => path.basename(file) === 'index.ts').map((file) => path.dirname(file));

test.each(handlers)('the bundle of %s is loaded as Lambda loads it, with nothing beside it, and has a handler', (name) => {
  const url = pathToFileURL(path.join(ASSETS, name, 'index.mjs')).href;
  const program = `console.log(typeof (await import(${JSON.stringify(url)})).handler)`;
  const environment = { PATH: process.env.PATH, AWS_REGION: 'eu-west-1', AWS_LAMBDA_FUNCTION_NAME: 'test' };
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { env: environment, encoding: 'utf8', stdio: 'pipe' });
  expect(output.trim()).toBe('function');
});
