import { PNG } from 'pngjs';
import { toNumbers } from '../../client/elements';
import { ELEMENT_BYTES, ELEMENT_TYPES, type ElementType } from '../../runtime/protocol';
import type { CapturedItem } from './record';

/** A captured tensor, decoded. */
export interface CapturedTensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Buffer;
}

/** The smallest side of what is taken for a picture. */
const LEAST_SIDE = 8;
const SHOWN = 6;

/** The bytes of an item: `raw` where it is an object beside the record. */
export function bytesOf({ encoding, data = '' }: CapturedItem, raw: Buffer | undefined): Buffer {
  return raw ?? Buffer.from(data, encoding === 'CSV' ? 'utf8' : 'base64');
}

/** Type and shape by the content type of an item, and the bytes of such a tensor; undefined where it names no type. */
export function formOf(contentType: string): (Pick<CapturedTensor, 'type' | 'shape'> & { readonly bytes: number }) | undefined {
  const match = /^Tensor\[(?<type>\w+)(?:; (?<shape>[\d, -]+))?\]$/.exec(contentType)?.groups;
  const type = ELEMENT_TYPES.find((candidate) => candidate === match?.type?.toLowerCase());
  if (type === undefined) {
    return undefined;
  }
  const shape = match?.shape === undefined ? [] : match.shape.split(', ').map(Number);
  return { type, shape, bytes: shape.reduce((product, dimension) => product * dimension, ELEMENT_BYTES[type]) };
}

/** The tensor of an item; undefined for auxiliary data and for bytes whose type or shape nobody gave. */
export function tensorOf({ contentType }: Pick<CapturedItem, 'contentType'>, data: Buffer): CapturedTensor | undefined {
  const form = formOf(contentType);
  return form?.bytes === data.length ? { type: form.type, shape: form.shape, data } : undefined;
}

/** What a person wants to know of a tensor: `FLOAT32 [1, 10]  0.01 … 0.93, mean 0.1  0.02, 0.93, …`. */
export function summary({ type, shape, data }: CapturedTensor): string {
  const values = toNumbers({ type, data });
  const head = `${type.toUpperCase()} [${shape.join(', ')}]`;
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length === 0) {
    return `${head}  ${values.length === 0 ? 'empty' : 'no finite value'}`;
  }
  const { least, most, sum } = finite.reduce((so, value) => ({
    least: Math.min(so.least, value), most: Math.max(so.most, value), sum: so.sum + value,
  }), { least: Infinity, most: -Infinity, sum: 0 });
  const first = `${Array.from(values.slice(0, SHOWN), short).join(', ')}${values.length > SHOWN ? ', …' : ''}`;
  return `${head}  min ${short(least)}, max ${short(most)}, mean ${short(sum / finite.length)}: ${first}`;
}

/** How pictures became a tensor. What is left out is told from the tensor. */
export interface PictureForm {
  /** [C, H, W], not [H, W, C]. */
  readonly isPlanar?: boolean;
  /** One number, or one a channel. Floats were (value / 255 - mean) / std; whole types have the value itself. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

/**
 * A tensor that has the shape of pictures, as PNG, one for each item of the batch: [N, C, H, W], [N, H, W, C], or without N, C 1 or 3.
 * uint8 as it is, values from 0 to 1 times 255; others are spread from their least to their greatest, unless the form says how.
 */
export function picturesOf({ type, shape, data }: CapturedTensor, form: PictureForm = {}): Buffer[] {
  const layout = layoutOf(shape, form.isPlanar);
  if (layout === undefined) {
    return [];
  }
  const values = toNumbers({ type, data });
  const { count, height, width, channels } = layout;
  const size = height * width * channels;
  return Array.from({ length: count }, (_, item) => {
    const part = values.subarray(item * size, (item + 1) * size);
    const scale = form.mean === undefined && form.std === undefined ? scaleOf(type, part) : undoing(type, form);
    const png = new PNG({ width, height });
    for (let pixel = 0; pixel < height * width; pixel += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const source = channels === 1 ? 0 : channel;
        const at = layout.isPlanar ? source * height * width + pixel : pixel * channels + source;
        png.data[pixel * 4 + channel] = scale(part[at] ?? 0, source);
      }
      png.data[pixel * 4 + 3] = 255;
    }
    return PNG.sync.write(png);
  });
}

interface Layout {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** [C, H, W], not [H, W, C]. */
  readonly isPlanar: boolean;
}

function layoutOf(shape: readonly number[], wantsPlanar?: boolean): Layout | undefined {
  const [count, a, b, c] = shape.length === 3 ? [1, ...shape] : shape;
  if (shape.length < 3 || shape.length > 4 || count === undefined || a === undefined || b === undefined || c === undefined || count < 1) {
    return undefined;
  }
  const isPicture = (channels: number, height: number, width: number): boolean => (
    (channels === 1 || channels === 3) && height >= LEAST_SIDE && width >= LEAST_SIDE
  );
  if (wantsPlanar !== false && isPicture(a, b, c)) {
    return { count, channels: a, height: b, width: c, isPlanar: true };
  }
  return wantsPlanar !== true && isPicture(c, a, b) ? { count, channels: c, height: a, width: b, isPlanar: false } : undefined;
}

type Scale = (value: number, channel: number) => number;

/** What the client did to a picture, the other way round. */
function undoing(type: ElementType, { mean = [0], std = [1] }: PictureForm): Scale {
  const isWhole = !type.startsWith('float');
  return (value, channel) => {
    const pixel = isWhole ? value : ((value * (std[channel] ?? std[0] ?? 1)) + (mean[channel] ?? mean[0] ?? 0)) * 255;
    return Math.round(Math.min(255, Math.max(0, pixel)));
  };
}

function scaleOf(type: ElementType, values: Float64Array): Scale {
  if (type === 'uint8') {
    return (value) => value;
  }
  const finite = values.filter((value) => Number.isFinite(value));
  const least = finite.reduce((so, value) => Math.min(so, value), Infinity);
  const most = finite.reduce((so, value) => Math.max(so, value), -Infinity);
  const [from, to] = least >= 0 && most <= 1 ? [0, 1] : [least, most];
  return (value) => Math.round(255 * Math.min(1, Math.max(0, (value - from) / (to > from ? to - from : 1))));
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
