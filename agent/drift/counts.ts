import { binOf, type Baseline } from '../../lib/model/private/drift-baseline';
import type { DriftHealth } from '../../lib/agent/private/health-report';

/** A baseline that predictions are counted for. */
export interface CountedBaseline extends Pick<Baseline, 'features'> {
  readonly id: string;
}

/** Numbers of a prediction. What is no number is `null` between processes. */
export type CountedFeatures = Readonly<Record<string, number | null>>;

/** Predictions in the bins of a baseline. */
export class DriftCounts {
  private readonly counts: ReadonlyMap<string, number[]>;

  public constructor(public readonly baseline: CountedBaseline) {
    this.counts = new Map(Object.entries(baseline.features).map(([name, { counts }]) => [name, counts.map(() => 0)]));
  }

  public predicted(features: CountedFeatures): void {
    for (const [name, feature] of Object.entries(this.baseline.features)) {
      this.increase(name, binOf(feature, features[name]), 1);
    }
  }

  /** Those of another run, or of a report that was not taken. Counts in the bins of another baseline are dropped. */
  public add({ baseline, counts }: DriftHealth): void {
    if (baseline !== this.baseline.id) {
      return;
    }
    for (const [name, ofFeature] of Object.entries(counts)) {
      ofFeature.forEach((count, bin) => {
        this.increase(name, bin, count);
      });
    }
  }

  public list(): DriftHealth {
    return { baseline: this.baseline.id, counts: Object.fromEntries([...this.counts].map(([name, counts]) => [name, [...counts]])) };
  }

  private increase(name: string, bin: number, count: number): void {
    const counts = this.counts.get(name);
    const before = counts?.[bin];
    if (counts !== undefined && before !== undefined) {
      counts[bin] = before + count;
    }
  }
}
