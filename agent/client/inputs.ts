import { readFile } from 'node:fs/promises';
import { DataType, type Tensor, type TensorMetadata } from '../generated/agent';
import { dataTypeOf, elementTypeOf } from '../runtime/tensors';
import { fromNumbers } from './elements';
import { decodeImage, imageKind, resize } from './image';
import { isNpy, readNpy, type ClientTensor } from './npy';
import { newImage, type RgbImage } from './pixels';
import type { ElementType } from '../runtime/protocol';

/** How files become tensors. */
export interface InputOptions {
  /** Of raw files, and of images where the model leaves dimensions open. */
  readonly shape?: readonly number[];
  /** Of images. Otherwise by the place of the dimension of 1, 3 or 4 in the shape. */
  readonly layout?: 'NCHW' | 'NHWC';
  /** Of images: (value / 255 - mean) / std. Whole types get the value itself. */
  readonly mean: number;
  readonly std: number;
  /** Of images: `stretch` to the size. `pad` keeps the proportions at the full height and fills up at the right. */
  readonly fit: 'stretch' | 'pad';
}

export function toProtocol({ name, type, shape, data }: ClientTensor): Tensor {
  return { tensorMetadata: { name, dataType: dataTypeOf(type), shape: [...shape] }, data: { $case: 'byteData', byteData: data } };
}

export function fromProtocol(tensor: Tensor): ClientTensor {
  const type = elementTypeOf(tensor.tensorMetadata?.dataType ?? DataType.UNRECOGNIZED);
  if (tensor.tensorMetadata === undefined || type === undefined || tensor.data?.$case !== 'byteData') {
    throw new Error('the agent answered with a tensor that this client does not know');
  }
  return { name: tensor.tensorMetadata.name, type, shape: tensor.tensorMetadata.shape, data: tensor.data.byteData };
}

/** A file as the tensor that an input wants: an image, .npy, or the tensor's bytes. */
export async function tensorFromFile(path: string, input: TensorMetadata, options: InputOptions): Promise<ClientTensor> {
  const file = await readFile(path);
  const type = elementTypeOf(input.dataType);
  if (type === undefined) {
    throw new Error(`input ${input.name} has the unknown type ${input.dataType}`);
  }
  const kind = imageKind(file);
  if (isNpy(file)) {
    return { name: input.name, ...readNpy(file) };
  }
  if (kind === undefined) {
    return { name: input.name, type, shape: options.shape ?? input.shape, data: file };
  }
  return imageTensor(decodeImage(kind, file), input, type, options);
}

function imageTensor(image: RgbImage, input: TensorMetadata, type: ElementType, options: InputOptions): ClientTensor {
  const shape = imageShape(input, options);
  const inner = shape.slice(-3);
  const layout = options.layout ?? layoutOf(inner);
  const [channelAxis, heightAxis, widthAxis] = layout === 'NCHW' ? [0, 1, 2] : [2, 0, 1];
  const channels = open(inner[channelAxis], 3);
  const height = open(inner[heightAxis], image.height);
  const width = open(inner[widthAxis], image.width);
  const { pixels, used } = fit(image, width, height, options.fit);
  const values = new Float64Array(channels * height * width);
  const whole = !type.startsWith('float');
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < used; x += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const value = channelOf(pixels, (y * width + x) * 3, channel, channels);
        const index = layout === 'NCHW' ? (channel * height + y) * width + x : (y * width + x) * channels + channel;
        values[index] = whole ? value : (value / 255 - options.mean) / options.std;
      }
    }
  }
  const full = layout === 'NCHW' ? [channels, height, width] : [height, width, channels];
  return { name: input.name, type, shape: shape.length === 4 ? [1, ...full] : full, data: fromNumbers(type, values) };
}

function imageShape(input: TensorMetadata, options: InputOptions): number[] {
  const shape = (options.shape ?? input.shape).map((dimension, axis) => dimension === -1 ? input.shape[axis] ?? -1 : dimension);
  if (shape.length !== 4 && shape.length !== 3) {
    const wanted = 'an image needs [1, channels, height, width] or [1, height, width, channels]';
    throw new Error(`input ${input.name} has the shape [${shape.join(', ')}]: ${wanted}`);
  }
  return shape;
}

/** By the place of a dimension that can only be that of the channels. */
function layoutOf(inner: readonly number[]): 'NCHW' | 'NHWC' {
  const isChannels = (dimension = -1): boolean => [1, 3, 4].includes(dimension);
  return isChannels(inner[2]) && !isChannels(inner[0]) ? 'NHWC' : 'NCHW';
}

function open(dimension: number | undefined, fallback: number): number {
  return dimension === undefined || dimension < 1 ? fallback : dimension;
}

/** The picture in the wanted size, and how many columns of it are picture. What is padded stays zero in the tensor. */
function fit(image: RgbImage, width: number, height: number, how: 'stretch' | 'pad'): { pixels: RgbImage; used: number } {
  if (how === 'stretch') {
    return { pixels: resize(image, width, height), used: width };
  }
  const used = Math.min(width, Math.max(1, Math.ceil((image.width / image.height) * height)));
  const narrow = resize(image, used, height);
  const pixels = newImage(width, height);
  for (let y = 0; y < height; y += 1) {
    pixels.data.set(narrow.data.subarray(y * used * 3, (y + 1) * used * 3), y * width * 3);
  }
  return { pixels, used };
}

/** One channel is the brightness. A fourth is opaque. */
function channelOf(image: RgbImage, offset: number, channel: number, channels: number): number {
  const [red = 0, green = 0, blue = 0] = image.data.subarray(offset, offset + 3);
  if (channels === 1) {
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  return [red, green, blue, 255][channel] ?? 0;
}
