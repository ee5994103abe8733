import { isAccessDenied } from './errors';

/** A handler's policy may be seconds old when it starts. More would only delay the message about a right that is missing. */
export const RIGHTS_MARGIN = 10_000;

/** Whether IAM may refuse a call because it does not show yet, everywhere, what CloudFormation has just granted. */
export function areRightsSpreading(error: unknown, elapsed: number): boolean {
  return isAccessDenied(error) && elapsed < RIGHTS_MARGIN;
}
