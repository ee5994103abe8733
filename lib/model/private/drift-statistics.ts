// How far what comes is from a baseline, from counts in the same bins. This file must not import aws-cdk-lib.

/** What comes is divided at the deciles of what was there. */
export const BASELINE_BINS = 10;
export const MOST_FEATURES = 12;
export const FEATURE_NAME = /^[a-z]+\.[a-z]+$/;
export const LONGEST_FEATURE_NAME = 24;
/** The bins, those beside a value that never changed, and the one of what is no number. */
export const MOST_BINS = BASELINE_BINS + 1;

/** Fewer predictions are not judged. */
export const VERDICT_MIN_PREDICTIONS = 100;

/** How far one feature is from the baseline. */
export interface Distance {
  /** The population stability index. */
  readonly psi: number;
  /** What the index exceeds without any drift in one of some thousand windows of this size. */
  readonly threshold: number;
  /** The square root of Jensen and Shannon's divergence in bits: 0 to 1. */
  readonly js: number;
  /** Kolmogorov and Smirnov's distance at the edges of the bins: 0 to 1. */
  readonly ks: number;
}

/** The distance of all features together: the largest of each. */
export interface DriftScore {
  /** The index as a multiple of its threshold: there is drift above 1. */
  readonly severity: number;
  readonly js: number;
  readonly ks: number;
}

/** An index below this is of no interest, however sure it is. */
const TOLERATED_PSI = 0.05;
/** Of the normal distribution: 1 in 5000. A model has some features, and each is judged. */
const QUANTILE = 3.54;
/** Bins that are empty would give an infinite index. */
const SMOOTHING = 0.5;

/**
 * Compares counts in the same bins.
 *
 * The customary limit of 0.25 is exceeded without any drift in half of the windows of 30 predictions. Without drift, the index times
 * nm/(n+m) has the chi-square distribution of the bins less one: so the threshold gets lower as the windows get larger.
 */
export function distanceOf(baseline: readonly number[], counts: readonly number[]): Distance {
  const used = baseline.map((count, bin) => [count, counts[bin] ?? 0] as const).filter(([a, b]) => a + b > 0);
  const m = used.reduce((sum, [count]) => sum + count, 0);
  const n = used.reduce((sum, [, count]) => sum + count, 0);
  if (m === 0 || n === 0) {
    return { psi: 0, threshold: TOLERATED_PSI, js: 0, ks: 0 };
  }
  let psi = 0;
  let divergence = 0;
  let ahead = 0;
  let ks = 0;
  for (const [was, is] of used) {
    const p = (was + SMOOTHING) / (m + SMOOTHING * used.length);
    const q = (is + SMOOTHING) / (n + SMOOTHING * used.length);
    psi += (q - p) * Math.log(q / p);
    divergence += jsTerm(was / m, is / n);
    ahead += was / m - is / n;
    ks = Math.max(ks, Math.abs(ahead));
  }
  const threshold = TOLERATED_PSI + chiSquare(used.length - 1) * (1 / n + 1 / m);
  return { psi, threshold, js: Math.sqrt(Math.min(1, Math.max(0, divergence))), ks: Math.min(1, ks) };
}

/** Undefined where too few predictions were counted. */
export function scoreOf(
  baseline: Readonly<Record<string, readonly number[]>>, counts: Readonly<Record<string, readonly number[]>>,
): DriftScore | undefined {
  const distances = judged(baseline, counts).map(([, distance]) => distance);
  return distances.length === 0 ? undefined : {
    severity: Math.max(...distances.map(({ psi, threshold }) => psi / threshold)),
    js: Math.max(...distances.map(({ js }) => js)),
    ks: Math.max(...distances.map(({ ks }) => ks)),
  };
}

/** The features whose index is above its threshold. Undefined where too few predictions were counted. */
export function driftedFeatures(
  baseline: Readonly<Record<string, readonly number[]>>, counts: Readonly<Record<string, readonly number[]>>,
): string[] | undefined {
  const all = judged(baseline, counts);
  return all.length === 0 ? undefined : all.filter(([, { psi, threshold }]) => psi > threshold).map(([name]) => name);
}

/** The bins that have a larger share of the counts than of the baseline. */
export function fullerBins(baseline: readonly number[], counts: readonly number[]): ReadonlySet<number> {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const [m, n] = [sum(baseline), sum(counts)];
  return new Set([...baseline.keys()].filter((bin) => (counts[bin] ?? 0) * m > (baseline[bin] ?? 0) * n));
}

function judged(
  baseline: Readonly<Record<string, readonly number[]>>, counts: Readonly<Record<string, readonly number[]>>,
): [string, Distance][] {
  return Object.entries(baseline).flatMap(([name, expected]): [string, Distance][] => {
    const got = Object.hasOwn(counts, name) ? counts[name] ?? [] : [];
    const predictions = got.reduce((sum, count) => sum + count, 0);
    return predictions < VERDICT_MIN_PREDICTIONS || got.length !== expected.length ? [] : [[name, distanceOf(expected, got)]];
  });
}

function jsTerm(p: number, q: number): number {
  const middle = (p + q) / 2;
  const part = (share: number): number => (share > 0 ? (share * Math.log2(share / middle)) / 2 : 0);
  return part(p) + part(q);
}

/** Wilson and Hilferty's approximation of the quantile, which is within 3 % here. */
function chiSquare(degrees: number): number {
  const freedom = Math.max(1, degrees);
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + QUANTILE * Math.sqrt(spread)) ** 3;
}
