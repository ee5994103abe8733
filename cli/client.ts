import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { DATA_FOLDER, SOCKET } from './agent-data';
import { runInPlace } from './child';
import { clientFile } from './release';

/** `client`: the agent's client, with its own arguments. */
export function clientCommand(): Command {
  return new Command('client')
    .description("the agent's client: load models, predict, capture; its own help comes without arguments")
    .argument('[arguments...]', `of the client; without -a <socket> it asks the agent of this folder, ${join(DATA_FOLDER, SOCKET)}`)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: readonly string[]) => {
      process.exitCode = await runInPlace(await clientFile(), withSocket(args));
    });
}

function withSocket(args: readonly string[]): readonly string[] {
  const socket = join(DATA_FOLDER, SOCKET);
  const isGiven = args.some((argument) => /^(-a|--address)/.test(argument));
  return isGiven || !existsSync(socket) ? args : ['-a', socket, ...args];
}
