import { messageOf } from '../status';
import { decodeBmp } from './bmp';
import { newImage, type RgbImage } from './pixels';
import { decodePng } from './png';

/** The kind of a file by its first bytes; undefined: no image. */
export function imageKind(file: Buffer): 'bmp' | 'png' | 'jpeg' | undefined {
  if (file.length < 4) { return undefined; }
  if (file.toString('latin1', 0, 2) === 'BM') { return 'bmp'; }
  if (file.readUInt32BE(0) === 0x89504e47) { return 'png'; }
  return file.readUInt16BE(0) === 0xffd8 ? 'jpeg' : undefined;
}

export async function decodeImage(kind: 'bmp' | 'png' | 'jpeg', file: Buffer): Promise<RgbImage> {
  switch (kind) {
    case 'bmp': return decodeBmp(file);
    case 'png': return decodePng(file);
    case 'jpeg': return decodeJpeg(file);
  }
}

/** sharp stays out of the client's bundle (19 MB of native code): JPEG works where it is installed. */
async function decodeJpeg(file: Buffer): Promise<RgbImage> {
  const { default: sharp } = await import('sharp').catch((error: unknown) => {
    throw new Error(`JPEG needs the package sharp, which is not installed here (${messageOf(error).split('\n', 1).join('')}): install it, or convert the picture to PNG or BMP`);
  });
  const { data, info } = await sharp(file).rotate().toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const image = newImage(info.width, info.height);
  for (let pixel = 0; pixel < info.width * info.height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      image.data[pixel * 3 + channel] = data[pixel * info.channels + Math.min(channel, info.channels - 1)] ?? 0;
    }
  }
  return image;
}

/** Bilinear, on pixel centres; shrinking averages over the area that a pixel covers. */
export function resize(image: RgbImage, width: number, height: number): RgbImage {
  if (image.width === width && image.height === height) { return image; }
  const out = newImage(width, height);
  const columns = weights(image.width, width);
  const rows = weights(image.height, height);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (const [sourceY, weightY] of row) {
          for (const [sourceX, weightX] of column) { sum += (image.data[(sourceY * image.width + sourceX) * 3 + channel] ?? 0) * weightX * weightY; }
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
      if (weight > 0) { near.push([Math.min(from - 1, Math.max(0, source)), weight]); }
    }
    const total = near.reduce((sum, [, weight]) => sum + weight, 0);
    return near.map(([source, weight]) => [source, weight / total] as const);
  });
}
