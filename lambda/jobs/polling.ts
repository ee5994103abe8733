import { LIMITS, PHASE_MS } from './limits';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The last moment for a message of the job's own. Ticks are 5 s and a call apart, so 3 minutes are plenty. */
export const GIVE_UP = LIMITS.total - 3 * MINUTE;
/** A job may wait this long for its start: throttled calls, a role that IAM does not show yet, a queue. */
export const START_MARGIN = 8 * MINUTE;
/** IAM shows a new role to SageMaker within this time, or it never will. */
export const ROLE_MARGIN = 2 * MINUTE;
/** No onEvent can still be on its way to a start call after this. */
export const SETTLE_INVENTED = PHASE_MS;
/** A rollback looks twice for what the superseded update may have started. */
export const SETTLE_ROLLBACK = 4 * SECOND;

/** The service's clock may be behind ours, or count whole seconds. */
export const CLOCK_SKEW = 2 * SECOND;

/** In the first minute every tick looks, so that a short job's resource completes within 5 s of it. */
const EVERY_TICK_UNTIL = 65 * SECOND;
/** Nothing can have changed on the tick that follows a start at once. */
const FRESH = 2 * SECOND;
/** Later looks, in seconds. With the first minute's they are no more than a 30-second poll makes on a 10-minute job. */
const LATER = [90, 130, 185, 260, 360, 480, 610].map((seconds) => seconds * SECOND);
const AT_LAST_EVERY = 2 * MINUTE;
/** Ticks are 5 s and a call apart: one of them falls into a window this wide, two hardly ever. */
const WINDOW = 5.5 * SECOND;

/** Is the service asked on this tick? Nothing is remembered between ticks, so time alone decides. */
export function isDue(elapsed: number, fresh = false): boolean {
  if (elapsed < EVERY_TICK_UNTIL) {
    return !fresh || elapsed >= FRESH;
  }
  const last = LATER.findLast((instant) => instant <= elapsed);
  if (last === undefined) {
    return false;
  }
  const since = elapsed - last;
  return (last === LATER.at(-1) ? since % AT_LAST_EVERY : since) < WINDOW;
}

/** A job that runs longer than this is stopped. */
export function deadline(maxRuntimeSeconds: number): number {
  return Math.min(maxRuntimeSeconds * SECOND + START_MARGIN, GIVE_UP - 4 * MINUTE);
}
