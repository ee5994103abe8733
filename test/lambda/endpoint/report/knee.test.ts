import { findKnee, kneedle } from '../../../../lambda/endpoint/report/knee';
import type { LoadPoint } from '../../../../lambda/endpoint/report/points';

function curve(points: readonly (readonly [users: number, tps: number, p50Ms: number])[]): LoadPoint[] {
  return points.map(([users, tps, p50Ms], index) => (
    { step: index + 1, users, tps, p50Ms, p99Ms: p50Ms, instances: 1, errorPercent: 0, utilization: {} }
  ));
}

const AT = (xs: readonly number[], ys: readonly number[]) => xs.map((x, index) => ({ x, y: ys[index] ?? 0 }));

describe('Kneedle', () => {
  test('finds the knee of figure 2 of its paper, -1 / (x + 0.1) + 5 at ten x from 0 to 1, at x = 0.22', () => {
    const xs = Array.from({ length: 10 }, (_, index) => index / 9);
    expect(kneedle(AT(xs, xs.map((x) => -1 / (x + 0.1) + 5)))).toBe(2);
  });

  test('finds no knee in a line', () => {
    expect(kneedle(AT([1, 2, 3, 4, 5], [10, 20, 30, 40, 50]))).toBeUndefined();
  });

  test('finds no knee in a line whose noise is smaller than its threshold', () => {
    // normalized y 0, 0.3, 0.5, 0.75, 1: the difference rises to 0.05 and falls by 0.05, less than the mean step of 0.25
    expect(kneedle(AT([1, 2, 3, 4, 5], [10, 22, 30, 40, 50]))).toBeUndefined();
  });

  test('declares the peak only once the difference has fallen by S times the mean step', () => {
    // difference 0, 0.4, 0: falls by 0.4, the mean step is 0.5
    expect(kneedle(AT([1, 2, 3], [0, 90, 100]))).toBeUndefined();
    expect(kneedle(AT([1, 2, 3], [0, 90, 100]), 0.7)).toBe(1);
  });
});

test('TPS that stops to grow at 8 users, of a staircase that doubles, has its knee at 8 users', () => {
  const knee = findKnee(curve([[1, 10, 100], [2, 20, 100], [4, 40, 100], [8, 80, 100], [16, 82, 195], [32, 83, 385]]));
  expect(knee).toEqual({ kind: 'found', step: 4, users: 8, tps: 80, latencyGrows: true });
});

test('TPS that falls after its peak has its knee at the peak', () => {
  expect(findKnee(curve([[10, 10, 100], [20, 20, 100], [30, 15, 200], [40, 12, 330]]))).toMatchObject({ users: 20, tps: 20 });
});

test('TPS that stops in the last step but one has its knee there', () => {
  expect(findKnee(curve([[1, 10, 100], [2, 20, 100], [4, 40, 100], [8, 80, 100], [16, 160, 100], [32, 165, 195]])))
    .toMatchObject({ kind: 'found', users: 16 });
});

test('latency that does not grow after the knee is said: requests are turned away', () => {
  const grows = curve([[1, 10, 100], [2, 20, 100], [4, 40, 100], [8, 80, 100]]);
  expect(findKnee(grows)).toEqual({ kind: 'none', reason: 'TPS still grows with users' });
});

test('TPS that grows with users to the end has no knee', () => {
  expect(findKnee(curve([[1, 10, 100], [2, 20, 100], [4, 40, 100], [8, 80, 100]]))).toEqual({ kind: 'none', reason: 'TPS still grows with users' });
});

test('TPS that is the same from the first step on has its knee there or below', () => {
  expect(findKnee(curve([[10, 20, 500], [20, 21, 1000], [40, 20, 2000]])))
    .toEqual({ kind: 'before-first-step', step: 1, users: 10, tps: 21, latencyGrows: true });
});

test('two numbers of users have no knee', () => {
  expect(findKnee(curve([[10, 20, 500], [20, 21, 1000]]))).toEqual({ kind: 'none', reason: '2 number(s) of users measured, a knee needs 3' });
});

test('steps with the same users are one point, their mean', () => {
  const knee = findKnee(curve([[1, 10, 100], [2, 18, 100], [2, 22, 100], [3, 20, 150], [4, 20, 200]]));
  expect(knee).toMatchObject({ kind: 'found', users: 2, tps: 20 });
});
