import { colourName, drawBoxes, type DrawnBox } from '../../../../agent/client/image/draw';
import { newImage, type RgbImage } from '../../../../agent/client/image/pixels';

const RED = '230,25,75';
const GREEN = '60,180,75';
const BLACK = '0,0,0';

function colourAt({ width, data }: RgbImage, x: number, y: number): string {
  return data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3).join();
}

function drawn(...boxes: readonly DrawnBox[]): RgbImage {
  return drawBoxes(newImage(20, 10), boxes);
}

const BOX: DrawnBox = { class: 0, left: 4, top: 2, right: 14, bottom: 8 };

it('draws the outline of a box, and leaves what is inside and outside', () => {
  const image = drawn(BOX);
  const coloured = [[4, 2], [13, 2], [4, 7], [13, 7], [8, 2], [8, 7], [4, 5], [13, 5]];
  expect(coloured.map(([x = 0, y = 0]) => colourAt(image, x, y))).toEqual(coloured.map(() => RED));
  const others = [[3, 2], [4, 1], [14, 7], [13, 8], [5, 3], [12, 6]];
  expect(others.map(([x = 0, y = 0]) => colourAt(image, x, y))).toEqual(others.map(() => BLACK));
});

it('leaves the picture that it was given', () => {
  const image = newImage(20, 10);
  drawBoxes(image, [BOX]);
  expect(image.data.every((value) => value === 0)).toBe(true);
});

it('gives each class its colour, and begins again after ten', () => {
  expect([0, 1, 10, 11].map(colourName)).toEqual(['red', 'green', 'red', 'green']);
  expect([0, 1, 10, 11].map((one) => colourAt(drawn({ ...BOX, class: one }), 4, 2))).toEqual([RED, GREEN, RED, GREEN]);
});

it('draws the surest box last', () => {
  expect(colourAt(drawn(BOX, { ...BOX, class: 1 }), 4, 2)).toBe(RED);
});

it('cuts a box at the picture\'s edges', () => {
  const image = drawn({ class: 0, left: -5, top: -5, right: 50, bottom: 50 });
  expect([colourAt(image, 0, 0), colourAt(image, 19, 9), colourAt(image, 10, 5)]).toEqual([RED, RED, BLACK]);
});

it('draws nothing for a box of no size', () => {
  expect(drawn({ class: 0, left: 5, top: 5, right: 5, bottom: 5 }).data.every((value) => value === 0)).toBe(true);
});

it('draws thicker lines on larger pictures', () => {
  const image = drawBoxes(newImage(480, 240), [{ class: 0, left: 0, top: 0, right: 480, bottom: 240 }]);
  expect([colourAt(image, 100, 1), colourAt(image, 100, 2)]).toEqual([RED, BLACK]);
});
