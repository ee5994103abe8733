import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalFolder } from './folder';
import { launcherRuns, living, readState, stopRecorded } from './state';

/** It has children to stop, one after the other, on a machine that may be busy. */
const LAUNCHER_MS = 180_000;

/** `npm run local:down`. The account lives in the emulator's memory: nothing of it is left when that has ended. */
export async function down(folder: LocalFolder): Promise<number> {
  const state = readState(folder);
  if (!state) {
    console.log('local cloud: none is up');
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
  console.log(`local cloud: stopped${stopped.length > 0 ? ` (${stopped.join(', ')})` : ''}; kept: ${folder.requests}, ${folder.logs}`);
  return 0;
}
