import type { LoadPoint } from './points';

/** Where more users stop to bring more TPS. Of one instance. */
export type Knee =
  | {
    readonly kind: 'found';
    readonly step: number;
    readonly users: number;
    readonly tps: number;
    /** The requests of more users wait. Otherwise they are turned away, or never sent. */
    readonly latencyGrows: boolean;
  }
  /** TPS does not grow from the first step on: the knee is at its users or below. */
  | { readonly kind: 'before-first-step'; readonly step: number; readonly users: number; readonly tps: number; readonly latencyGrows: boolean }
  | { readonly kind: 'none'; readonly reason: string };

/** Kneedle's S. The paper's authors find 1 right for data that is at hand as a whole. */
const SENSITIVITY = 1;
/** A curve of fewer points has no bend to find. */
export const MIN_POINTS = 3;
/** TPS that varies by less than this share is the same TPS. */
const FLAT = 0.1;
/** Latency that differs by less than this share is the same latency. */
const GROWN = 1.1;

/**
 * The knee of TPS over users by Kneedle: V. Satopää, J. Albrecht, D. Irwin, B. Raghavan, "Finding a 'Kneedle' in a Haystack:
 * Detecting Knee Points in System Behavior", ICDCS Workshops 2011, doi 10.1109/ICDCSW.2011.20. Its smoothing is left out: a step's
 * figures are averages already.
 */
export function findKnee(points: readonly LoadPoint[]): Knee {
  const curve = meanOfEqualUsers(points);
  const [first] = curve;
  const last = curve.at(-1);
  if (first === undefined || last === undefined || curve.length < MIN_POINTS) {
    return { kind: 'none', reason: `${curve.length} number(s) of users measured, a knee needs ${MIN_POINTS}` };
  }
  const highest = Math.max(...curve.map(({ tps }) => tps));
  const lowest = Math.min(...curve.map(({ tps }) => tps));
  if (highest - lowest <= FLAT * highest) {
    const { step, users } = first;
    return { kind: 'before-first-step', step, users, tps: highest, latencyGrows: last.p50Ms > first.p50Ms * GROWN };
  }
  const index = kneedle(curve.map(({ users, tps }) => ({ x: users, y: tps })));
  const knee = index === undefined ? undefined : curve[index];
  if (knee === undefined) {
    return { kind: 'none', reason: 'TPS still grows with users' };
  }
  const { step, users, tps, p50Ms } = knee;
  return { kind: 'found', step, users, tps, latencyGrows: last.p50Ms > p50Ms * GROWN };
}

/** The index of the first knee of a concave, rising curve, by Kneedle. Undefined: it has none. */
export function kneedle(curve: readonly { readonly x: number; readonly y: number }[], sensitivity = SENSITIVITY): number | undefined {
  const xs = normalized(curve.map(({ x }) => x));
  const ys = normalized(curve.map(({ y }) => y));
  const difference = xs.map((x, index) => (ys[index] ?? 0) - x);
  const meanStep = 1 / (curve.length - 1); // the x are normalized to 0…1
  const isPeak = (index: number): boolean => (
    index > 0 && index < difference.length - 1
    && (difference[index] ?? 0) > (difference[index - 1] ?? 0) && (difference[index] ?? 0) >= (difference[index + 1] ?? 0)
  );
  const found = difference.findIndex((value, index) => {
    if (!isPeak(index)) {
      return false;
    }
    const rest = difference.slice(index + 1);
    const higher = rest.findIndex((other) => other > value);
    return rest.slice(0, higher === -1 ? undefined : higher).some((other) => other < value - sensitivity * meanStep);
  });
  return found === -1 ? undefined : found;
}

function normalized(values: readonly number[]): number[] {
  const min = Math.min(...values);
  const range = Math.max(...values) - min;
  return values.map((value) => range === 0 ? 0 : (value - min) / range);
}

/** Steps with the same users of an instance as one point. */
function meanOfEqualUsers(points: readonly LoadPoint[]): Pick<LoadPoint, 'step' | 'users' | 'tps' | 'p50Ms'>[] {
  return [...new Set(points.map(({ users }) => users))].map((users) => {
    const same = points.filter((point) => point.users === users);
    return {
      step: same[0]?.step ?? 0,
      users,
      tps: mean(same.map(({ tps }) => tps)),
      p50Ms: mean(same.map(({ p50Ms }) => p50Ms)),
    };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
