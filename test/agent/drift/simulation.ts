import { makeBaseline } from '../../../agent/drift/make-baseline';
import { DriftWatch } from '../../../agent/drift/watch';

/** The same numbers at each run, as independent as counted. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface World {
  readonly shift: number;
  readonly samples: number;
}

/** Six features as a recogniser has them: some lean to one side, one is close to 1, and one is a small number of symbols. */
function predictionOf(random: () => number, shift: number): Record<string, number> {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) + shift;
  return {
    'input.mean': normal(), 'input.deviation': Math.exp(normal()), 'input.roughness': normal() ** 3,
    'output.confidence': 1 - Math.exp(normal() - 4), 'output.surprise': Math.exp(normal()), 'output.length': Math.round(6 + 2 * normal()),
  };
}

/** Of windows of 100 predictions each, those that raise the flag of a device. Each hundred windows have a baseline of their own. */
export function flagged(windows: number, { shift, samples }: World): number {
  const random = generator(20_261_128);
  let flags = 0;
  for (let device = 0; device < windows / 100; device += 1) {
    const { features } = makeBaseline(Array.from({ length: samples }, () => predictionOf(random, 0)), '0'.repeat(64));
    const baseline = { id: String(device), features };
    const watch = new DriftWatch();
    for (let window = 0; window < 100; window += 1) {
      for (let prediction = 0; prediction < 100; prediction += 1) {
        watch.predicted(baseline, predictionOf(random, shift));
      }
      watch.judge();
      flags += (watch.drifted(baseline) ?? []).length > 0 ? 1 : 0;
    }
  }
  return flags;
}
