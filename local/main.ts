import { down } from './cloud/down';
import { LocalFolder } from './cloud/folder';
import { fileProblem, LocalProblem } from './cloud/problem';
import { readOptions, USAGE } from './options';

async function main(args: string[]): Promise<number> {
  const { positionals: [command, ...more], values } = readOptions(args);
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
  const { up } = await import('./up.js'); // most of what it needs is nothing to the other commands
  await up(folder, values);
  return 0;
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
