import { decode } from 'jpeg-js';
import { messageOf } from '../../status';
import { MAX_PIXELS, newImage, type RgbImage } from './pixels';

/**
 * Baseline and progressive JPEG, grey, colour or CMYK, turned as its EXIF says. In plain JavaScript: a device has no more.
 * EXIF is read here for its one field of interest: a library for all of EXIF is many times these lines.
 */
export function decodeJpeg(file: Buffer): RgbImage {
  const { width, height, data } = decodeWhole(file);
  const turn = TURNS[orientationOf(file)] ?? UPRIGHT;
  const image = turn.swaps ? newImage(height, width) : newImage(width, height);
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      const [sourceX, sourceY] = turn.source(x, y, width - 1, height - 1);
      image.data.set(data.subarray((sourceY * width + sourceX) * 3, (sourceY * width + sourceX) * 3 + 3), (y * image.width + x) * 3);
    }
  }
  return image;
}

function decodeWhole(file: Buffer): RgbImage {
  // The decoder fills a cut-off picture up with grey. A thumbnail's end lies before the last start of pixels.
  if (!file.includes(END_OF_IMAGE, Math.max(0, file.lastIndexOf(START_OF_PIXELS)))) {
    throw new Error('JPEG: the file ends before its pixels do');
  }
  try {
    return decode(file, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: MAX_PIXELS / 1e6,
      maxMemoryUsageInMB: 1024,
    });
  } catch (error) {
    throw new Error(`JPEG: ${messageOf(error)}`);
  }
}

const START_OF_PIXELS = Buffer.from('ffda', 'hex');
const END_OF_IMAGE = Buffer.from('ffd9', 'hex');

interface Turn {
  /** Width and height change places. */
  readonly swaps: boolean;
  /** Where the pixel at a place of the upright picture is in the file. `right` and `bottom` are the last places there. */
  readonly source: (x: number, y: number, right: number, bottom: number) => readonly [number, number];
}

const UPRIGHT: Turn = { swaps: false, source: (x, y) => [x, y] };

/** EXIF's orientations, 1 to 8. */
const TURNS: Readonly<Record<number, Turn>> = {
  2: { swaps: false, source: (x, y, right) => [right - x, y] },
  3: { swaps: false, source: (x, y, right, bottom) => [right - x, bottom - y] },
  4: { swaps: false, source: (x, y, _, bottom) => [x, bottom - y] },
  5: { swaps: true, source: (x, y) => [y, x] },
  6: { swaps: true, source: (x, y, _, bottom) => [y, bottom - x] },
  7: { swaps: true, source: (x, y, right, bottom) => [right - y, bottom - x] },
  8: { swaps: true, source: (x, y, right) => [right - y, x] },
};

/** The orientation in the first EXIF segment. 1 where there is none. */
function orientationOf(file: Buffer): number {
  for (let offset = 2; offset + 4 <= file.length && file.readUInt8(offset) === 0xff; offset += 2 + file.readUInt16BE(offset + 2)) {
    const marker = file.readUInt8(offset + 1);
    if (marker === 0xda) { // the pixels begin
      break;
    }
    if (marker === 0xe1 && file.toString('latin1', offset + 4, offset + 10) === 'Exif\0\0') {
      return readOrientation(file.subarray(offset + 10, offset + 2 + file.readUInt16BE(offset + 2)));
    }
  }
  return 1;
}

const ORIENTATION_TAG = 0x0112;

/** From TIFF: its byte order, the place of its first directory, entries of 12 bytes. Damaged: as if there were none. */
function readOrientation(tiff: Buffer): number {
  if (tiff.length < 8) {
    return 1;
  }
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const short = (offset: number): number => {
    if (offset + 2 > tiff.length) {
      return 0;
    }
    return little ? tiff.readUInt16LE(offset) : tiff.readUInt16BE(offset);
  };
  for (let entry = 0; entry < short(directory); entry += 1) {
    const offset = directory + 2 + 12 * entry;
    if (short(offset) === ORIENTATION_TAG) {
      return short(offset + 8);
    }
  }
  return 1;
}
