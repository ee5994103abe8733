import {
  BASELINE_MIN_SAMPLES, BASELINE_MIN_VALUES, BASELINE_VERSION, binOf, type Baseline, type FeatureBaseline,
} from '../../lib/model/private/drift-baseline';
import { BASELINE_BINS } from '../../lib/model/private/drift-statistics';
import { COUNTED_FEATURES, type Features } from './features';

/** Of a value that never changed: another machine rounds otherwise. */
const TOLERANCE = 1e-6;

/**
 * The baseline of the features of samples. A feature that never changed has three bins: below it, it, and above it.
 *
 * Throws where the samples are too few, or too much alike.
 */
export function makeBaseline(samples: readonly Features[], modelSha256: string): Baseline {
  if (samples.length < BASELINE_MIN_SAMPLES) {
    throw new Error(`a baseline needs at least ${BASELINE_MIN_SAMPLES} samples, got ${samples.length}`);
  }
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  if (names.length === 0) {
    throw new Error('the model has no input and no output that a baseline can be made of');
  }
  const features = names.map((name): [string, FeatureBaseline] => [name, baselineOf(name, samples.map((sample) => sample[name] ?? NaN))]);
  return { v: BASELINE_VERSION, modelSha256, samples: samples.length, features: Object.fromEntries(features) };
}

function baselineOf(name: string, values: readonly number[]): FeatureBaseline {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  const different = new Set(sorted).size;
  const [only] = sorted;
  if (only === undefined) {
    throw new Error(`${name} is no number in any sample`);
  }
  if (different > 1 && different < BASELINE_MIN_VALUES && !COUNTED_FEATURES.includes(name)) {
    throw new Error(`${name} must have at least ${BASELINE_MIN_VALUES} different values in the samples, or one, got ${different}: give samples that differ`);
  }
  const edges = different === 1 ? around(only) : quantiles(sorted);
  const empty: FeatureBaseline = { edges, counts: Array.from({ length: edges.length + 2 }, () => 0) };
  const counts = [...empty.counts];
  for (const value of values) {
    const bin = binOf(empty, value);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges, counts };
}

function around(value: number): number[] {
  const tolerance = Math.max(Math.abs(value), TOLERANCE) * TOLERANCE;
  return [value - tolerance, value + tolerance];
}

/** Deciles. A value that is there for more than a tenth of the samples is one edge. */
function quantiles(sorted: readonly number[]): number[] {
  const tenth = sorted.length / BASELINE_BINS;
  const deciles = Array.from({ length: BASELINE_BINS - 1 }, (_, index) => sorted[Math.floor((index + 1) * tenth)] ?? 0);
  return [...new Set(deciles)];
}
