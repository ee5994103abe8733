import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import type { CdkPlace } from '../local/cloud/cdk';
import type { LocalCloud } from '../local/cloud/cloud';
import { deploymentLine } from '../local/cloud/deployment-line';
import { NO_PROXY } from '../local/cloud/environment';
import type { Workload } from '../local/cloud/launch';
import { listMachines } from '../local/cloud/machines';
import type { Progress } from '../local/cloud/progress';
import { CliProblem, usageProblem } from './problem';

/** What the local cloud is built on, in which no app of the user's has a part. */
const OWN_STACKS = ['CDKToolkit', 'LocalBridge'];

/** The user's CDK app in the current folder, and what to tell the CDK CLI about it. */
export class UserApp implements Workload {
  public readonly canBeMended = true;

  /** `cdkArguments` are the user's own, for the CDK CLI. */
  public constructor(private readonly app: string, private readonly cdkArguments: readonly string[], private readonly verbose: boolean) {}

  public async deploy(cloud: LocalCloud, progress: Progress): Promise<void> {
    await progress.step('cdk deploy', async () => {
      await cloud.cdk.must({
        name: 'deploy', app: this.app, args: ['deploy', ...this.stacks(), '--require-approval', 'never', '--progress', 'events'],
        onLine: (line) => {
          const text = this.verbose ? line : deploymentLine(line);
          if (text !== undefined) {
            progress.note(text);
          }
        },
      });
    });
  }

  public async show(cloud: LocalCloud, progress: Progress): Promise<void> {
    for (const line of await describe(cloud)) {
      progress.note(line);
    }
  }

  public async destroy(cloud: LocalCloud, progress: Progress): Promise<void> {
    await progress.step('cdk destroy', async () => {
      await cloud.cdk.must({
        name: 'destroy', app: this.app, args: ['destroy', ...this.stacks(), '--force'],
        onLine: (line) => {
          if (this.verbose) {
            progress.note(line);
          }
        },
      });
    });
  }

  /** All stacks, unless the user has said something. */
  private stacks(): readonly string[] {
    return this.cdkArguments.length === 0 ? ['--all'] : this.cdkArguments;
  }
}

/** Nothing: the local cloud alone. */
export class NoApp implements Workload {
  public readonly canBeMended = false;
  public async deploy(): Promise<void> { /* nothing to deploy */ }
  public async show(): Promise<void> { /* nothing to show */ }
  public async destroy(): Promise<void> { /* nothing to destroy */ }
}

/** The stacks in a local cloud with their outputs, and its devices. */
export async function describe(cloud: LocalCloud): Promise<string[]> {
  const { Stacks: stacks = [] } = await cloud.clients.cloudFormation.send(new DescribeStacksCommand({}));
  const machines = await listMachines(cloud.endpoints);
  return [
    ...stacks.filter(({ StackName = '' }) => !OWN_STACKS.includes(StackName)).flatMap(outputsOf),
    ...machines.flatMap(({ thingName, socket }) => [
      `device ${thingName}`, `  npx cdk-sagemaker-edge client -a ${socket} ListModels`,
    ]),
  ];
}

function outputsOf({ StackName = '', StackStatus: status, Outputs = [] }: Stack): string[] {
  return [`stack ${StackName}  ${status ?? ''}`, ...Outputs.map(({ OutputKey = '', OutputValue = '' }) => `  ${OutputKey} = ${OutputValue}`)];
}

/** The app's command: what follows `--app` or `-a`, else what the CDK CLI would take. Also the other arguments. */
export function appOf(cdkArguments: readonly string[], cwd: string): { readonly app: string; readonly rest: readonly string[] } {
  const rest: string[] = [];
  let app: string | undefined;
  for (let index = 0; index < cdkArguments.length; index += 1) {
    const argument = cdkArguments[index] ?? '';
    const joined = /^(?:--app|-a)=(?<app>.*)$/s.exec(argument)?.groups?.app;
    if (joined !== undefined) {
      app = joined;
    } else if (argument === '--app' || argument === '-a') {
      index += 1;
      app = cdkArguments[index];
    } else if (/^(--output|-o|--profile|--role-arn)(=|$)/.test(argument)) {
      throw usageProblem(`${argument} is not for the local cloud: it has an account, credentials and an output folder of its own`);
    } else {
      rest.push(argument);
    }
  }
  app ??= process.env.CDK_APP ?? appInFile(join(cwd, 'cdk.json'));
  if (app === undefined || app === '') {
    throw usageProblem(`there is no CDK app in ${cwd}: no cdk.json with "app"`, "go to the app's folder, or name the app: local deploy -- --app 'node app.js'");
  }
  return { app, rest };
}

function appInFile(file: string): string | undefined {
  if (!existsSync(file)) {
    return undefined;
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CliProblem(`${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const app: unknown = typeof content === 'object' && content !== null && 'app' in content ? content.app : undefined;
  return typeof app === 'string' ? app : undefined;
}

/** The user's CDK CLI, in the current folder, with the user's environment, but for what would lead it to a real account. */
export function placeOf(cwd: string): CdkPlace {
  return { cli: findCli(cwd), cwd, environment: userEnvironment() };
}

/** The CLI that the app has installed, else the one that `cdk` is. */
function findCli(cwd: string): string {
  try {
    return createRequire(join(cwd, 'package.json')).resolve('aws-cdk/bin/cdk');
  } catch {
    const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'cdk')).find((file) => existsSync(file));
    const real = onPath === undefined ? '' : realpathSync(onPath);
    if (real.endsWith(join('aws-cdk', 'bin', 'cdk'))) {
      return real;
    }
    throw new CliProblem(`the CDK CLI is not installed in ${cwd}`, ['npm install --save-dev aws-cdk']);
  }
}

function userEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^AWS_|^CDK_(APP|OUTPUT|PROFILE|ROLE_ARN)$/.test(name));
  const proxy = (name: string): string => [process.env[name], NO_PROXY].filter((value) => value !== undefined && value !== '').join(',');
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`, // `node` of the app and of the CLI is this one
    NO_PROXY: proxy('NO_PROXY'),
    no_proxy: proxy('no_proxy'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
