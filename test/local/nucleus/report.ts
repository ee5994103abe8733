import * as path from 'node:path';

const CLIENT = path.join(__dirname, '..', '..', '..', 'assets', 'agent', 'update-state.js');

/** A command for scripts of components that reports a state to the nucleus. */
export function report(state: 'RUNNING' | 'ERRORED'): string {
  return `${process.execPath} ${CLIENT} ${state}`;
}
