import { decodeClasses, isClassScores } from '../../../../agent/client/decode/classes';
import { fromNumbers } from '../../../../agent/client/elements';
import type { ClientTensor } from '../../../../agent/client/npy';
import type { ElementType } from '../../../../agent/runtime/protocol';

function output(shape: readonly number[], values: readonly number[], type: ElementType = 'float32'): ClientTensor {
  return { name: 'y', type, shape, data: fromNumbers(type, values) };
}

/** Probabilities of the classes in the order of their numbers. */
function probabilities(values: readonly number[]): { softmax: boolean; values: number[] } {
  const { items, softmax } = decodeClasses(output([1, values.length], values), undefined, values.length);
  const ranked = [...items[0] ?? []].sort((a, b) => a.class - b.class);
  return { softmax, values: ranked.map(({ probability }) => probability) };
}

describe('softmax', () => {
  it.each<[string, number[], number[]]>([
    ['logits', [0, Math.log(2), Math.log(5)], [1 / 8, 2 / 8, 5 / 8]],
    ['logits whose exponential is beyond all numbers', [1000, 1000], [1 / 2, 1 / 2]],
    ['logits that add up to one, with a negative one', [-1, 2], [1 / (1 + Math.exp(3)), 1 / (1 + Math.exp(-3))]],
    ['a class that a mask took away', [-Infinity, 0, 0], [0, 1 / 2, 1 / 2]],
    ['independent sigmoids', [0.9, 0.9], [1 / 2, 1 / 2]],
  ])('is taken of %s', (_, scores, expected) => {
    const { softmax, values } = probabilities(scores);
    expect(softmax).toBe(true);
    expected.forEach((value, index) => {
      expect(values[index]).toBeCloseTo(value, 6);
    });
  });

  it.each<[string, number[]]>([
    ['probabilities', [0.25, 0.5, 0.25]],
    ['probabilities that are rounded', [0.1875, 0.5, 0.3203125]], // 1.0078125
    ['a certain class', [0, 1]],
  ])('is not taken of %s', (_, scores) => {
    expect(probabilities(scores)).toEqual({ softmax: false, values: scores });
  });

  it('is taken of all items, or of none', () => {
    const { items, softmax } = decodeClasses(output([2, 2], [0, 1, 3, 3]), undefined, 2);
    expect(softmax).toBe(true);
    expect(items[1]?.map(({ probability }) => probability)).toEqual([0.5, 0.5]);
  });
});

describe('the ranking', () => {
  it('has the likeliest classes of each item, with their labels', () => {
    const { items } = decodeClasses(output([2, 3], [0.25, 0.25, 0.5, 0.75, 0.25, 0]), ['cat', 'dog', 'hen'], 2);
    expect(items).toEqual([
      [{ class: 2, label: 'hen', probability: 0.5 }, { class: 0, label: 'cat', probability: 0.25 }],
      [{ class: 0, label: 'cat', probability: 0.75 }, { class: 1, label: 'dog', probability: 0.25 }],
    ]);
  });

  it('has the classes by number without labels', () => {
    const { items } = decodeClasses(output([1, 2], [0, 1]), undefined, 1);
    expect(items).toEqual([[{ class: 1, label: 'class 1', probability: 1 }]]);
  });

  it('has all classes where there are fewer than wanted', () => {
    expect(decodeClasses(output([1, 2], [0, 1]), undefined, 5).items[0]).toHaveLength(2);
  });

  it('reads the output of a network that ends in [items, classes, 1, 1]', () => {
    const { items } = decodeClasses(output([2, 2, 1, 1], [0, 1, 1, 0]), undefined, 1);
    expect(items.map((ranked) => ranked[0]?.class)).toEqual([1, 0]);
  });
});

it('fails when the labels are not as many as the classes', () => {
  expect(() => decodeClasses(output([1, 3], [0, 0, 1]), ['a', 'b'], 1)).toThrow('output y has 3 classes, --labels has 2 lines');
});

it('fails when a score is no number', () => {
  expect(() => decodeClasses(output([1, 2], [0, NaN]), undefined, 1)).toThrow('output y: wanted scores, got NaN among them');
});

it.each<[readonly number[], ElementType, boolean]>([
  [[1, 10], 'float32', true],
  [[8, 10], 'float16', true],
  [[1, 10, 1, 1], 'float32', true],
  [[1, 10], 'int64', false],
  [[10], 'float32', false],
  [[1, 1], 'float32', false],
  [[1, 10, 20], 'float32', false],
])('an output of %j %s holds scores of classes: %s', (shape, type, expected) => {
  expect(isClassScores({ name: 'y', type, shape, data: Buffer.alloc(0) })).toBe(expected);
});
