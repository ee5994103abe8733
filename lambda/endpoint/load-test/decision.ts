import type { ClientFigures, Limits, Step } from '../report/run';

/** A worker at this much of its one core is full: Locust warns from here on. */
export const FULL_CPU_PERCENT = 90;
/** Nor are latencies the endpoint's where a worker's event loop is this late. */
export const FULL_LAG_MS = 100;
/** A run whose workers die again and again has a fault that more workers do not heal. */
export const MAX_LOSSES = 3;

/** What comes after a step. */
export type Decision =
  | { readonly kind: 'next' }
  /** The same users again. */
  | { readonly kind: 'repeat'; readonly workers: number; readonly why: string }
  | { readonly kind: 'end'; readonly reason: string; readonly targetMet: boolean };

export interface Situation {
  readonly step: Step;
  readonly lostWorkers: number;
  /** Steps in which workers died, this one with them. */
  readonly losses: number;
  readonly maxWorkers: number;
  readonly limits: Limits;
  readonly isLast: boolean;
}

/** Whether the workers were the limit, in words. */
export function exhaustion({ workerCpuPercent, workerLagMs }: ClientFigures): string | undefined {
  if (workerCpuPercent >= FULL_CPU_PERCENT) {
    return `a worker used ${workerCpuPercent.toFixed(0)} % of its core`;
  }
  return workerLagMs >= FULL_LAG_MS ? `a worker's event loop was ${workerLagMs.toFixed(0)} ms late` : undefined;
}

export function decide({ step, lostWorkers, losses, maxWorkers, limits, isLast }: Situation): Decision {
  const { client, users, workers } = step;
  if (lostWorkers > 0) {
    return losses >= MAX_LOSSES
      ? end(`workers died in ${losses} steps: see the log of their tasks`)
      : { kind: 'repeat', workers, why: `${lostWorkers} of ${workers} workers died` };
  }
  const errorPercent = client.requests === 0 ? 100 : 100 * client.failures / client.requests;
  const isErring = errorPercent > limits.errorPercent;
  const isSlow = limits.p99Ms !== undefined && client.p99Ms > limits.p99Ms;
  if (limits.targetTps !== undefined && client.tps >= limits.targetTps && !isErring && !isSlow) {
    return { kind: 'end', reason: `${users} users reached ${rounded(client.tps)} requests a second: the target of ${limits.targetTps} is met`, targetMet: true };
  }
  const exhausted = exhaustion(client);
  const more = Math.min(maxWorkers, workers * 2, users); // a worker without a user does nothing
  if (exhausted !== undefined) {
    return more > workers
      ? { kind: 'repeat', workers: more, why: exhausted }
      : end(`the client is the limit at ${users} users, not the endpoint: ${exhausted}, and ${workers} workers are ${why(workers, maxWorkers)}`);
  }
  if (isErring) {
    return end(`${rounded(errorPercent)} % of the requests failed at ${users} users, more than ${limits.errorPercent} %`);
  }
  if (isSlow) {
    return end(`the 99th percentile was ${rounded(client.p99Ms)} ms at ${users} users, more than ${limits.p99Ms ?? 0} ms`);
  }
  return isLast ? end(`the ceiling of ${users} users is reached`) : { kind: 'next' };
}

function why(workers: number, maxWorkers: number): string {
  return workers >= maxWorkers ? 'the most that maxWorkers allows' : 'one for each user';
}

function end(reason: string): Decision {
  return { kind: 'end', reason, targetMet: false };
}

function rounded(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
