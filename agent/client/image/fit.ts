import { resize } from './image';
import { newImage, type RgbImage } from './pixels';

/**
 * How a picture gets the size of a tensor.
 * - `stretch`: to the size.
 * - `pad`: it keeps the proportions at the full height, and fills up at the right.
 * - `letterbox`: it keeps the proportions, in the middle, as YOLO models are trained.
 */
export type Fit = 'stretch' | 'pad' | 'letterbox';

/** Where a picture lies in the tensor, in the tensor's pixels. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A picture in the size of the tensor. */
export interface FittedImage {
  readonly pixels: RgbImage;
  readonly place: Place;
  /** What lies around the picture. Undefined: zeros in the tensor, whatever mean and std are. */
  readonly fill?: number;
}

/** The grey around a picture in Ultralytics' letterbox. */
const GREY = 114;

export function fitImage(image: RgbImage, width: number, height: number, how: Fit): FittedImage {
  switch (how) {
    case 'stretch': return { pixels: resize(image, width, height), place: { left: 0, top: 0, width, height } };
    case 'pad': return placed(image, { left: 0, top: 0, width: padWidth(image, width, height), height }, width, height);
    case 'letterbox': {
      const scale = Math.min(width / image.width, height / image.height);
      const inner = { width: atLeastOne(image.width * scale), height: atLeastOne(image.height * scale) };
      // An odd pixel lies at the right and below, as with Ultralytics.
      const place = { left: Math.floor((width - inner.width) / 2), top: Math.floor((height - inner.height) / 2), ...inner };
      return { ...placed(image, place, width, height, GREY), fill: GREY };
    }
  }
}

function padWidth(image: RgbImage, width: number, height: number): number {
  return Math.min(width, Math.max(1, Math.ceil((image.width / image.height) * height)));
}

function atLeastOne(value: number): number {
  return Math.max(1, Math.round(value));
}

function placed(image: RgbImage, place: Place, width: number, height: number, fill = 0): FittedImage {
  const inner = resize(image, place.width, place.height);
  const pixels = newImage(width, height);
  pixels.data.fill(fill);
  for (let y = 0; y < place.height; y += 1) {
    const row = inner.data.subarray(y * place.width * 3, (y + 1) * place.width * 3);
    pixels.data.set(row, ((place.top + y) * width + place.left) * 3);
  }
  return { pixels, place };
}
