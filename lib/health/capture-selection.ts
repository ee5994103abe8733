import { Token } from 'aws-cdk-lib';
import { ValidationError } from '../private/validation';
import type { LabelSelection } from './private/labels-contract';

/** Why an agent has captured a prediction by itself. */
export enum CaptureReason {
  /** The model had drifted on that device. */
  DRIFTED = 'drifted',
  /** The model was not sure. */
  UNSURE = 'unsure',
  /** None but chance: for comparison. */
  SAMPLED = 'sampled',
}

/** Which captures become labels. */
export class CaptureSelection {
  /**
   * Those that agents made by themselves. What a client of the agent has captured is left out.
   *
   * @param reasons for one of these reasons. By default for any
   */
  public static withReason(...reasons: CaptureReason[]): CaptureSelection {
    return new CaptureSelection({ reasons: [...new Set(reasons)].sort(), share: 0 });
  }

  /** All captures. */
  public static all(): CaptureSelection {
    return new CaptureSelection({ share: 1 });
  }

  /**
   * A share of all captures, by chance.
   *
   * @param percent above 0, and up to 100
   */
  public static sample(percent: number): CaptureSelection {
    return new CaptureSelection({ share: shareOf(percent) });
  }

  private constructor(
    /** For the function.
     * @internal */
    public readonly _selection: LabelSelection,
  ) {}

  /**
   * The same captures, and beside them a share of all, by chance.
   *
   * @param percent above 0, and up to 100
   */
  public orSample(percent: number): CaptureSelection {
    return new CaptureSelection({ ...this._selection, share: Math.max(this._selection.share, shareOf(percent)) });
  }
}

function shareOf(percent: number): number {
  if (Token.isUnresolved(percent)) {
    throw new ValidationError(undefined, 'percent of a CaptureSelection must be known at synth, got a token');
  }
  if (!(percent > 0 && percent <= 100)) {
    throw new ValidationError(undefined, `percent of a CaptureSelection must be above 0 and at most 100, got ${percent}`);
  }
  return percent / 100;
}
