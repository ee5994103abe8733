import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for work, but not beyond a time. */
export async function within(end: number, work: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  await Promise.race([work, sleep(Math.max(0, end - Date.now()), undefined, { signal: limit.signal }).catch(() => undefined)]);
  limit.abort();
}
