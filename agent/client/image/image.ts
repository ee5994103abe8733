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
  const rows = weights(image.height, height);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (const [sourceY, weightY] of row) {
          for (const [sourceX, weightX] of column) {
            sum += (image.data[(sourceY * image.width + sourceX) * 3 + channel] ?? 0) * weightX * weightY;
          }
        }
        out.data[(y * width + x) * 3 + channel] = Math.round(sum);
      }
    });
  });
  return out;
}

/** For each target place, the source places and how much each counts. */
function weights(from: number, to: number): (readonly [number, number])[][] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, target) => {
    const centre = (target + 0.5) * scale - 0.5;
    const near: [number, number][] = [];
    for (let source = Math.ceil(centre - reach); source <= Math.floor(centre + reach); source += 1) {
      const weight = 1 - Math.abs(source - centre) / reach;
      if (weight > 0) {
        near.push([Math.min(from - 1, Math.max(0, source)), weight]);
      }
    }
    const total = near.reduce((sum, [, weight]) => sum + weight, 0);
    return near.map(([source, weight]) => [source, weight / total] as const);
  });
}
