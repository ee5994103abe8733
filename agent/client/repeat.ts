import { performance } from 'node:perf_hooks';

/** How long predictions took, one after the other. */
export interface Timing {
  readonly predictions: number;
  /** Milliseconds that half of the predictions did not exceed, seen from the client. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly predictionsPerSecond: number;
}

export async function measure(predictions: number, predict: () => Promise<unknown>): Promise<Timing> {
  const times: number[] = [];
  const begin = performance.now();
  for (let index = 0; index < predictions; index += 1) {
    const started = performance.now();
    await predict();
    times.push(performance.now() - started);
  }
  return summariseTimes(times, performance.now() - begin);
}

/** By nearest rank: each percentile is a time that was measured. */
export function summariseTimes(times: readonly number[], totalMs: number): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  const percentile = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return {
    predictions: times.length,
    p50: percentile(0.5),
    p90: percentile(0.9),
    p99: percentile(0.99),
    predictionsPerSecond: times.length / (totalMs / 1000),
  };
}

export function showTiming({ predictions, p50, p90, p99, predictionsPerSecond }: Timing): string {
  const shown = [p50, p90, p99].map((time) => time.toFixed(2));
  return `${predictions} more: p50 ${shown[0]} ms  p90 ${shown[1]} ms  p99 ${shown[2]} ms  ${predictionsPerSecond.toFixed(1)} predictions/s`;
}
