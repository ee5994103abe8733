import { PNG } from 'pngjs';
import { messageOf } from '../../status';
import { newImage, type RgbImage } from './pixels';

// The header chunk is the first one: its place in the file is fixed.
const WIDTH = 16;
const HEIGHT = 20;
const INTERLACE = 28;
const HEADER_END = 33;

/** PNG without interlacing. What is transparent becomes white. */
export function decodePng(file: Buffer): RgbImage {
  if (file.length < HEADER_END) {
    throw new Error('PNG: no header');
  }
  // pngjs unpacks an interlaced picture without a limit: a small file could fill the memory.
  if (file.readUInt8(INTERLACE) !== 0) {
    throw new Error('PNG: wanted a picture without interlacing');
  }
  const image = newImage(file.readUInt32BE(WIDTH), file.readUInt32BE(HEIGHT)); // refuses sizes before anything is unpacked
  const rgba = decodeRgba(file);
  for (let pixel = 0; pixel < image.width * image.height; pixel += 1) {
    const alpha = rgba[pixel * 4 + 3] ?? 255;
    for (let channel = 0; channel < 3; channel += 1) {
      image.data[pixel * 3 + channel] = onWhite(rgba[pixel * 4 + channel] ?? 0, alpha);
    }
  }
  return image;
}

/** Eight bits a sample, whatever the file has. */
function decodeRgba(file: Buffer): Buffer {
  try {
    return PNG.sync.read(file).data;
  } catch (error) {
    throw new Error(`PNG: ${messageOf(error)}`);
  }
}

function onWhite(value: number, alpha: number): number {
  return Math.round((value * alpha + 255 * (255 - alpha)) / 255);
}

export function encodePng({ width, height, data }: RgbImage): Buffer {
  const image = new PNG({ width, height });
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    image.data.set(data.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
    image.data[pixel * 4 + 3] = 255;
  }
  return PNG.sync.write(image, { colorType: 2 });
}
