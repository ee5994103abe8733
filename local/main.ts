import * as fs from 'node:fs';
import { parseArgs } from 'node:util';
import { DELIVERIES } from '../bin/sample-config';
import { down } from './cloud/down';
import { LocalFolder } from './cloud/folder';
import { fileProblem, LocalProblem } from './cloud/problem';
import { ConsoleProgress } from './cloud/progress';
import { up } from './cloud/up';
import { errorText } from './service/errors';

const USAGE = [
  'npm run local [-- --once] [-- --delivery edge-manager|direct|greengrass]   starts the local cloud and deploys the sample into it',
  '    --once       then destroys it, checks that nothing is left, stops everything and exits',
  '    --delivery   the sample\'s way from model to device; default edge-manager',
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
  const lost = ['once', 'delivery', 'prebuilt', 'folder'].find((option) => process.env[`npm_config_${option}`] !== undefined);
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
  if (values.folder !== undefined) {
    demandOwnFolder(folder);
  }
  await up({ folder, progress: new ConsoleProgress(), once: values.once, delivery: values.delivery, prebuilt: values.prebuilt });
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

function read(args: string[]): {
  positionals: string[];
  values: { help: boolean; once: boolean; delivery: string; prebuilt: boolean; folder?: string };
} {
  try {
    const options = {
      help: { type: 'boolean', short: 'h', default: false },
      once: { type: 'boolean', default: false },
      prebuilt: { type: 'boolean', default: false },
      delivery: { type: 'string', default: 'edge-manager' },
      folder: { type: 'string' },
    } as const;
    return parseArgs({ args, allowPositionals: true, options });
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
