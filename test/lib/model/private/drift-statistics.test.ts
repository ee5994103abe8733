import { distanceOf, driftedFeatures, scoreOf } from '../../../../lib/model/private/drift-statistics';

const even = Array.from({ length: 10 }, () => 20);

it('the same counts are no distance', () => {
  expect(distanceOf(even, even)).toMatchObject({ psi: 0, js: 0, ks: 0 });
});

it('counts without anything in common are as far as can be', () => {
  expect(distanceOf([100, 0], [0, 100])).toMatchObject({ js: 1, ks: 1 });
});

it('a window of more predictions has a lower threshold', () => {
  const small = distanceOf(even, even.map((count) => count / 2)).threshold;
  const large = distanceOf(even, even.map((count) => count * 50)).threshold;
  expect(large).toBeLessThan(small / 1.3);
});

it('a bin that is empty in the baseline gives a finite index', () => {
  expect(Number.isFinite(distanceOf([30, 0], [0, 100]).psi)).toBe(true);
});

it('fewer than 100 predictions are not judged', () => {
  const baseline = { 'input.mean': [100, 0, 0] };
  expect(scoreOf(baseline, { 'input.mean': [0, 99, 0] })).toBeUndefined();
  expect(driftedFeatures(baseline, { 'input.mean': [0, 99, 0] })).toBeUndefined();
  expect(driftedFeatures(baseline, { 'input.mean': [0, 100, 0] })).toEqual(['input.mean']);
});

it('counts of other bins, and of features that the baseline lacks, are not judged', () => {
  expect(scoreOf({ 'input.mean': [100, 0, 0] }, { 'input.mean': [0, 100], 'input.other': [0, 100, 0] })).toBeUndefined();
  expect(scoreOf({ constructor: [100, 0] }, {})).toBeUndefined();
});
