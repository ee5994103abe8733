import { makeBaseline } from '../../../agent/drift/make-baseline';
import { baselineId, binOf, parseBaseline } from '../../../lib/model/private/drift-baseline';
import { driftedFeatures } from '../../../lib/model/private/drift-statistics';

const SHA = '0'.repeat(64);
const of = (values: readonly number[], name = 'input.mean') => makeBaseline(values.map((value) => ({ [name]: value })), SHA);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

it('has a tenth of the samples in each bin, and what was no number in the last one', () => {
  expect(of([...range(100), NaN]).features['input.mean']).toEqual({
    edges: [10, 20, 30, 40, 50, 60, 70, 80, 90], counts: [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 1],
  });
});

it('is read again as it was written', () => {
  const made = of(range(100));
  expect(parseBaseline(JSON.stringify(made))).toEqual(made);
});

it('fails when there are fewer than 30 samples', () => {
  expect(() => of(range(29))).toThrow('a baseline needs at least 30 samples, got 29');
});

it('fails when the samples have fewer than 10 values, and more than one', () => {
  expect(() => of(range(90).map((index) => index % 9))).toThrow('input.mean must have at least 10 different values in the samples, or one, got 9: give samples that differ');
});

it('takes few values of a class or a length', () => {
  expect(of(range(90).map((index) => index % 3), 'output.class').features['output.class']).toEqual({ edges: [0, 1, 2], counts: [0, 30, 30, 30, 0] });
});

it('fails when a feature is no number in any sample', () => {
  expect(() => of(range(30).map(() => NaN))).toThrow('input.mean is no number in any sample');
});

it('fails when there is nothing to look at', () => {
  expect(() => makeBaseline(range(30).map(() => ({})), SHA)).toThrow('the model has no input and no output that a baseline can be made of');
});

it.each([0, 0.3, -7])('of a feature that is always %s notices both directions, and no rounding', (value) => {
  const { features: { 'input.mean': feature } } = of(range(30).map(() => value));
  const drifted = (field: number): string[] | undefined => {
    const counts = Array.from({ length: 4 }, (_, bin) => (feature !== undefined && binOf(feature, field) === bin ? 100 : 0));
    return driftedFeatures({ 'input.mean': feature?.counts ?? [] }, { 'input.mean': counts });
  };
  expect([value, value - 1e-3, value + 1e-3, value * (1 + 1e-9)].map(drifted)).toEqual([[], ['input.mean'], ['input.mean'], []]);
});

it('has an id of its features, whatever their order', () => {
  const made = makeBaseline(range(30).map((index) => ({ 'input.mean': index, 'input.deviation': index })), SHA);
  const turned = makeBaseline(range(30).map((index) => ({ 'input.deviation': index, 'input.mean': index })), SHA);
  expect(baselineId(turned)).toBe(baselineId(made));
  expect(baselineId(of(range(30)))).not.toBe(baselineId(made));
});

it.each([
  ['{', 'a baseline must be JSON with "v": 1'],
  ['{"v":2}', 'a baseline must be JSON with "v": 1'],
  [JSON.stringify({ ...of(range(30)), modelSha256: 'x' }), 'modelSha256 of a baseline must be 64 hexadecimal digits, got "x"'],
  [JSON.stringify({ ...of(range(30)), samples: 29 }), 'a baseline must be of at least 30 samples, got 29'],
  [JSON.stringify({ ...of(range(30)), features: {} }), 'a baseline must have 1 to 12 features, got 0'],
  [JSON.stringify({ ...of(range(30)), features: { 'input.mean': { edges: [2, 1], counts: [10, 10, 10, 0] } } }), 'feature "input.mean" of a baseline must have ascending edges'],
  [JSON.stringify({ ...of(range(30)), features: { 'input.mean': { edges: [1, 2], counts: [10, 10, 9, 0] } } }), 'feature "input.mean" of a baseline must have ascending edges'],
  [JSON.stringify({ ...of(range(30)), features: { __proto: { edges: [1], counts: [10, 20, 0] } } }), 'feature "__proto" of a baseline must have'],
])('fails when a file is no baseline: %.60s', (text, problem) => {
  const parsed = parseBaseline(text);
  expect('problem' in parsed ? parsed.problem : '').toContain(problem);
});
