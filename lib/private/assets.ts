import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_lambda as lambda, aws_logs as logs, RemovalPolicy, type aws_iam as iam, type Duration, type Size } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
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

/** What one handler's function has of its own. */
interface HandlerFunctionProps {
  /** The folder of the handler in `lambda/`, and of its prebuilt bundle in `assets/`. */
  readonly handler: string;
  readonly description: string;
  readonly role: iam.IRole;
  readonly logGroup: logs.ILogGroup;
  readonly timeout: Duration;
  readonly memorySize?: number;
  readonly ephemeralStorageSize?: Size;
  readonly environment?: Record<string, string>;
}

/** The log of a handler's function, which is kept for a month and goes with the stack. */
export function handlerLog(scope: Construct): logs.LogGroup {
  return new logs.LogGroup(scope, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
}

/** The function of a handler in `lambda/`. */
export function handlerFunction(scope: Construct, id: string, props: HandlerFunctionProps): lambda.Function {
  const { handler, description, memorySize = 256, ...own } = props;
  return new lambda.Function(scope, id, {
    ...own,
    code: handlerCode(handler),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
    memorySize,
    description: `cdk-sagemaker-edge: ${description}`,
  });
}

/** The text of a program that runs on a device, a file of `agent/scripts/`, with its placeholders filled. */
export function deviceScript(name: string, values?: Readonly<Record<string, string>>): string {
  return fillPlaceholders(name, fs.readFileSync(assetPath('scripts', name), 'utf8'), values);
}
