import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { agentCommand } from './agent';
import { capturesCommand } from './captures/command';
import { clientCommand } from './client';
import { localCommand } from './local';
import { packCommand } from './pack';
import { asProblem, EXIT } from './problem';
import { reportCommand } from './report';

const HELP_WIDTH = 120;
const DETAILS = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted; agent and client end with the code of the program that they run.
A command's own help: cdk-sagemaker-edge local deploy --help.`;

/** Runs the command line, and sets the exit code. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function program(): Command {
  const all = new Command('cdk-sagemaker-edge')
    .description('Takes a trained model to edge devices: tools beside the constructs of the CDK library of this name.')
    .version(version(), '--version', 'print the version')
    .usage('<command> …')
    .enablePositionalOptions()
    .addHelpText('after', DETAILS);
  for (const command of [localCommand(), packCommand(), agentCommand(), clientCommand(), capturesCommand(), reportCommand()]) {
    all.addCommand(command);
  }
  return settle(all);
}

/** The same manners for each command: an error comes before the usage, and ends with the code for wrong usage. */
function settle(command: Command): Command {
  command.exitOverride().helpOption('-h, --help', 'show this help').configureHelp({ helpWidth: HELP_WIDTH });
  command.configureOutput({
    outputError: (text, write) => {
      write(text.replace(/^error: /, 'cdk-sagemaker-edge: '));
    },
  });
  command.showHelpAfterError();
  command.commands.forEach(settle);
  return command;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) { // commander has printed it
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  const problem = asProblem(error);
  if (problem === undefined) {
    console.error(error);
    return EXIT.failed;
  }
  console.error(`cdk-sagemaker-edge: ${problem.message}`);
  for (const line of problem.advice) {
    console.error(`  ${line}`);
  }
  return problem.exitCode;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
