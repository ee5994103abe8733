import { readFile } from 'node:fs/promises';
import { DataType, type Tensor, type TensorMetadata } from '../generated/agent';
import { dataTypeOf, elementTypeOf } from '../runtime/tensors';
import { castFloats, fromNumbers } from './elements';
import { fitImage, type Fit, type Place } from './image/fit';
import { decodeImage, imageKind } from './image/image';
import { isNpy, readNpy, type ClientTensor } from './npy';
import type { RgbImage } from './image/pixels';
import type { NamedFile } from './predict-options';
import type { ElementType } from '../runtime/protocol';

/** How files become tensors. */
export interface InputOptions {
  /** Of raw files, and of images where the model leaves dimensions open. */
  readonly shape?: readonly number[];
  /** Of images. Otherwise by the place of the dimension of 1, 3 or 4 in the shape. */
  readonly layout?: 'NCHW' | 'NHWC';
  /** Of images: (value / 255 - mean) / std. One number, or one a channel. Whole types get the value itself. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Of images. */
  readonly fit: Fit;
}

/** A picture, and where it lies in the tensor that was made of it. */
export interface Picture {
  readonly path: string;
  readonly image: RgbImage;
  readonly place: Place;
}

export interface ReadInputs {
  readonly tensors: readonly ClientTensor[];
  /** Of the first input whose files are all images: one an item of the batch. */
  readonly pictures: readonly Picture[];
  /** What was done to a file that the user may not expect. */
  readonly notes: readonly string[];
}

interface ReadFile {
  readonly tensor: ClientTensor;
  readonly picture?: Picture;
  readonly note?: string;
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

/** The files as the tensors of a model. Several files of one input are a batch. */
export async function readInputs(
  files: readonly NamedFile[], metadata: readonly TensorMetadata[], options: InputOptions,
): Promise<ReadInputs> {
  const paths = new Map<TensorMetadata, string[]>();
  files.forEach((file, index) => {
    const input = inputOf(file, index, metadata);
    paths.set(input, [...paths.get(input) ?? [], file.path]);
  });
  const read = await Promise.all([...paths].map(([input, ofInput]) => (
    Promise.all(ofInput.map((path) => readTensor(path, input, options)))
  )));
  const ofImages = read.find((one) => one.every(({ picture }) => picture !== undefined)) ?? [];
  return {
    tensors: read.map((one) => stack(one.map(({ tensor }) => tensor))),
    pictures: ofImages.flatMap(({ picture }) => picture ?? []),
    notes: read.flat().flatMap(({ note }) => note === undefined ? [] : [note]),
  };
}

/** By name, or by place. All files without a name are those of a model's only input. */
function inputOf({ input }: NamedFile, index: number, metadata: readonly TensorMetadata[]): TensorMetadata {
  const byPlace = metadata.length === 1 ? metadata[0] : metadata[index];
  const found = input === undefined ? byPlace : metadata.find((candidate) => candidate.name === input);
  if (found === undefined) {
    const names = metadata.map((candidate) => candidate.name).join(', ');
    throw new Error(`the model has no input ${input ?? `at place ${index + 1}`}; it has ${names}`);
  }
  return found;
}

/** Tensors of one input as one, along the first dimension. */
function stack(tensors: readonly ClientTensor[]): ClientTensor {
  const [first, ...others] = tensors;
  if (first === undefined || others.length === 0) {
    return first ?? { name: '', type: 'uint8', shape: [0], data: Buffer.alloc(0) };
  }
  const shown = (tensor: ClientTensor): string => `${tensor.type} [${tensor.shape.join(', ')}]`;
  const inner = (tensor: ClientTensor): string => `${tensor.type} ${tensor.shape.slice(1).join()}`;
  const different = others.find((other) => inner(other) !== inner(first));
  if (different !== undefined || first.shape.length === 0) {
    throw new Error(`input ${first.name}: a batch is of one type and shape but for the first dimension, got ${tensors.map(shown).join(' and ')}`);
  }
  const items = tensors.reduce((sum, { shape: [count = 0] }) => sum + count, 0);
  return { ...first, shape: [items, ...first.shape.slice(1)], data: Buffer.concat(tensors.map(({ data }) => data)) };
}

/** A file as the tensor that an input wants: an image, .npy, or the tensor's bytes. */
async function readTensor(path: string, input: TensorMetadata, options: InputOptions): Promise<ReadFile> {
  const file = await readFile(path);
  const type = elementTypeOf(input.dataType);
  if (type === undefined) {
    throw new Error(`input ${input.name} has the unknown type ${input.dataType}`);
  }
  const kind = imageKind(file);
  if (isNpy(file)) {
    return asType(path, { name: input.name, ...readNpy(file) }, type);
  }
  if (kind === undefined) {
    return { tensor: { name: input.name, type, shape: options.shape ?? input.shape, data: file } };
  }
  const image = decodeImage(kind, file);
  const { tensor, place } = imageTensor(image, input, type, options);
  return { tensor, picture: { path, image, place } };
}

/** Floats of another size are cast: numpy's own are float64, and models take float32. Whole numbers stay as they are. */
function asType(path: string, tensor: ClientTensor, type: ElementType): ReadFile {
  if (tensor.type === type || !tensor.type.startsWith('float') || !type.startsWith('float')) {
    return { tensor };
  }
  return {
    tensor: { ...tensor, type, data: castFloats(path, tensor, type) },
    note: `${path}: cast from ${tensor.type} to ${type}, the type of input ${tensor.name}`,
  };
}

function imageTensor(
  image: RgbImage, input: TensorMetadata, type: ElementType, options: InputOptions,
): { tensor: ClientTensor; place: Place } {
  const shape = imageShape(input, options);
  const inner = shape.slice(-3);
  const layout = options.layout ?? layoutOf(inner);
  const [channelAxis, heightAxis, widthAxis] = layout === 'NCHW' ? [0, 1, 2] : [2, 0, 1];
  const channels = open(inner[channelAxis], 3);
  const height = open(inner[heightAxis], image.height);
  const width = open(inner[widthAxis], image.width);
  const { pixels, place, fill } = fitImage(image, width, height, options.fit);
  const values = new Float64Array(channels * height * width);
  const mean = perChannel('--mean', options.mean, channels);
  const std = perChannel('--std', options.std, channels);
  const whole = !type.startsWith('float');
  const last = fill === undefined ? place.width : width; // zeros are there already
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < last; x += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const value = channelOf(pixels, (y * width + x) * 3, channel, channels);
        const index = layout === 'NCHW' ? (channel * height + y) * width + x : (y * width + x) * channels + channel;
        values[index] = whole ? value : (value / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
      }
    }
  }
  const full = layout === 'NCHW' ? [channels, height, width] : [height, width, channels];
  const tensor = { name: input.name, type, shape: shape.length === 4 ? [1, ...full] : full, data: fromNumbers(type, values) };
  return { tensor, place };
}

function perChannel(option: string, numbers: readonly number[], channels: number): readonly number[] {
  if (numbers.length === 1) {
    return Array.from({ length: channels }, () => numbers[0] ?? 0);
  }
  if (numbers.length !== channels) {
    throw new Error(`${option}: wanted one number, or ${channels} for the channels of the tensor, got ${numbers.join()}`);
  }
  return numbers;
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

/** One channel is the brightness. A fourth is opaque. */
function channelOf(image: RgbImage, offset: number, channel: number, channels: number): number {
  const [red = 0, green = 0, blue = 0] = image.data.subarray(offset, offset + 3);
  if (channels === 1) {
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  return [red, green, blue, 255][channel] ?? 0;
}
