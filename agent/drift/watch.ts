import { countsOf } from '../../lib/model/private/drift-baseline';
import { driftedFeatures } from '../../lib/model/private/drift-statistics';
import { DriftCounts, type CountedBaseline, type CountedFeatures } from './counts';

interface Window {
  readonly counts: DriftCounts;
  /** Features that were beyond their threshold in the window before. */
  readonly before: readonly string[] | undefined;
  /** Features that were so in the last two windows. Undefined until there is a verdict. */
  readonly drifted: readonly string[] | undefined;
}

/**
 * Judges for a device whether what its models are asked for is still what their baselines are of.
 *
 * A window ends with the first report after its hundredth prediction. One window says nothing: a feature has drifted where two windows in a
 * row are beyond its threshold.
 */
export class DriftWatch {
  private readonly windows = new Map<string, Window>();

  public predicted(baseline: CountedBaseline, features: CountedFeatures): void {
    let window = this.windows.get(baseline.id);
    if (window === undefined) {
      window = { counts: new DriftCounts(baseline), before: undefined, drifted: undefined };
      this.windows.set(baseline.id, window);
    }
    window.counts.predicted(features);
  }

  /** Ends the windows that have enough predictions. */
  public judge(): void {
    for (const [id, { counts, before }] of this.windows) {
      const beyond = driftedFeatures(countsOf(counts.baseline), counts.list().counts);
      if (beyond !== undefined) {
        const drifted = beyond.filter((name) => before?.includes(name) === true);
        this.windows.set(id, { counts: new DriftCounts(counts.baseline), before: beyond, drifted });
      }
    }
  }

  /** Undefined: there is no verdict yet. */
  public drifted({ id }: Pick<CountedBaseline, 'id'>): readonly string[] | undefined {
    return this.windows.get(id)?.drifted;
  }
}
