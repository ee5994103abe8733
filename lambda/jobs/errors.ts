import { isAccessDenied, isRoleNotReady, isTransient, RetryLater, serviceError } from '../shared/errors';
import { MAX_REASON } from '../shared/handle';
import { RIGHTS_MARGIN } from '../shared/rights';
import { ROLE_MARGIN, START_MARGIN } from './polling';

/** The work did not succeed, and trying again will not help. */
export class JobError extends Error {
  public constructor(message: string, options?: ErrorOptions) {
    super(message.slice(0, MAX_REASON), options);
    this.name = 'JobError';
  }
}

/** The name is taken. The packaging API models no such error, so its text decides there. */
export function isInUse(error: unknown): boolean {
  const { name, message } = serviceError(error);
  return name === 'ResourceInUse' || name === 'ConflictException'
    || (name === 'ValidationException' && /already exists|already in use|must be unique/i.test(message));
}

/** May the start be tried again, `elapsed` milliseconds after the event came? */
export function isWorthAnotherStart(error: unknown, elapsed: number): boolean {
  if (error instanceof RetryLater || isTransient(error) || isInUse(error) || serviceError(error).name === 'ResourceLimitExceeded') {
    return elapsed < START_MARGIN;
  }
  if (isRoleNotReady(error)) {
    return elapsed < ROLE_MARGIN;
  }
  return isAccessDenied(error) && elapsed < RIGHTS_MARGIN;
}
