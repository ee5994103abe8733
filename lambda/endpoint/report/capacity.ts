import { findKnee, type Knee } from './knee';
import type { LoadPoint } from './points';
import type { Limits } from './run';

/** The article's advice: run an instance at 60–70 % of its CPU. */
export const HEADROOM = { low: 0.6, high: 0.7 } as const;

/** TPS of one instance at a share of its CPU (or GPU). */
export interface TpsAtShare {
  readonly share: number;
  readonly tps: number;
  /**
   * - `interpolated`: on the line between two steps
   * - `proportional`: every step was above the share; from the lowest one down, as if an idle instance used nothing
   */
  readonly method: 'interpolated' | 'proportional';
  readonly resource: 'cpu' | 'gpu';
  /** The step below (for `proportional`: the lowest) and the step above. */
  readonly steps: readonly number[];
}

/** What one instance (or the device) bears. */
export interface Capacity {
  readonly knee: Knee;
  /** The highest TPS of a step with errors within the limit. */
  readonly peak?: LoadPoint;
  /** The highest TPS of a step with errors and p99 within the limits. */
  readonly withinLimits?: LoadPoint;
  /** No knee was found: there may be more. */
  readonly isLowerBound: boolean;
  readonly at60?: TpsAtShare;
  readonly at70?: TpsAtShare;
}

export function capacityOf(points: readonly LoadPoint[], limits: Pick<Limits, 'errorPercent' | 'p99Ms'>): Capacity {
  const knee = findKnee(points);
  const fewErrors = points.filter((point) => point.errorPercent <= limits.errorPercent);
  return {
    knee,
    peak: highest(fewErrors),
    withinLimits: highest(fewErrors.filter(({ p99Ms }) => p99Ms <= (limits.p99Ms ?? Infinity))),
    isLowerBound: knee.kind === 'none',
    at60: tpsAtShare(points, HEADROOM.low),
    at70: tpsAtShare(points, HEADROOM.high),
  };
}

/** TPS at a share of the CPU; of the GPU where that is the fuller one. Undefined: no step had so much. */
export function tpsAtShare(points: readonly LoadPoint[], share: number): TpsAtShare | undefined {
  const resource = fullerResource(points);
  const measured = points.flatMap(({ step, tps, utilization }) => {
    const used = utilization[resource];
    return used === undefined ? [] : [{ step, tps, used }];
  });
  const [lowest] = measured;
  if (lowest === undefined) {
    return undefined;
  }
  if (lowest.used > share) {
    return { share, tps: lowest.tps * share / lowest.used, method: 'proportional', resource, steps: [lowest.step] };
  }
  const index = measured.findIndex(({ used }) => used >= share);
  const above = measured[index];
  if (above === undefined) {
    return undefined;
  }
  const below = measured[index - 1] ?? above;
  const part = above.used === below.used ? 0 : (share - below.used) / (above.used - below.used);
  const steps = below === above ? [above.step] : [below.step, above.step];
  return { share, tps: below.tps + part * (above.tps - below.tps), method: 'interpolated', resource, steps };
}

function fullerResource(points: readonly LoadPoint[]): 'cpu' | 'gpu' {
  const top = (resource: 'cpu' | 'gpu'): number => Math.max(-1, ...points.flatMap(({ utilization }) => utilization[resource] ?? []));
  return top('gpu') > top('cpu') ? 'gpu' : 'cpu';
}

function highest(points: readonly LoadPoint[]): LoadPoint | undefined {
  return points.reduce<LoadPoint | undefined>((best, point) => best === undefined || point.tps > best.tps ? point : best, undefined);
}
