import * as fs from 'node:fs';
import * as path from 'node:path';
import { DELIVERIES } from '../bin/sample-config';
import type { LocalFolder } from './cloud/folder';
import { launch, type Workload } from './cloud/launch';
import { findLeftovers, leftoverKinds } from './cloud/leftovers';
import { ExperimentsSample } from './cloud/experiments/sample';
import { LOCAL_ENDPOINTS, LoadTestSample } from './cloud/load-test-sample';
import { LocalProblem } from './cloud/problem';
import { ConsoleProgress } from './cloud/progress';
import { Sample } from './cloud/sample';
import { DEFAULT_DELIVERY, USAGE, type Options } from './options';

const SAMPLES = ['edge', 'load-test', 'experiments'];

/** `npm run local`. */
export async function up(folder: LocalFolder, values: Options): Promise<void> {
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
    folder, progress: new ConsoleProgress(), workload: workload(values), prebuilt, endpoints: LOCAL_ENDPOINTS, experiments: values.sample === 'experiments',
    ...once ? { once: { find: findLeftovers, kinds: leftoverKinds() } } : {},
  });
}

/** Parts of it are emptied at each start: no file of the user's must be among them. */
function demandOwnFolder({ root, requests, state }: LocalFolder): void {
  const isEmpty = !fs.existsSync(root) || (fs.statSync(root).isDirectory() && fs.readdirSync(root).length === 0);
  if (isEmpty || [requests, state].some((file) => fs.existsSync(file))) {
    return;
  }
  throw new LocalProblem(`--folder must be empty, new, or one that a local cloud has made, got ${root}`, USAGE);
}

function workload(values: Options): Workload {
  if (values.sample === 'edge') {
    return sample(values);
  }
  const others = (['model', 'picture', 'input-shapes'] as const).filter((option) => values[option] !== undefined);
  if (others.length > 0 || values.delivery !== DEFAULT_DELIVERY) {
    throw new LocalProblem('--delivery, --model, --picture and --input-shapes go with --sample edge', USAGE);
  }
  return values.sample === 'load-test' ? new LoadTestSample(contextOf(values)) : new ExperimentsSample(contextOf(values));
}

/** The sample as the options want it. Paths are the user's: the app runs elsewhere. */
function sample(values: Options): Sample {
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

function contextOf(values: Options): Record<string, string> {
  return Object.fromEntries(values.context.map(readContext));
}

function readContext(text: string): [string, string] {
  const match = /^(?<key>[^=]+)=(?<value>.*)$/s.exec(text)?.groups;
  if (match?.key === undefined || match.value === undefined) {
    throw new LocalProblem(`-c must be key=value, got '${text}'`, USAGE);
  }
  return [match.key, match.value];
}
