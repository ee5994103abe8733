import * as path from 'node:path';
import { aws_lambda as lambda } from 'aws-cdk-lib';
import { assetPath } from './assets';

/** The prebuilt bundle of a handler. */
export function handlerCode(name: string): lambda.Code {
  return lambda.Code.fromAsset(path.dirname(assetPath(name, 'index.mjs')));
}
