import { isAccessDenied } from './errors';
import type { IsCompleteResult } from './events';

/** A handler's policy may be seconds old when it starts. More would only delay the message about a right that is missing. */
export const RIGHTS_MARGIN = 10_000;

/** Leaves a poll that IAM refuses to the next one, `elapsed` milliseconds after the event came: a right that CloudFormation has just granted is not seen everywhere yet. */
export async function whileRightsSpread(elapsed: number, poll: () => Promise<IsCompleteResult>): Promise<IsCompleteResult> {
  try {
    return await poll();
  } catch (error) {
    if (!isAccessDenied(error) || elapsed >= RIGHTS_MARGIN) { throw error; }
    return { IsComplete: false };
  }
}
