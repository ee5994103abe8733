import { HEADROOM, type Capacity } from './capacity';
import type { NoPrice, Price } from '../../../lib/endpoint/private/prices';
import type { Run } from './run';

/** The share of an instance's maximum that AWS recommends to begin with. */
const AWS_SAFETY_FACTOR = 0.5;
const SECONDS = 60;
const MILLION = 1_000_000;

/** What one instance is planned to serve, in TPS. */
export interface Plan {
  /**
   * - `cpu`, `gpu`: TPS at 60 and 70 % of it
   * - `peak`: 60 and 70 % of the highest TPS, since the instance is not what fills up
   */
  readonly basis: 'cpu' | 'gpu' | 'peak';
  readonly at60: number;
  readonly at70: number;
}

/** Numbers of instances. */
export interface Instances {
  readonly targetTps: number;
  /** Each at 60 %. The recommended number. */
  readonly at60: number;
  readonly at70: number;
  /** Each full: no headroom at all. */
  readonly full: number;
}

/** In USD. */
export interface Cost {
  /** Of one instance (or the device). */
  readonly usdPerHour: number;
  readonly source: string;
  /** Of all that are recommended for the target, where there is a target. */
  readonly usdPerHourForTarget?: number;
  /** Per million predictions, at the planned TPS of 60 % day and night. Half the traffic costs twice as much each. */
  readonly usdPerMillion?: number;
  /** Per million predictions, each instance full. No plan: the lowest that is possible. */
  readonly usdPerMillionFull?: number;
}

/** How the variant should scale. */
export interface ScalingPolicy {
  /** Invocations of an instance in a minute: AWS's formula, highest RPS of an instance × 0.5 × 60. */
  readonly target: number;
  /** The same at 60 and 70 % of the instance's CPU, as the article advises. */
  readonly targetAt60: number;
  readonly targetAt70: number;
  readonly min: number;
  readonly max: number;
  /** To paste into the app. */
  readonly code: string;
}

/** What an instance is planned to serve. Undefined: no step was within the limits. */
export function planOf({ at60, at70, withinLimits }: Capacity): Plan | undefined {
  if (withinLimits === undefined) {
    return undefined;
  }
  const { tps } = withinLimits;
  if (at60 === undefined || at70 === undefined) {
    return { basis: 'peak', at60: tps * HEADROOM.low, at70: tps * HEADROOM.high };
  }
  return { basis: at60.resource, at60: Math.min(at60.tps, tps), at70: Math.min(at70.tps, tps) };
}

export function instancesFor(targetTps: number, plan: Plan, capacity: Capacity): Instances | undefined {
  const { withinLimits } = capacity;
  if (withinLimits === undefined || withinLimits.tps === 0 || plan.at60 === 0) {
    return undefined;
  }
  return { targetTps, at60: ceil(targetTps / plan.at60), at70: ceil(targetTps / plan.at70), full: ceil(targetTps / withinLimits.tps) };
}

export function costOf(price: Price | NoPrice, { plan, capacity, instances }: {
  readonly plan?: Plan;
  readonly capacity: Capacity;
  readonly instances?: Instances;
}): Cost | NoPrice {
  if ('missing' in price) {
    return price;
  }
  const { usdPerHour, source } = price;
  return {
    usdPerHour,
    source,
    usdPerHourForTarget: instances === undefined ? undefined : usdPerHour * instances.at60,
    usdPerMillion: usdPerMillion(usdPerHour, plan?.at60),
    usdPerMillionFull: usdPerMillion(usdPerHour, capacity.withinLimits?.tps),
  };
}

/** Undefined: nothing was served. */
export function usdPerMillion(usdPerHour: number, tps: number | undefined): number | undefined {
  return tps === undefined || tps === 0 ? undefined : usdPerHour / (tps * SECONDS * SECONDS) * MILLION;
}

export function scalingPolicyOf(run: Pick<Run, 'scaling' | 'limits' | 'instances'>, plan: Plan, capacity: Capacity): ScalingPolicy | undefined {
  const { withinLimits } = capacity;
  const target = Math.floor((withinLimits?.tps ?? 0) * AWS_SAFETY_FACTOR * SECONDS);
  if (target < 1) {
    return undefined;
  }
  const { limits: { targetTps }, instances, scaling } = run;
  const min = Math.max(1, scaling?.min ?? 1);
  // without a target: what bears the load that was found, each instance at the target of the policy
  const needed = targetTps === undefined ? ceil(instances / AWS_SAFETY_FACTOR) : ceil(targetTps * SECONDS / target);
  const max = Math.max(min, needed, scaling?.max ?? 1);
  return {
    target,
    targetAt60: Math.floor(plan.at60 * SECONDS),
    targetAt70: Math.floor(plan.at70 * SECONDS),
    min,
    max,
    code: `endpoint.autoScale({ min: ${min}, max: ${max} }).onInvocationsPerInstance(${target});`,
  };
}

/** Up, but not for what floating-point arithmetic adds to a whole number. */
function ceil(value: number): number {
  return Math.max(1, Math.ceil(Number(value.toFixed(9))));
}
