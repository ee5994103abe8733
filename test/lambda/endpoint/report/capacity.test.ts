import { capacityOf, tpsAtShare } from '../../../../lambda/endpoint/report/capacity';
import type { LoadPoint } from '../../../../lambda/endpoint/report/points';

function point(step: number, users: number, tps: number, changes: Partial<LoadPoint> = {}): LoadPoint {
  return { step, users, tps, instances: 1, p50Ms: 100, p99Ms: 150, errorPercent: 0, utilization: {}, ...changes };
}

const AT = (step: number, tps: number, cpu: number) => point(step, step * 10, tps, { utilization: { cpu } });

test('TPS at 60 % of the CPU lies on the line between the steps below and above', () => {
  // from 40 TPS at 50 % to 60 TPS at 75 %: 10 of 25 points, 40 + 0.4 × 20
  const at60 = tpsAtShare([AT(1, 20, 0.25), AT(2, 40, 0.5), AT(3, 60, 0.75)], 0.6);
  expect(at60?.tps).toBeCloseTo(48);
  expect(at60).toMatchObject({ method: 'interpolated', resource: 'cpu', steps: [2, 3] });
});

test('a step at the share itself needs no other', () => {
  expect(tpsAtShare([AT(1, 30, 0.6), AT(2, 60, 0.9)], 0.6)).toMatchObject({ tps: 30, method: 'interpolated', steps: [1] });
});

test('where every step is above the share, TPS is in proportion to the lowest, and says so', () => {
  expect(tpsAtShare([AT(1, 80, 0.8), AT(2, 90, 1)], 0.6)).toMatchObject({ tps: 60, method: 'proportional', steps: [1] });
});

test('where no step reaches the share, there is no TPS', () => {
  expect(tpsAtShare([AT(1, 20, 0.2), AT(2, 40, 0.4)], 0.6)).toBeUndefined();
});

test('without figures of the CPU there is no TPS', () => {
  expect(tpsAtShare([point(1, 10, 20), point(2, 20, 40)], 0.6)).toBeUndefined();
});

test('a step without figures is left out', () => {
  expect(tpsAtShare([AT(1, 20, 0.5), point(2, 15, 25), AT(3, 40, 0.7)], 0.6)?.steps).toEqual([1, 3]);
});

test('of a GPU that is fuller than the CPU, the GPU counts', () => {
  const gpu = (step: number, tps: number, share: number) => point(step, step, tps, { utilization: { cpu: 0.2, gpu: share } });
  const at70 = tpsAtShare([gpu(1, 100, 0.6), gpu(2, 200, 0.8)], 0.7);
  expect(at70?.resource).toBe('gpu');
  expect(at70?.tps).toBeCloseTo(150);
});

test('the peak is the highest TPS of a step with errors within the limit', () => {
  const points = [point(1, 10, 50), point(2, 20, 90, { errorPercent: 1 }), point(3, 30, 95, { errorPercent: 1.1 })];
  expect(capacityOf(points, { errorPercent: 1 }).peak?.step).toBe(2);
});

test('within limits, p99 counts as well', () => {
  const points = [point(1, 10, 50), point(2, 20, 90, { p99Ms: 251 })];
  const { peak, withinLimits } = capacityOf(points, { errorPercent: 1, p99Ms: 250 });
  expect([peak?.step, withinLimits?.step]).toEqual([2, 1]);
});

test('without a step within the limits there is no peak', () => {
  const { peak, withinLimits } = capacityOf([point(1, 10, 50, { errorPercent: 20 })], { errorPercent: 1 });
  expect([peak, withinLimits]).toEqual([undefined, undefined]);
});

test('without a knee the peak is a lower bound', () => {
  expect(capacityOf([point(1, 1, 10), point(2, 2, 20), point(3, 3, 30)], { errorPercent: 1 }).isLowerBound).toBe(true);
  expect(capacityOf([point(1, 1, 10), point(2, 2, 20), point(3, 3, 20), point(4, 4, 20)], { errorPercent: 1 }).isLowerBound).toBe(false);
});
