/** Pixels, row by row from the top, three bytes each. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export const MAX_PIXELS = 64 * 2 ** 20;

/** An image with room for its pixels. Refuses sizes that no camera has. */
export function newImage(width: number, height: number): RgbImage {
  if (width < 1 || height < 1 || width * height > MAX_PIXELS) {
    throw new Error(`an image of ${width} x ${height} pixels`);
  }
  return { width, height, data: new Uint8Array(width * height * 3) };
}
