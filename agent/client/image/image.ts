import { decodeBmp } from './bmp';
import { decodeJpeg } from './jpeg';
import { newImage, type RgbImage } from './pixels';
import { decodePng } from './png';

/** The kind of a file by its first bytes. Undefined: no image. */
export function imageKind(file: Buffer): 'bmp' | 'png' | 'jpeg' | undefined {
  if (file.length < 4) {
    return undefined;
  }
  if (file.toString('latin1', 0, 2) === 'BM') {
    return 'bmp';
  }
  if (file.readUInt32BE(0) === 0x89504e47) {
    return 'png';
  }
  return file.readUInt16BE(0) === 0xffd8 ? 'jpeg' : undefined;
}

export function decodeImage(kind: 'bmp' | 'png' | 'jpeg', file: Buffer): RgbImage {
  switch (kind) {
    case 'bmp': return decodeBmp(file);
    case 'png': return decodePng(file);
    case 'jpeg': return decodeJpeg(file);
  }
}

/** Bilinear, on pixel centres. Shrinking averages over the area that a pixel covers. */
export function resize(image: RgbImage, width: number, height: number): RgbImage {
  if (image.width === width && image.height === height) {
    return image;
  }
  const out = newImage(width, height);
  const columns = weights(image.width, width);
  weights(image.height, height).forEach((rows, y) => {
    const blended = blendRows(image, rows);
    columns.forEach((sources, x) => {
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (const { place, weight } of sources) {
          sum += (blended[place * 3 + channel] ?? 0) * weight;
        }
        out.data[(y * width + x) * 3 + channel] = Math.round(sum);
      }
    });
  });
  return out;
}

/** Rows of the picture as one, not rounded yet. */
function blendRows({ width, data }: RgbImage, rows: readonly Source[]): Float64Array {
  const length = width * 3;
  const blended = new Float64Array(length);
  for (const { place, weight } of rows) {
    for (let index = 0; index < length; index += 1) {
      blended[index] = (blended[index] ?? 0) + (data[place * length + index] ?? 0) * weight;
    }
  }
  return blended;
}

/** A place of the source, and how much it counts. */
interface Source {
  readonly place: number;
  readonly weight: number;
}

/** The sources of each target place. */
function weights(from: number, to: number): Source[][] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, target) => {
    const centre = (target + 0.5) * scale - 0.5;
    const near: Source[] = [];
    for (let source = Math.ceil(centre - reach); source <= Math.floor(centre + reach); source += 1) {
      const weight = 1 - Math.abs(source - centre) / reach;
      if (weight > 0) {
        near.push({ place: Math.min(from - 1, Math.max(0, source)), weight });
      }
    }
    const total = near.reduce((sum, { weight }) => sum + weight, 0);
    return near.map(({ place, weight }) => ({ place, weight: weight / total }));
  });
}
