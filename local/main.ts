import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { DELIVERIES } from '../bin/sample-config';
import { down } from './cloud/down';
import { LocalFolder } from './cloud/folder';
import { fileProblem, LocalProblem } from './cloud/problem';
import { ConsoleProgress } from './cloud/progress';
import { launch, type Workload } from './cloud/launch';
import { findLeftovers, leftoverKinds } from './cloud/leftovers';
import { LOCAL_ENDPOINTS, LoadTestSample } from './cloud/load-test-sample';
import { Sample } from './cloud/sample';
import { errorText } from './service/errors';

const SAMPLES = ['edge', 'load-test'];
const DEFAULT_DELIVERY = 'edge-manager';
const USAGE = [
  'npm run local [-- --once] [-- --delivery edge-manager|direct|greengrass]   starts the local cloud and deploys the sample into it',
  '    --once       then destroys it, checks that nothing is left, stops everything and exits',
  '    --sample     edge (default), or load-test: examples/load-test, an endpoint whose capacity is found',
  '    --delivery   the sample\'s way from model to device; default edge-manager',
  '    --model      an .onnx file, a folder or a tar.gz of your own; with it:',
  '    --input-shapes x:1,3,48,320    its inputs, several separated by blanks',
  '    --picture    what the device gets: an image, .npy, or raw bytes; without it there is no prediction',
  '    -c key=value more context for the sample app, see bin/sample-config.ts',
  '    --prebuilt   takes assets/ as they are, without bundling handlers and agent',
  '    --folder     where it keeps its files; default .local; with another one, a second cloud can run beside the first',
  'npm run local:down                                              stops it',
];

async function main(args: string[]): Promise<number> {
  const { positionals: [command, ...more], values } = read(args);
  if (values.help) {
    console.log(USAGE.join('\n'));
    return 0;
  }
  const lost = ['once', 'sample', 'delivery', 'model', 'input-shapes', 'picture', 'prebuilt', 'folder']
    .find((option) => process.env[`npm_config_${option.replace('-', '_')}`] !== undefined);
  if (lost !== undefined) {
    throw new LocalProblem(`npm has kept --${lost} for itself: options come after a --`, USAGE);
  }
  const folder = LocalFolder.at(values.folder);
  if (command === 'down' && more.length === 0) {
    return down(folder);
  }
  if (command !== 'up' || more.length > 0) {
    throw new LocalProblem(`unknown command: ${[command, ...more].join(' ')}`, USAGE);
  }
  if (!DELIVERIES.some((delivery) => delivery === values.delivery)) {
    throw new LocalProblem(`--delivery must be one of ${DELIVERIES.join(', ')}, got '${values.delivery}'`, USAGE);
  }
  if (!SAMPLES.includes(values.sample)) {
    throw new LocalProblem(`--sample must be one of ${SAMPLES.join(', ')}, got '${values.sample}'`, USAGE);
  }
  if (values.folder !== undefined) {
    demandOwnFolder(folder);
  }
  const { once, prebuilt } = values;
  await launch({
    folder, progress: new ConsoleProgress(), workload: workload(values), prebuilt, endpoints: LOCAL_ENDPOINTS,
    ...once ? { once: { find: findLeftovers, kinds: leftoverKinds() } } : {},
  });
  return 0;
}

/** Parts of it are emptied at each start: no file of the user's must be among them. */
function demandOwnFolder({ root, requests, state }: LocalFolder): void {
  const isEmpty = !fs.existsSync(root) || (fs.statSync(root).isDirectory() && fs.readdirSync(root).length === 0);
  if (isEmpty || [requests, state].some((file) => fs.existsSync(file))) {
    return;
  }
  throw new LocalProblem(`--folder must be empty, new, or one that a local cloud has made, got ${root}`, USAGE);
}

type Values = ReturnType<typeof read>['values'];

function workload(values: Values): Workload {
  if (values.sample === 'edge') {
    return sample(values);
  }
  const others = (['model', 'picture', 'input-shapes'] as const).filter((option) => values[option] !== undefined);
  if (others.length > 0 || values.delivery !== DEFAULT_DELIVERY) {
    throw new LocalProblem('--delivery, --model, --picture and --input-shapes go with --sample edge', USAGE);
  }
  return new LoadTestSample(contextOf(values));
}

/** The sample as the options want it. Paths are the user's: the app runs elsewhere. */
function sample(values: Values): Sample {
  const { delivery, model, picture, 'input-shapes': inputShapes } = values;
  for (const file of [model, picture]) {
    if (file !== undefined && !fs.existsSync(file)) {
      throw new LocalProblem(`there is no file or folder ${path.resolve(file)}`, USAGE);
    }
  }
  if (model === undefined && (picture !== undefined || inputShapes !== undefined)) {
    throw new LocalProblem('--picture and --input-shapes go with --model', USAGE);
  }
  return new Sample({
    delivery, ownModel: model !== undefined,
    ...picture === undefined ? {} : { picture: path.resolve(picture) },
    context: {
      ...model === undefined ? {} : { model: path.resolve(model) },
      ...inputShapes === undefined ? {} : { inputShapes },
      ...contextOf(values),
    },
  });
}

function contextOf(values: Values): Record<string, string> {
  return Object.fromEntries(values.context.map(readContext));
}

function readContext(text: string): [string, string] {
  const match = /^(?<key>[^=]+)=(?<value>.*)$/s.exec(text)?.groups;
  if (match?.key === undefined || match.value === undefined) {
    throw new LocalProblem(`-c must be key=value, got '${text}'`, USAGE);
  }
  return [match.key, match.value];
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        'help': { type: 'boolean', short: 'h', default: false },
        'once': { type: 'boolean', default: false },
        'prebuilt': { type: 'boolean', default: false },
        'sample': { type: 'string', default: 'edge' },
        'delivery': { type: 'string', default: DEFAULT_DELIVERY },
        'model': { type: 'string' },
        'input-shapes': { type: 'string' },
        'picture': { type: 'string' },
        'context': { type: 'string', short: 'c', multiple: true, default: [] },
        'folder': { type: 'string' },
      },
    });
  } catch (error) {
    throw new LocalProblem(errorText(error), USAGE);
  }
}

main(process.argv.slice(2)).then((code) => {
  process.exit(code);
}, (error: unknown) => {
  const problem = error instanceof LocalProblem ? error : fileProblem(error);
  if (problem) {
    console.error(`\nlocal cloud: ${problem.message}`);
    for (const line of problem.advice) {
      console.error(`  ${line}`);
    }
    process.exit(problem.exitCode);
  }
  console.error(error);
  process.exit(1);
});
