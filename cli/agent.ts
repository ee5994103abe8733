import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { AGENT_UNIT, agentUnit } from '../agent/bootstrap/agent-unit';
import { MAX_PATH_BYTES } from '../agent/service/socket';
import { DATA_FOLDER, modelAtStart, SOCKET, writeOfflineConfig, type ModelAtStart } from './agent-data';
import { runInPlace } from './child';
import { usageProblem } from './problem';
import { unpackedRelease } from './release';

const INSTANCE = 'local';

interface RunOptions { readonly data: string; readonly address?: string; readonly config?: string }
interface InstallOptions { readonly folder: string; readonly user: string }

/** `agent`: the edge agent on this machine, without a cloud. */
export function agentCommand(): Command {
  const agent = new Command('agent')
    .description('run the edge agent on this machine, without a cloud; agent install sets it up for systemd')
    .argument('[packages...]', 'folders that pack has made: the models to load at start')
    .option('-a, --address <socket>', `the socket to listen on (default: ${SOCKET} in the data folder)`)
    .option('-c, --config <file>', 'a configuration of your own (default: one is written into the data folder)')
    .option('--data <folder>', 'configuration, captures and state of the agent', DATA_FOLDER)
    .action(run);
  agent.command('install')
    .description('write the agent, a configuration and a systemd unit into a folder; says how to enable the unit, and changes nothing else')
    .argument('[packages...]', 'folders that pack has made: they are copied there')
    .requiredOption('--folder <folder>', 'the folder to make, outside home folders, such as /opt/sagemaker-edge')
    .option('--user <user>', 'whom the unit runs the agent as', userInfo().username)
    .action(install);
  return agent;
}

async function run(packages: readonly string[], { data, address, config: given }: RunOptions): Promise<void> {
  if (given !== undefined && packages.length > 0) {
    throw usageProblem('a configuration of your own names its models itself: give --config or packages, not both');
  }
  if (given !== undefined && !existsSync(given)) {
    throw usageProblem(`there is no file ${resolve(given)}`);
  }
  const folder = resolve(data);
  const socket = resolve(address ?? join(folder, SOCKET));
  if (Buffer.byteLength(socket) > MAX_PATH_BYTES) {
    throw usageProblem(`the path of a socket may have ${MAX_PATH_BYTES} bytes, ${socket} has ${Buffer.byteLength(socket)}`, '-a names another one, such as -a /tmp/agent.sock');
  }
  const models = packages.map(modelAtStart);
  const release = await unpackedRelease(note);
  const config = given === undefined ? ownConfig(folder, models) : resolve(given);
  note(`configuration ${config}, socket ${socket}`);
  note(`to ask it: npx cdk-sagemaker-edge client -a ${socket} ListModels`);
  process.exitCode = await runInPlace(join(release, 'agent.js'), ['-a', socket, '-c', config]);
}

/** The configuration in the data folder: as it was left, unless models are given. */
function ownConfig(folder: string, models: readonly ModelAtStart[]): string {
  const file = join(folder, 'config.json');
  if (models.length > 0 || !existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeOfflineConfig(file, folder, models);
  }
  return file;
}

async function install(packages: readonly string[], { folder: given, user }: InstallOptions): Promise<void> {
  const root = resolve(given);
  if (existsSync(root)) {
    throw usageProblem(`--folder must be new, got ${root}`);
  }
  const models = packages.map(modelAtStart);
  const release = await unpackedRelease(note);
  const data = join(root, 'data');
  const generation = join(root, INSTANCE);
  mkdirSync(generation, { recursive: true });
  mkdirSync(join(root, 'run'));
  cpSync(release, join(generation, 'agent'), { recursive: true });
  const copies = models.map(({ name, path }) => ({ name, path: join(root, 'models', name), from: path }));
  for (const { from, path } of copies) {
    cpSync(from, path, { recursive: true });
  }
  writeOfflineConfig(join(generation, 'config.json'), data, copies.map(({ name, path }) => ({ name, path })));
  const unit = join(root, `${AGENT_UNIT}.service`);
  writeFileSync(unit, agentUnit({ paths: { generations: root, data, run: join(root, 'run') }, node: process.execPath, user }));
  printInstalled(root, unit, user);
}

function printInstalled(root: string, unit: string, user: string): void {
  console.log(`the agent is in ${root}. To run it by systemd, as ${user}:`);
  console.log(`  chown -R ${user} ${join(root, 'data')} ${join(root, 'run')}`);
  console.log(`  cp ${unit} /etc/systemd/system/ && systemctl daemon-reload && systemctl enable --now ${AGENT_UNIT}${INSTANCE}`);
  console.log(`  npx cdk-sagemaker-edge client -a ${join(root, 'run', `${INSTANCE}.sock`)} ListModels`);
  for (const path of [root, process.execPath].filter((candidate) => /^\/(home|root)\//.test(candidate))) {
    console.log(`note: the unit sees no home folders, but ${path} is in one: put it elsewhere, such as /opt`);
  }
}

function note(line: string): void {
  console.error(`cdk-sagemaker-edge: ${line}`);
}
