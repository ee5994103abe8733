import type { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ValidationError } from '../../private/validation';

/** A duration as a whole number of seconds or milliseconds from `min` to `max`; a token is taken as it is. */
export function wholeNumberOf(
  scope: Construct, what: string, duration: Duration, unit: 'seconds' | 'milliseconds', min: number, max: number,
): number {
  const value = unit === 'seconds' ? duration.toSeconds({ integral: false }) : duration.toMilliseconds({ integral: false });
  if (!duration.isUnresolved() && (!Number.isInteger(value) || value < min || value > max)) {
    throw new ValidationError(scope, `${what} must be a whole number of ${unit} from ${min} to ${max}, got ${duration.toString()}`);
  }
  return value;
}
