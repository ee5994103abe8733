import { fitImage } from '../../../../agent/client/image/fit';
import { newImage, type RgbImage } from '../../../../agent/client/image/pixels';

function plain(width: number, height: number): RgbImage {
  const image = newImage(width, height);
  image.data.fill(200);
  return image;
}

/** The red of each pixel, a row each. */
function rows({ width, height, data }: RgbImage): number[][] {
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (__, x) => data[(y * width + x) * 3] ?? -1));
}

describe('letterbox', () => {
  it.each([
    ['wide', 200, 100, { left: 0, top: 16, width: 64, height: 32 }],
    ['high', 100, 200, { left: 16, top: 0, width: 32, height: 64 }],
    ['square', 640, 640, { left: 0, top: 0, width: 64, height: 64 }],
    ['small, which is enlarged', 8, 4, { left: 0, top: 16, width: 64, height: 32 }],
    ['that leaves an odd row, which lies below', 64, 63, { left: 0, top: 0, width: 64, height: 63 }],
    ['that leaves three rows', 64, 61, { left: 0, top: 1, width: 64, height: 61 }],
    ['as thin as a line', 6400, 1, { left: 0, top: 31, width: 64, height: 1 }],
  ])('of a picture that is %s', (_, width, height, place) => {
    expect(fitImage(plain(width, height), 64, 64, 'letterbox').place).toEqual(place);
  });

  it('fills up with grey around the picture', () => {
    const { pixels, fill } = fitImage(plain(4, 2), 4, 4, 'letterbox');
    expect(fill).toBe(114);
    expect(rows(pixels)).toEqual([Array(4).fill(114), Array(4).fill(200), Array(4).fill(200), Array(4).fill(114)]);
  });
});

it('pad keeps the proportions at the full height, with zeros at the right', () => {
  const { pixels, place, fill } = fitImage(plain(2, 4), 4, 4, 'pad');
  expect(place).toEqual({ left: 0, top: 0, width: 2, height: 4 });
  expect(fill).toBeUndefined();
  expect(rows(pixels)).toEqual(Array(4).fill([200, 200, 0, 0]));
});

it('pad of a picture that is too wide squeezes it', () => {
  expect(fitImage(plain(40, 4), 4, 4, 'pad').place).toEqual({ left: 0, top: 0, width: 4, height: 4 });
});

it('stretch fills the tensor', () => {
  const { pixels, place } = fitImage(plain(2, 4), 3, 3, 'stretch');
  expect(place).toEqual({ left: 0, top: 0, width: 3, height: 3 });
  expect(rows(pixels)).toEqual(Array(3).fill([200, 200, 200]));
});
