import { DriftCounts, type CountedBaseline, type CountedFeatures } from '../drift/counts';
import { isRecord } from '../config/reader';
import { LATENCY_BOUNDS, LATENCY_BUCKETS, type DriftHealth, type ModelHealth } from '../../lib/agent/private/health-report';

/** A version of a model as its package names it. */
export interface CountedModel {
  readonly modelName: string;
  readonly modelVersion: string;
  /** Where its predictions are compared with one. */
  readonly baseline?: CountedBaseline;
}

interface Counts {
  predictions: number;
  readonly errors: Map<string, number>;
  readonly latency: number[];
  drift: DriftCounts | undefined;
  /** Of an earlier run, until the model is loaded again. */
  earlierDrift: DriftHealth | undefined;
}

/** What the models of a device did since some time. Constant work and memory for each prediction. */
export class HealthCounts {
  private readonly models = new Map<string, Counts & { readonly model: CountedModel }>();

  /** @param features none where nobody looks at them */
  public predicted(model: CountedModel, milliseconds: number, features?: CountedFeatures): void {
    const counts = this.of(model);
    counts.predictions += 1;
    const found = LATENCY_BOUNDS.findIndex((bound) => milliseconds <= bound);
    const bucket = found < 0 ? LATENCY_BOUNDS.length : found;
    counts.latency[bucket] = (counts.latency[bucket] ?? 0) + 1;
    if (features !== undefined) {
      counts.drift?.predicted(features);
    }
  }

  public failed(model: CountedModel, code: string): void {
    const { errors } = this.of(model);
    errors.set(code, (errors.get(code) ?? 0) + 1);
  }

  /** A model that is loaded is told of, also where it did nothing. */
  public loaded(model: CountedModel): void {
    this.of(model);
  }

  public add(models: readonly ModelHealth[]): void {
    for (const { name, version, predictions, errors, latency, drift } of models) {
      const counts = this.of({ modelName: name, modelVersion: version });
      counts.predictions += predictions;
      latency.forEach((count, bucket) => {
        counts.latency[bucket] = (counts.latency[bucket] ?? 0) + count;
      });
      for (const [code, count] of Object.entries(errors)) {
        counts.errors.set(code, (counts.errors.get(code) ?? 0) + count);
      }
      if (drift !== undefined && counts.drift === undefined) {
        counts.earlierDrift = drift;
      } else if (drift !== undefined) {
        counts.drift?.add(drift);
      }
    }
  }

  /** All counts, by name and version. */
  public list(): ModelHealth[] {
    const all = [...this.models.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    return all.map(([, { model, predictions, errors, latency, drift, earlierDrift }]) => {
      const counted = drift?.list() ?? earlierDrift;
      return {
        name: model.modelName, version: model.modelVersion, predictions, errors: Object.fromEntries(errors), latency: [...latency],
        ...counted === undefined ? {} : { drift: counted },
      };
    });
  }

  private of(model: CountedModel): Counts {
    const key = JSON.stringify([model.modelName, model.modelVersion]);
    let counts = this.models.get(key);
    if (counts === undefined) {
      const latency = Array.from({ length: LATENCY_BUCKETS }, () => 0);
      counts = { model, predictions: 0, errors: new Map(), latency, drift: undefined, earlierDrift: undefined };
      this.models.set(key, counts);
    }
    countDrift(counts, model.baseline);
    return counts;
  }
}

/** From the first time that the baseline is known. */
function countDrift(counts: Counts, baseline: CountedBaseline | undefined): void {
  if (baseline === undefined || counts.drift?.baseline.id === baseline.id) {
    return;
  }
  counts.drift = new DriftCounts(baseline);
  if (counts.earlierDrift !== undefined) {
    counts.drift.add(counts.earlierDrift);
    counts.earlierDrift = undefined;
  }
}

/** Whether something from the disk is the counts of a model. */
export function isModelHealth(value: unknown): value is ModelHealth {
  return isRecord(value)
    && typeof value.name === 'string'
    && typeof value.version === 'string'
    && isCount(value.predictions)
    && isRecord(value.errors)
    && Object.values(value.errors).every(isCount)
    && Array.isArray(value.latency)
    && value.latency.length === LATENCY_BUCKETS
    && value.latency.every(isCount)
    && (value.drift === undefined || isDriftHealth(value.drift));
}

function isDriftHealth(value: unknown): value is DriftHealth {
  return isRecord(value)
    && typeof value.baseline === 'string'
    && isRecord(value.counts)
    && Object.values(value.counts).every((counts) => Array.isArray(counts) && counts.every(isCount));
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
