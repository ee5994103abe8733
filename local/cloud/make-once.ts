import * as fs from 'node:fs';
import * as path from 'node:path';
import { lock } from 'proper-lockfile';
import { LocalProblem } from './problem';

/** Who holds a lock says so as often, and is gone where nothing was said for as long. */
const UPDATE_MS = 3000;
const STALE_MS = 20_000;
const RETRY_MS = 250;
/** Longer than any work takes. */
const PATIENCE_MS = 3_600_000;

/**
 * Makes what the processes of a checkout share, unless it is there. One process makes it, and the others wait.
 *
 * @param file what is made
 * @throws LocalProblem where another process has taken over, since this one was asleep
 */
export async function makeOnce(file: string, isMade: () => boolean | Promise<boolean>, make: () => Promise<void>): Promise<void> {
  if (await isMade()) {
    return;
  }
  await exclusively(file, async () => {
    if (!await isMade()) { // another process may have made it meanwhile
      await make();
    }
  });
}

async function exclusively(file: string, work: () => Promise<void>): Promise<void> {
  let lost: Error | undefined;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const release = await lock(file, {
    realpath: false, stale: STALE_MS, update: UPDATE_MS,
    retries: { retries: PATIENCE_MS / RETRY_MS, factor: 1, minTimeout: RETRY_MS, maxTimeout: RETRY_MS },
    onCompromised: (error) => {
      lost = error;
    },
  });
  try {
    await work();
  } finally {
    if (lost === undefined) {
      await release();
    }
  }
  if (lost !== undefined) {
    throw new LocalProblem(`another process has made ${file} meanwhile: ${lost.message}`, ['run the command again']);
  }
}
