import { binOf, countsOf } from '../../lib/model/private/drift-baseline';
import { driftedFeatures, fullerBins } from '../../lib/model/private/drift-statistics';
import { DriftCounts, type CountedBaseline, type CountedFeatures } from './counts';

interface Window {
  readonly counts: DriftCounts;
  /** Features that were beyond their threshold in the window before. */
  readonly before: readonly string[] | undefined;
  /** Features that were so in the last two windows. Undefined until there is a verdict. */
  readonly drifted: readonly string[] | undefined;
  /** The bins of the drifted features that held more in the last window than in the baseline. */
  readonly fuller: ReadonlyMap<string, ReadonlySet<number>>;
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
      window = { counts: new DriftCounts(baseline), before: undefined, drifted: undefined, fuller: new Map() };
      this.windows.set(baseline.id, window);
    }
    window.counts.predicted(features);
  }

  /** Ends the windows that have enough predictions. */
  public judge(): void {
    for (const [id, { counts, before }] of this.windows) {
      const expected = countsOf(counts.baseline);
      const got = counts.list().counts;
      const beyond = driftedFeatures(expected, got);
      if (beyond !== undefined) {
        const drifted = beyond.filter((name) => before?.includes(name) === true);
        const fuller = new Map(drifted.map((name) => [name, fullerBins(expected[name] ?? [], got[name] ?? [])]));
        this.windows.set(id, { counts: new DriftCounts(counts.baseline), before: beyond, drifted, fuller });
      }
    }
  }

  /** Undefined: there is no verdict yet. */
  public drifted({ id }: Pick<CountedBaseline, 'id'>): readonly string[] | undefined {
    return this.windows.get(id)?.drifted;
  }

  /** Whether a prediction is one of those that make the drift: since the last verdict, there are more like it than in the baseline. */
  public isDrifted({ id, features: known }: CountedBaseline, features: CountedFeatures): boolean {
    const fuller = this.windows.get(id)?.fuller ?? [];
    return [...fuller].some(([name, bins]) => {
      const feature = known[name];
      return feature !== undefined && bins.has(binOf(feature, features[name]));
    });
  }
}
