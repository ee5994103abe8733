import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_lambda as lambda } from 'aws-cdk-lib';
import { fillPlaceholders } from './placeholders';

/** What `npm run build:assets` makes, and the package ships. lib/ and dist/ are equally deep, so one path serves sources and package. */
const ASSETS = path.join(__dirname, '..', '..', 'assets');

/** The path of a prebuilt file; `segments` lead there from `assets/`. */
export function assetPath(...segments: string[]): string {
  const file = path.join(ASSETS, ...segments);
  if (!fs.existsSync(file)) {
    throw new Error(`${file} is missing: run 'npm run build:assets' in a checkout; a published package that lacks it is broken`);
  }
  return file;
}

/** The prebuilt bundle of a handler in `lambda/`. */
export function handlerCode(name: string): lambda.Code {
  return lambda.Code.fromAsset(path.dirname(assetPath(name, 'index.mjs')));
}

/** The text of a program that runs on a device, a file of `agent/scripts/`, with its placeholders filled. */
export function deviceScript(name: string, values?: Readonly<Record<string, string>>): string {
  return fillPlaceholders(name, fs.readFileSync(assetPath('scripts', name), 'utf8'), values);
}
