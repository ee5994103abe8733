/** A line of the benchmark's table: one thing against another, measured in the same run. */
export interface Row {
  readonly what: string;
  /** The first divided by the second; a plain number where `unit` says so. */
  readonly ratio: number;
  /** `ratio` should not be greater. */
  readonly goal?: number;
  /** Of `ratio`, where it is none. */
  readonly unit?: string;
  /** The absolute figures, for orientation: they vary from machine to machine. */
  readonly detail?: string;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Two things measured: the medians, and the middle one of the ratios of the first to the second. */
export interface Comparison {
  readonly ratio: number;
  readonly a: number;
  readonly b: number;
}

/** The middle one of the ratios of what was measured one after the other: what slows the machine down for a while meets both. */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, turn) => value / (b[turn] ?? Number.NaN)));
}

/** Runs `a` and `b` in turn, so that a drift of the machine's speed meets both; the middle one of the pairs' ratios. */
export async function inTurn(times: number, a: () => Promise<number>, b: () => Promise<number>): Promise<Comparison> {
  const first: number[] = [];
  const second: number[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    first.push(await a());
    second.push(await b());
  }
  return { ratio: medianRatio(first, second), a: median(first), b: median(second) };
}
