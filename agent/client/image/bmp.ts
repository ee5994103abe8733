import { newImage, type RgbImage } from './pixels';

/**
 * Uncompressed BMP of 8 (palette), 24 or 32 bits a pixel, as cameras and AWS's samples write it. The npm registry has no
 * reader of BMP that is still looked after.
 */
export function decodeBmp(file: Buffer): RgbImage {
  const start = file.readUInt32LE(10);
  const headerSize = file.readUInt32LE(14);
  if (headerSize < 40) {
    throw new Error('BMP: wanted a header of Windows 3 or later');
  }
  const width = file.readInt32LE(18);
  const signedHeight = file.readInt32LE(22); // negative: the first row is the top one
  const bits = file.readUInt16LE(28);
  const compression = file.readUInt32LE(30);
  const height = Math.abs(signedHeight);
  if (![8, 24, 32].includes(bits) || (compression !== 0 && !(compression === 3 && bits === 32))) {
    throw new Error(`BMP: wanted 8, 24 or 32 bits without compression, got ${bits} bits, compression ${compression}`);
  }
  const image = newImage(width, height);
  const bytes = bits / 8;
  const stride = Math.ceil((width * bytes) / 4) * 4;
  if (start + stride * height > file.length) {
    throw new Error('BMP: the file ends before its pixels do');
  }
  const palette = 14 + headerSize;
  for (let y = 0; y < height; y += 1) {
    const row = start + stride * (signedHeight > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x += 1) {
      const source = bits === 8 ? palette + 4 * file.readUInt8(row + x) : row + x * bytes;
      const target = (y * width + x) * 3;
      image.data[target] = file.readUInt8(source + 2); // blue comes first in the file
      image.data[target + 1] = file.readUInt8(source + 1);
      image.data[target + 2] = file.readUInt8(source);
    }
  }
  return image;
}
