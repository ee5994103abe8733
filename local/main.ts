import { parseArgs } from 'node:util';
import { DELIVERIES } from '../bin/sample-config';
import { down } from './down';
import { LocalFolder } from './folder';
import { LocalProblem } from './problem';
import { ConsoleProgress } from './progress';
import { up } from './up';

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
  const folder = LocalFolder.at(values.folder);
  if (command === 'down' && more.length === 0) { return down(folder); }
  if (command !== 'up' || more.length > 0) { throw new LocalProblem(`unknown command: ${[command, ...more].join(' ')}`, USAGE); }
  if (!DELIVERIES.some((delivery) => delivery === values.delivery)) {
    throw new LocalProblem(`--delivery must be one of ${DELIVERIES.join(', ')}, got '${values.delivery}'`, USAGE);
  }
  await up({ folder, progress: new ConsoleProgress(), once: values.once, delivery: values.delivery, prebuilt: values.prebuilt });
  return 0;
}

function read(args: string[]): { positionals: string[]; values: { once: boolean; delivery: string; prebuilt: boolean; folder?: string } } {
  try {
    const options = { once: { type: 'boolean', default: false }, prebuilt: { type: 'boolean', default: false }, delivery: { type: 'string', default: 'edge-manager' }, folder: { type: 'string' } } as const;
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    throw new LocalProblem(error instanceof Error ? error.message : String(error), USAGE);
  }
}

main(process.argv.slice(2)).then((code) => { process.exit(code); }, (error: unknown) => {
  if (error instanceof LocalProblem) {
    console.error(`\nlocal cloud: ${error.message}`);
    for (const line of error.advice) { console.error(`  ${line}`); }
    process.exit(error.exitCode);
  }
  console.error(error);
  process.exit(1);
});
