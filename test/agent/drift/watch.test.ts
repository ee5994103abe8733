import { DriftCounts } from '../../../agent/drift/counts';
import { DriftWatch } from '../../../agent/drift/watch';
import { flagged } from './simulation';

// 10 000 windows: npm run bench drift
it('of 1000 clean windows none raises the flag', () => {
  expect(flagged(1000, { shift: 0, samples: 200 })).toBe(0);
}, 60_000);

it('a shift by one standard deviation raises it in almost every window', () => {
  expect(flagged(300, { shift: 1, samples: 200 })).toBeGreaterThan(280);
}, 60_000);

const baseline = { id: 'a'.repeat(16), features: { 'input.mean': { edges: [0, 1], counts: [100, 100, 100, 0] } } };

function predict(watch: DriftWatch, times: number, value: number): void {
  for (let time = 0; time < times; time += 1) {
    watch.predicted(baseline, { 'input.mean': value });
  }
  watch.judge();
}

it('one window beyond the threshold is no drift, two in a row are, and the next one within it ends it', () => {
  const watch = new DriftWatch();
  predict(watch, 100, 5);
  expect(watch.drifted(baseline)).toEqual([]);
  predict(watch, 100, 5);
  expect(watch.drifted(baseline)).toEqual(['input.mean']);
  for (const value of [-1, 0.5, 5]) {
    for (let time = 0; time < 50; time += 1) {
      watch.predicted(baseline, { 'input.mean': value });
    }
  }
  watch.judge();
  expect(watch.drifted(baseline)).toEqual([]);
});

it('a prediction is drifted where there are more like it than in the baseline, from the verdict to the next one', () => {
  const watch = new DriftWatch();
  const isDrifted = (value: number | null): boolean => watch.isDrifted(baseline, { 'input.mean': value });
  predict(watch, 100, 5);
  expect(isDrifted(5)).toBe(false);
  predict(watch, 100, 5);
  expect([5, -1, 0.5, null].map(isDrifted)).toEqual([true, false, false, false]);
  for (const value of [-1, 0.5, 5]) {
    for (let time = 0; time < 50; time += 1) {
      watch.predicted(baseline, { 'input.mean': value });
    }
  }
  watch.judge();
  expect(isDrifted(5)).toBe(false);
});

it('a window goes on until it has 100 predictions', () => {
  const watch = new DriftWatch();
  predict(watch, 99, 5);
  expect(watch.drifted(baseline)).toBeUndefined();
  predict(watch, 1, 5);
  expect(watch.drifted(baseline)).toEqual([]);
});

it('counts that are added are those of both', () => {
  const baseline = { id: 'a'.repeat(16), features: { 'input.mean': { edges: [0, 1], counts: [10, 10, 10, 0] } } };
  const [a, b] = [new DriftCounts(baseline), new DriftCounts(baseline)];
  a.predicted({ 'input.mean': 0 });
  b.predicted({ 'input.mean': null });
  b.add(a.list());
  b.add({ ...a.list(), baseline: 'b'.repeat(16) });
  expect(b.list()).toEqual({ baseline: 'a'.repeat(16), counts: { 'input.mean': [0, 1, 0, 1] } });
});
