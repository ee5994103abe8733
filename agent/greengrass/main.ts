import { messageOf } from '../error-text';
import { updateState, type ReportedState } from './nucleus-ipc';

/** The nucleus answers within milliseconds. The start of the component has 30 seconds for all that is not the models. */
const TIMEOUT_MS = 10_000;
const STATES: readonly ReportedState[] = ['RUNNING', 'ERRORED'];
const SOCKET = 'AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT';
const TOKEN = 'SVCUID';

async function main(): Promise<void> {
  const state = STATES.find((candidate) => candidate === process.argv[2]);
  if (state === undefined || process.argv.length !== 3) {
    throw new Error(`usage: node update-state.js ${STATES.join('|')}`);
  }
  await updateState(state, { socketPath: given(SOCKET), authToken: given(TOKEN), timeoutMs: TIMEOUT_MS });
}

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set, which a nucleus gives to the scripts of a component`);
  }
  return value;
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
