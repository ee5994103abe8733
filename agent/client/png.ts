import { inflateSync } from 'node:zlib';
import { newImage, type RgbImage } from './pixels';

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  /** Samples of a pixel. */
  readonly channels: number;
}

/** Samples by the colour type: grey, RGB, palette, grey with alpha, RGB with alpha. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** PNG without interlacing; what is transparent becomes white. */
export function decodePng(file: Buffer): RgbImage {
  const chunks = readChunks(file);
  const header = readHeader(chunks.find((chunk) => chunk.type === 'IHDR')?.data);
  const palette = chunks.find((chunk) => chunk.type === 'PLTE')?.data;
  const transparency = chunks.find((chunk) => chunk.type === 'tRNS')?.data;
  const image = newImage(header.width, header.height);
  const stride = Math.ceil((header.width * header.channels * header.depth) / 8);
  const packed = inflateSync(Buffer.concat(chunks.filter((chunk) => chunk.type === 'IDAT').map((chunk) => chunk.data)), { maxOutputLength: (stride + 1) * header.height });
  if (packed.length < (stride + 1) * header.height) { throw new Error('PNG: the file ends before its pixels do'); }
  const rows = unfilter(packed, header, stride);
  for (let pixel = 0; pixel < header.width * header.height; pixel += 1) {
    const y = Math.floor(pixel / header.width);
    const samples = Array.from({ length: header.channels }, (_, channel) => sample(rows, y * stride, (pixel % header.width) * header.channels + channel, header.depth));
    image.data.set(toRgb(samples, header, palette, transparency), pixel * 3);
  }
  return image;
}

function readChunks(file: Buffer): { type: string; data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let offset = 8; offset + 12 <= file.length;) {
    const length = file.readUInt32BE(offset);
    chunks.push({ type: file.toString('latin1', offset + 4, offset + 8), data: file.subarray(offset + 8, offset + 8 + length) });
    offset += 12 + length;
  }
  return chunks;
}

function readHeader(data: Buffer | undefined): Header {
  if (data === undefined || data.length < 13) { throw new Error('PNG: no header'); }
  const colour = data.readUInt8(9);
  const channels = CHANNELS[colour];
  if (channels === undefined || data.readUInt8(12) !== 0) { throw new Error('PNG: wanted a picture without interlacing'); }
  return { width: data.readUInt32BE(0), height: data.readUInt32BE(4), depth: data.readUInt8(8), colour, channels };
}

function unfilter(packed: Buffer, header: Header, stride: number): Buffer {
  const step = Math.max(1, (header.channels * header.depth) / 8);
  const rows = Buffer.alloc(stride * header.height);
  for (let y = 0; y < header.height; y += 1) {
    const filter = packed[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const left = x < step ? 0 : rows[y * stride + x - step] ?? 0;
      const up = y === 0 ? 0 : rows[(y - 1) * stride + x] ?? 0;
      const upLeft = x < step || y === 0 ? 0 : rows[(y - 1) * stride + x - step] ?? 0;
      rows[y * stride + x] = (packed[y * (stride + 1) + 1 + x] ?? 0) + predictor(filter, left, up, upLeft);
    }
  }
  return rows;
}

function predictor(filter: number | undefined, left: number, up: number, upLeft: number): number {
  switch (filter) {
    case 0: return 0;
    case 1: return left;
    case 2: return up;
    case 3: return Math.floor((left + up) / 2);
    case 4: {
      const [a, b, c] = [Math.abs(up - upLeft), Math.abs(left - upLeft), Math.abs(left + up - 2 * upLeft)];
      return a <= b && a <= c ? left : b <= c ? up : upLeft;
    }
    default: throw new Error(`PNG: unknown filter ${filter ?? 'none'}`);
  }
}

/** A sample; of 16 bits the upper eight. */
function sample(rows: Buffer, row: number, index: number, depth: number): number {
  if (depth >= 8) { return rows[row + index * (depth / 8)] ?? 0; }
  const perByte = 8 / depth;
  return ((rows[row + Math.floor(index / perByte)] ?? 0) >> (8 - depth * ((index % perByte) + 1))) & ((1 << depth) - 1);
}

function toRgb(samples: readonly number[], { colour, depth }: Header, palette: Buffer | undefined, transparency: Buffer | undefined): number[] {
  const [first = 0, second = 0, third = 0, fourth = 255] = samples;
  const onWhite = (value: number, alpha: number): number => Math.round((value * alpha + 255 * (255 - alpha)) / 255);
  if (colour === 3) {
    const alpha = transparency?.[first] ?? 255;
    return [0, 1, 2].map((channel) => onWhite(palette?.[first * 3 + channel] ?? 0, alpha));
  }
  if (colour === 0 || colour === 4) {
    const grey = onWhite(depth < 8 ? (first * 255) / ((1 << depth) - 1) : first, colour === 4 ? second : 255);
    return [grey, grey, grey];
  }
  return [first, second, third].map((value) => onWhite(value, fourth));
}
