import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { down } from '../local/cloud/down';
import { launch } from '../local/cloud/launch';
import { ConsoleProgress } from '../local/cloud/progress';
import { inRunningCloud, isUp } from '../local/cloud/running';
import { readState } from '../local/cloud/state';
import { cacheFolder } from './folders';
import { FOLDER, folderHere } from './local-folder';
import { EXIT } from './problem';
import { hasRelease, unpackedRelease } from './release';
import { appOf, describe, NoApp, placeOf, UserApp } from './user-app';

interface Verbosity { readonly verbose: boolean }

/** `local`: the local cloud for the CDK app in the current folder. */
export function localCommand(): Command {
  const local = new Command('local').description('a local cloud on this machine for your CDK app: up, deploy, destroy, status, down');
  local.command('up').description('start the local cloud of this folder, with nothing deployed in it').action(async () => {
    await start(new NoApp(), process.cwd());
  });
  withApp(local.command('deploy'), 'deploy the CDK app in this folder, unchanged, into the local cloud; starts it if need be', deploy);
  withApp(local.command('destroy'), 'destroy its stacks in the local cloud', destroy);
  local.command('status').description('show what runs: stacks with outputs, devices with their agents; exit code 1 if nothing does')
    .action(status);
  local.command('down').description('stop the local cloud and remove all that it has made in this folder')
    .option('--keep', 'keep the logs and the list of requests', false)
    .action(async ({ keep }: { readonly keep: boolean }) => {
      process.exitCode = await down(folderHere(), !keep);
    });
  return local.addHelpText('after', `
Arguments after -- go to the CDK CLI: local deploy -- MyStack -c key=value --app 'python3 app.py'
Without any, all stacks are deployed. The local cloud keeps its files in ${FOLDER}.
Its account is 000000000000 in us-east-1.`);
}

type AppAction = (cdkArguments: readonly string[], options: Verbosity) => Promise<void>;

function withApp(command: Command, description: string, action: AppAction): void {
  command.description(description)
    .argument('[cdk-arguments...]', 'after --: for the CDK CLI, for example stack names, -c key=value, --app <command>')
    .option('--verbose', 'print every line of the CDK CLI', false)
    .action(action);
}

async function deploy(cdkArguments: readonly string[], { verbose }: Verbosity): Promise<void> {
  const { app, rest } = appOf(cdkArguments, process.cwd());
  await start(new UserApp(app, rest, verbose), process.cwd());
}

async function destroy(cdkArguments: readonly string[], { verbose }: Verbosity): Promise<void> {
  const { app, rest } = appOf(cdkArguments, process.cwd());
  const place = placeOf(process.cwd());
  forgetAccount();
  await inRunningCloud(folderHere(), place, async (cloud) => {
    await new UserApp(app, rest, verbose).destroy(cloud, new ConsoleProgress());
  });
}

async function status(): Promise<void> {
  const folder = folderHere();
  const state = readState(folder);
  if (!state || !isUp(state)) {
    console.log(state?.launcher ? 'the local cloud is being started or stopped' : 'no local cloud is up here');
    process.exitCode = EXIT.failed;
    return;
  }
  forgetAccount();
  await inRunningCloud(folder, undefined, async (cloud) => {
    console.log(`up since ${state.startedAt}, emulator ${cloud.endpoints.emulator}`);
    for (const line of await describe(cloud)) {
      console.log(line);
    }
    console.log(`for an AWS SDK or CLI: . ${relative(process.cwd(), folder.environment)}`);
  });
}

async function start(workload: UserApp | NoApp, cwd: string): Promise<void> {
  const place = placeOf(cwd);
  forgetAccount();
  const folder = folderHere();
  const progress = new ConsoleProgress();
  const onnxRuntime = hasRelease() ? await unpackedRelease((line) => {
    progress.note(line);
  }) : undefined;
  folder.make();
  hideFromGit(folder.root);
  await launch({ folder, progress, workload, place, prebuilt: true, ...onnxRuntime === undefined ? {} : { onnxRuntime } });
}

/** What it holds is no part of the user's app, and some of it secret. */
function hideFromGit(folder: string): void {
  const file = join(folder, '.gitignore');
  if (!existsSync(file)) {
    writeFileSync(file, '*\n');
  }
}

/** Of this process: its clients are the local cloud's, whatever the user's environment says of an account. */
function forgetAccount(): void {
  for (const name of Object.keys(process.env).filter((key) => /^AWS_(?!SDK_JS_NODE)/.test(key))) {
    Reflect.deleteProperty(process.env, name);
  }
  const nowhere = join(cacheFolder(), 'no-such-file');
  Object.assign(process.env, { AWS_CONFIG_FILE: nowhere, AWS_SHARED_CREDENTIALS_FILE: nowhere });
}
