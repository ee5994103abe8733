import { decodeBoxes, overlap, type BoxOptions, type FoundBox } from '../../../../agent/client/decode/boxes';
import { fromNumbers } from '../../../../agent/client/elements';
import { fitImage, type Fit } from '../../../../agent/client/image/fit';
import { newImage } from '../../../../agent/client/image/pixels';
import type { Picture } from '../../../../agent/client/inputs';
import type { ClientTensor } from '../../../../agent/client/npy';

const OPTIONS: BoxOptions = { score: 0.25, iou: 0.45, top: 100 };

function output(shape: readonly number[], ...rows: readonly (readonly number[])[]): ClientTensor {
  return { name: 'y', type: 'float64', shape, data: fromNumbers('float64', rows.flat()) };
}

/** Columns of YOLOv8 from boxes. */
function turned(...boxes: readonly (readonly number[])[]): ClientTensor {
  const columns = boxes[0] ?? [];
  return output([1, columns.length, boxes.length], ...columns.map((_, column) => boxes.map((box) => box[column] ?? 0)));
}

function shown({ label, score, left, top, right, bottom }: FoundBox): (string | number)[] {
  return [label, score, left, top, right, bottom];
}

function found(tensor: ClientTensor, options: Partial<BoxOptions> = {}): (string | number)[][] {
  return (decodeBoxes(tensor, { ...OPTIONS, ...options }, []).items[0] ?? []).map(shown);
}

describe('overlap', () => {
  const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom });

  it.each([
    ['the same box', box(0, 0, 4, 4), 1],
    ['half of it', box(0, 0, 4, 2), 0.5],
    ['a shift by half', box(2, 0, 6, 4), 1 / 3],
    ['a shift by half both ways', box(2, 2, 6, 6), 4 / 28],
    ['a box that touches', box(4, 0, 8, 4), 0],
    ['a box elsewhere', box(9, 9, 10, 10), 0],
    ['a box of no size', box(1, 1, 1, 1), 0],
  ])('of %s', (_, other, expected) => {
    expect(overlap(box(0, 0, 4, 4), other)).toBeCloseTo(expected, 10);
    expect(overlap(other, box(0, 0, 4, 4))).toBeCloseTo(expected, 10);
  });

  it('of two boxes of no size is none', () => {
    expect(overlap(box(1, 1, 1, 1), box(1, 1, 1, 1))).toBe(0);
  });
});

describe('a layout', () => {
  it('v5: centre, size, and objectness times the best class', () => {
    const tensor = output([1, 2, 8], [10, 20, 8, 4, 0.5, 0.25, 0.75, 0.5], [50, 60, 20, 10, 0.75, 1, 0, 0]);
    expect(found(tensor)).toEqual([['class 0', 0.75, 40, 55, 60, 65], ['class 1', 0.375, 6, 18, 14, 22]]);
  });

  it('v8: centre, size and the best class, a column for each box', () => {
    const tensor = turned([10, 20, 8, 4, 0.25, 0.5], [50, 60, 20, 10, 0.875, 0], [0, 0, 0, 0, 0, 0.125]);
    expect(found(tensor, { labels: ['cat', 'dog'] })).toEqual([['cat', 0.875, 40, 55, 60, 65], ['dog', 0.5, 6, 18, 14, 22]]);
  });

  it('end-to-end: corners, score and class, in which boxes may overlap', () => {
    const tensor = output([1, 3, 6], [6, 18, 14, 22, 0.5, 1], [6, 18, 14, 22, 0.75, 1], [0, 0, 0, 0, 0, 0]);
    expect(decodeBoxes(tensor, OPTIONS, []).layout).toBe('end-to-end');
    expect(found(tensor)).toEqual([['class 1', 0.75, 6, 18, 14, 22], ['class 1', 0.5, 6, 18, 14, 22]]);
  });

  it('v5 of one class is told from end-to-end by its values', () => {
    const tensor = output([1, 3, 6], [60, 20, 8, 4, 0.5, 0.875], [60, 20, 8, 4, 0.5, 0.75], [60, 20, 8, 4, 0, 0.5]);
    expect(decodeBoxes(tensor, OPTIONS, []).layout).toBe('v5');
    expect(found(tensor)).toEqual([['class 0', 0.4375, 56, 18, 64, 22]]);
  });
});

describe('non-maximum suppression', () => {
  // The second is the first, one pixel to the right: 28 of 36 pixels are shared. The third is of the other class.
  const CROWD = turned([10, 10, 8, 4, 0.75, 0], [11, 10, 8, 4, 0.875, 0], [10, 10, 8, 4, 0, 0.5], [30, 10, 8, 4, 0.25, 0.125]);

  it('keeps the surest of the boxes of one class that overlap, and those of other classes', () => {
    expect(found(CROWD).map(([label, score]) => [label, score])).toEqual([['class 0', 0.875], ['class 1', 0.5], ['class 0', 0.25]]);
  });

  it.each([[0.77, 3], [0.78, 4]])('with --iou %d keeps %d of boxes that share 0.7778', (iou, kept) => {
    expect(found(CROWD, { iou })).toHaveLength(kept);
  });

  it.each([[0, 3], [0.25, 3], [0.26, 2], [0.6, 1], [0.9, 0]])('with --score %d keeps %d', (score, kept) => {
    expect(found(CROWD, { score })).toHaveLength(kept);
  });

  it.each([[1, [0.875]], [2, [0.875, 0.5]]])('with --top %d keeps the surest', (top, scores) => {
    expect(found(CROWD, { top }).map(([, score]) => score)).toEqual(scores);
  });

  it('with --top cuts the boxes of an end-to-end model, too', () => {
    const tensor = output([1, 2, 6], [0, 0, 1, 1, 0.5, 0], [0, 0, 1, 1, 0.75, 1]);
    expect(found(tensor, { top: 1 })).toEqual([['class 1', 0.75, 0, 0, 1, 1]]);
  });

  it('does not join the boxes of a chain whose middle is suppressed', () => {
    // Each shares 0.6 with the next (6 of 10), the first and the last 0.33: the last stays.
    const chain = turned([4, 2, 8, 4, 0.875, 0], [6, 2, 8, 4, 0.75, 0], [8, 2, 8, 4, 0.5, 0]);
    expect(found(chain).map(([, score]) => score)).toEqual([0.875, 0.5]);
  });
});

describe('boxes in the picture', () => {
  function picture(width: number, height: number, fit: Fit): Picture {
    const image = newImage(width, height);
    return { path: 'p.png', image, place: fitImage(image, 64, 64, fit).place };
  }

  it.each<[string, Picture, readonly number[]]>([
    // 200 x 100 lies at 16 from above as 64 x 32: a pixel of the tensor is 3.125 of the picture.
    ['letterbox of a wide picture', picture(200, 100, 'letterbox'), [50, 25, 150, 75]],
    ['letterbox of a high picture', picture(100, 200, 'letterbox'), [0, 75, 100, 125]],
    ['stretch', picture(200, 100, 'stretch'), [50, 37.5, 150, 62.5]],
    // 100 x 200 lies at the left as 32 x 64: what is right of it is cut.
    ['pad', picture(100, 200, 'pad'), [50, 75, 100, 125]],
  ])('undo the fit: %s', (_, one, expected) => {
    const { items } = decodeBoxes(turned([32, 32, 32, 16, 1, 0]), OPTIONS, [one]);
    expect(items[0]?.map(({ left, top, right, bottom }) => [left, top, right, bottom])).toEqual([expected]);
  });

  it('end at its edges', () => {
    const { items } = decodeBoxes(turned([32, 32, 100, 100, 1, 0]), OPTIONS, [picture(200, 100, 'letterbox')]);
    expect(items[0]).toEqual([expect.objectContaining({ left: 0, top: 0, right: 200, bottom: 100 })]);
  });

  it('are those of each item of a batch, each in its own picture', () => {
    const none = Array<number>(7).fill(0);
    const batch = output([2, 2, 7], [32, 32, 32, 16, 1, 1, 0], none, none, [32, 32, 32, 16, 1, 1, 0]);
    const { items } = decodeBoxes(batch, OPTIONS, [picture(64, 64, 'letterbox'), picture(128, 128, 'letterbox')]);
    expect(items.map((boxes) => boxes.map(({ left, right }) => [left, right]))).toEqual([[[16, 48]], [[32, 96]]]);
  });

  it('fails when the output has boxes of another number of items', () => {
    const batch = output([2, 1, 7], Array<number>(14).fill(0));
    expect(() => decodeBoxes(batch, OPTIONS, [picture(64, 64, 'stretch')])).toThrow('output y: wanted the boxes of 1 picture(s), got 2 item(s)');
  });
});

it.each([
  ['logits', [10, 10, 8, 4, 5.5, -2]],
  ['no numbers', [10, 10, 8, 4, NaN, NaN]],
  ['negative ones', [10, 10, 8, 4, -2, -3]],
])('fails when the scores are %s', (_, box) => {
  expect(() => decodeBoxes(turned(box), OPTIONS, [])).toThrow(
    /wanted scores from 0 to 1 in the output of layout v8, got .*: export the model with its sigmoid, or give the layout by --boxes/,
  );
});
