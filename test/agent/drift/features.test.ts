import { DriftFeatures } from '../../../agent/drift/features';
import { fromNumbers } from '../../../agent/client/elements';
import { ELEMENT_TYPES, type ElementType, type RawTensor } from '../../../agent/runtime/protocol';

function tensor(shape: readonly number[], values: readonly number[], type: ElementType = 'float32'): RawTensor {
  return { name: 'x', type, shape, data: fromNumbers(type, values) };
}

const features = new DriftFeatures();

it.each(ELEMENT_TYPES)('mean, deviation and roughness of a picture of %s', (type) => {
  const { 'input.mean': mean, 'input.deviation': deviation, 'input.roughness': roughness } = features.of([tensor([1, 2, 4], [1, 3, 1, 3, 1, 3, 1, 3], type)], []);
  expect(mean).toBeCloseTo(2, 0);
  expect(deviation).toBeCloseTo(1, 0);
  expect(roughness).toBeCloseTo(12 / 7, 0);
});

it('the largest input is looked at', () => {
  expect(features.of([tensor([1, 2], [9, 9]), tensor([1, 3], [1, 1, 1])], [])).toEqual({ 'input.mean': 1, 'input.deviation': 0 });
});

it('a large picture is sampled in all its columns', () => {
  const half = Array.from({ length: 100_000 }, (_, index) => (index % 400 < 200 ? 0 : 1));
  expect(features.of([tensor([1, 1, 250, 400], half)], [])['input.mean']).toBeCloseTo(0.5, 1);
});

it('shares of a classifier are its confidence and class', () => {
  const { 'output.confidence': confidence, 'output.class': likeliest } = features.of([], [tensor([1, 3], [0.1, 0.7, 0.2])]);
  expect(confidence).toBeCloseTo(0.7);
  expect(likeliest).toBe(1);
});

it('logits of a classifier are made to shares', () => {
  const { 'output.confidence': confidence } = features.of([], [tensor([1, 2], [-3, -3])]);
  expect(confidence).toBeCloseTo(0.5);
});

it('a sequence has a length without blanks and repetitions, and the confidence of its symbols', () => {
  const rows = [[0.9, 0.1, 0], [0.2, 0.8, 0], [0.1, 0.9, 0], [1, 0, 0], [0, 0.4, 0.6]];
  const { 'output.length': length, 'output.confidence': confidence, 'output.surprise': surprise } = features.of([], [tensor([1, 5, 3], rows.flat())]);
  expect(length).toBe(2);
  expect(confidence).toBeCloseTo((0.8 + 0.6) / 2);
  expect(surprise).toBeCloseTo(-[0.9, 0.8, 0.9, 1, 0.6].reduce((sum, share) => sum + Math.log(share), 0) / 5);
});

it('the largest number of a row is found behind one above one half, where the numbers are no shares', () => {
  const { 'output.class': likeliest } = features.of([], [tensor([1, 4], [0.6, 0.1, 0.9, 0.7])]);
  expect(likeliest).toBe(2);
});

it.each([[0.502, 0.512], [0.2, 0.8], [0.49, 0.51]])('the larger of two shares is found: %d or %d, which come to 1 but for rounding', (smaller, larger) => {
  const { 'output.class': likeliest, 'output.confidence': confidence } = features.of([], [tensor([1, 3], [0, smaller, larger])]);
  expect(likeliest).toBe(2);
  expect(confidence).toBeCloseTo(larger);
});

it('a sequence of blanks alone has no symbols and no confidence', () => {
  expect(features.of([], [tensor([1, 2, 2], [1, 0, 1, 0])])).toMatchObject({ 'output.length': 0, 'output.confidence': 0 });
});

it('whole numbers, such as labels, are no output to look at', () => {
  expect(features.of([], [tensor([1, 3], [1, 2, 3], 'int64')])).toEqual({});
});

it('what is no number gives features that are none', () => {
  const { 'input.mean': mean } = features.of([tensor([1, 2], [NaN, 1])], []);
  const { 'output.confidence': confidence } = features.of([], [tensor([1, 2], [NaN, NaN])]);
  expect([mean, confidence]).toEqual([NaN, NaN]);
});

it('a tensor at an odd place of its buffer is read, too', () => {
  const data = Buffer.concat([Buffer.alloc(1), fromNumbers('float32', [1, 3])]).subarray(1);
  expect(features.of([{ name: 'x', type: 'float32', shape: [1, 2], data }], [])['input.mean']).toBe(2);
});

it('an empty tensor gives no number', () => {
  expect(features.of([tensor([0, 2], [])], [tensor([0, 2], [])])['input.mean']).toBeNaN();
});
