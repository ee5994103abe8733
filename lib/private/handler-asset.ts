import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_lambda as lambda } from 'aws-cdk-lib';

/** The prebuilt bundle of a handler. lib/ and dist/ are equally deep, so one path serves sources and package. */
export function handlerCode(name: string): lambda.Code {
  const folder = path.join(__dirname, '..', '..', 'assets', name);
  if (!fs.existsSync(path.join(folder, 'index.mjs'))) {
    throw new Error(`the handler bundle ${folder}/index.mjs is missing: run 'npm run build:assets' in a checkout; a published package that lacks it is broken`);
  }
  return lambda.Code.fromAsset(folder);
}
