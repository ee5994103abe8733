import { Clients } from '../local/cloud/clients';
import { isUp } from '../local/cloud/running';
import { readState } from '../local/cloud/state';
import { COMMANDS, folderHere } from './local-folder';
import { CliProblem } from './problem';

/** Clients of the local cloud of this folder. Throws where none is up. */
export function localClients(): Clients {
  const state = readState(folderHere());
  if (!state?.endpoints || !isUp(state)) {
    throw new CliProblem('no local cloud is up here', [`to start one: ${COMMANDS.up}`]);
  }
  return new Clients(state.endpoints);
}
