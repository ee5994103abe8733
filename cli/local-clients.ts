import { Clients } from '../local/cloud/clients';
import { runningState } from '../local/cloud/running';
import { folderHere } from './local-folder';

/** Clients of the local cloud of this folder. Throws where none is up. */
export function localClients(): Clients {
  return new Clients(runningState(folderHere()).endpoints);
}
