import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalFolder } from './folder';
import { launcherRuns, living, readState, stopRecorded } from './state';

/** It has children to stop, one after the other, on a machine that may be busy. */
const LAUNCHER_MS = 180_000;

/**
 * `npm run local:down`. The account lives in the emulator's memory: nothing of it is left when that has ended. What was asked and
 * logged stays, unless `all` is to go.
 */
export async function down(folder: LocalFolder, all = false): Promise<number> {
  const state = readState(folder);
  if (!state) {
    console.log('local cloud: none is up');
    removeAll(folder, all);
    return 0;
  }
  if (launcherRuns(state) && state.launcher) {
    process.kill(state.launcher.pid, 'SIGTERM'); // it cleans up after itself
    const until = Date.now() + LAUNCHER_MS;
    while (launcherRuns(state) && Date.now() < until) {
      await sleep(100);
    }
  }
  const stopped = living(state).map(({ name }) => name);
  await stopRecorded(folder, state);
  const kept = all ? '' : `; kept: ${folder.requests}, ${folder.logs}`;
  console.log(`local cloud: stopped${stopped.length > 0 ? ` (${stopped.join(', ')})` : ''}${kept}`);
  removeAll(folder, all);
  return 0;
}

function removeAll({ root }: LocalFolder, all: boolean): void {
  if (all) {
    fs.rmSync(root, { recursive: true, force: true });
  }
}
