import { Token } from 'aws-cdk-lib';
import { validateInteger, ValidationError } from '../../private/validation';
import type { AutomaticCapture } from '../automatic-capture';

const MOST_A_DAY = 10_000;

/** Something must make a capture: without health no device knows of drift. */
export function validateAutomaticCapture(capture: AutomaticCapture | undefined, hasHealth: boolean): void {
  if (capture === undefined) {
    return;
  }
  const { dailyBudget, confidenceBelow, sampleShare } = capture;
  validateInteger(undefined, 'automaticCapture.dailyBudget', dailyBudget, 1, MOST_A_DAY);
  validateShare('automaticCapture.confidenceBelow', confidenceBelow);
  validateShare('automaticCapture.sampleShare', sampleShare);
  if (!hasHealth && confidenceBelow === undefined && sampleShare === undefined) {
    throw new ValidationError(undefined, 'automaticCapture must have a reason to capture, got neither health, which knows of drift, nor confidenceBelow nor sampleShare');
  }
}

function validateShare(what: string, share: number | undefined): void {
  if (share !== undefined && !Token.isUnresolved(share) && !(share > 0 && share <= 1)) {
    throw new ValidationError(undefined, `${what} must be above 0 and at most 1, got ${share}`);
  }
}
