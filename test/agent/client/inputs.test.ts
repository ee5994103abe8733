import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '../../../agent/client/image/png';
import { fromNumbers, toNumbers } from '../../../agent/client/elements';
import { readInputs, type InputOptions } from '../../../agent/client/inputs';
import { writeNpy } from '../../../agent/client/npy';
import { DataType, type TensorMetadata } from '../../../agent/generated/agent';
import type { ElementType } from '../../../agent/runtime/protocol';

const folder = mkdtempSync(join(tmpdir(), 'inputs-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const PLAIN: InputOptions = { mean: [0], std: [1], fit: 'stretch' };
const RED = 51; // 0.2 of 255
const GREEN = 102;
const BLUE = 204;

/** A picture of one colour. */
function pngFile(name: string, width: number, height: number): string {
  const data = Uint8Array.from({ length: width * height }).reduce<number[]>((all) => [...all, RED, GREEN, BLUE], []);
  writeFileSync(join(folder, name), encodePng({ width, height, data: Uint8Array.from(data) }));
  return join(folder, name);
}

function npyFile(name: string, type: ElementType, shape: readonly number[], values: readonly number[]): string {
  writeFileSync(join(folder, name), writeNpy({ type, shape, data: fromNumbers(type, values) }));
  return join(folder, name);
}

function input(shape: readonly number[], dataType = DataType.FLOAT32, name = 'x'): TensorMetadata {
  return { name, dataType, shape: [...shape] };
}

async function read(paths: readonly string[], metadata: TensorMetadata, options: Partial<InputOptions> = {}) {
  const { tensors: [tensor], ...others } = await readInputs(paths.map((path) => ({ path })), [metadata], { ...PLAIN, ...options });
  if (tensor === undefined) {
    throw new Error('wanted a tensor');
  }
  return { ...others, type: tensor.type, shape: tensor.shape, values: [...toNumbers(tensor)].map((value) => Number(value.toFixed(5))) };
}

describe('--mean and --std', () => {
  it.each([
    ['one for all channels', [0.2], [0.5], [0, 0.4, 1.2]],
    ['one a channel', [0.2, 0.4, 0.8], [1, 1, 1], [0, 0, 0]],
    ['one mean, and a deviation a channel', [0], [1, 2, 4], [0.2, 0.2, 0.2]],
  ])('%s', async (_, mean, std, [red, green, blue]) => {
    const file = pngFile('plain.png', 2, 1);
    expect((await read([file], input([1, 3, 1, 2]), { mean, std })).values).toEqual([red, red, green, green, blue, blue]);
    expect((await read([file], input([1, 1, 2, 3]), { mean, std, layout: 'NHWC' })).values).toEqual([red, green, blue, red, green, blue]);
  });

  it('are not for whole types', async () => {
    const { values } = await read([pngFile('plain.png', 1, 1)], input([1, 3, 1, 1], DataType.UINT8), { mean: [0.5], std: [0.5] });
    expect(values).toEqual([RED, GREEN, BLUE]);
  });

  it.each([['--mean', { mean: [1, 2] }], ['--std', { std: [1, 2] }]])('fails when %s has another number of channels', async (option, options) => {
    await expect(read([pngFile('plain.png', 1, 1)], input([1, 3, 1, 1]), options)).rejects.toThrow(`${option}: wanted one number, or 3 for the channels of the tensor, got 1,2`);
  });
});

describe('--fit', () => {
  it('letterbox fills up with grey, which --mean and --std change as they do the picture', async () => {
    const { values, pictures } = await read([pngFile('plain.png', 2, 1)], input([1, 3, 2, 2]), { fit: 'letterbox', mean: [0.2], std: [0.5] });
    const grey = Number(((114 / 255 - 0.2) / 0.5).toFixed(5));
    expect(values).toEqual([0, 0, grey, grey, 0.4, 0.4, grey, grey, 1.2, 1.2, grey, grey]);
    expect(pictures[0]?.place).toEqual({ left: 0, top: 0, width: 2, height: 1 });
  });

  it('pad fills up with zeros, whatever --mean and --std are', async () => {
    const { values } = await read([pngFile('plain.png', 1, 1)], input([1, 1, 2, 3]), { layout: 'NHWC', fit: 'pad', mean: [0.2], std: [0.5] });
    expect(values).toEqual([0, 0.4, 1.2, 0, 0, 0]);
  });
});

describe('.npy', () => {
  it.each([
    ['float64', DataType.FLOAT32, 'float32'],
    ['float32', DataType.FLOAT64, 'float64'],
    ['float32', DataType.FLOAT16, 'float16'],
    ['float16', DataType.FLOAT32, 'float32'],
  ] as const)('of %s is cast to the type of the input, %s, with a note', async (from, dataType, to) => {
    const file = npyFile('floats.npy', from, [2], [0.5, -2]);
    expect(await read([file], input([2], dataType))).toMatchObject({
      type: to, values: [0.5, -2], notes: [`${file}: cast from ${from} to ${to}, the type of input x`],
    });
  });

  it('of the type of the input stays as it is, without a note', async () => {
    expect(await read([npyFile('floats.npy', 'float32', [2], [0.5, -2])], input([2]))).toMatchObject({ type: 'float32', notes: [] });
  });

  it('of whole numbers stays as it is, so that the agent says what it wants', async () => {
    expect(await read([npyFile('whole.npy', 'int64', [2], [1, 2])], input([2]))).toMatchObject({ type: 'int64', notes: [] });
    expect(await read([npyFile('floats.npy', 'float32', [1], [1])], input([1], DataType.INT64))).toMatchObject({ type: 'float32', notes: [] });
  });

  it('keeps infinity, and what is no number', async () => {
    expect((await read([npyFile('odd.npy', 'float64', [2], [Infinity, NaN])], input([2]))).values).toEqual([Infinity, NaN]);
  });

  it.each([[DataType.FLOAT32, 1e39, 'float32'], [DataType.FLOAT16, 70_000, 'float16']])('fails when a number is too large for the type %s', async (dataType, value, type) => {
    const file = npyFile('large.npy', 'float64', [2], [0, value]);
    await expect(read([file], input([2], dataType))).rejects.toThrow(`${file}: ${value} is too large for ${type}`);
  });
});

describe('several files of one input', () => {
  it('are a batch, in their order', async () => {
    const [wide, high] = [pngFile('wide.png', 4, 2), pngFile('high.png', 2, 4)];
    const { shape, pictures } = await read([wide, high], input([-1, 3, 4, 4]), { fit: 'letterbox' });
    expect(shape).toEqual([2, 3, 4, 4]);
    expect(pictures.map(({ path, place }) => [path, place.width, place.height])).toEqual([[wide, 4, 2], [high, 2, 4]]);
  });

  it('may hold several items each', async () => {
    const files = [npyFile('one.npy', 'float32', [1, 2], [1, 2]), npyFile('two.npy', 'float32', [2, 2], [3, 4, 5, 6])];
    expect(await read(files, input([-1, 2]))).toMatchObject({ shape: [3, 2], values: [1, 2, 3, 4, 5, 6], pictures: [] });
  });

  it('fails when they differ in more than the first dimension', async () => {
    const files = [npyFile('one.npy', 'float32', [1, 2], [1, 2]), npyFile('two.npy', 'float32', [1, 3], [3, 4, 5])];
    await expect(read(files, input([-1, 2]))).rejects.toThrow('input x: a batch is of one type and shape but for the first dimension, got float32 [1, 2] and float32 [1, 3]');
  });

  it('fails when they are scalars', async () => {
    const files = [npyFile('one.npy', 'float32', [], [1]), npyFile('two.npy', 'float32', [], [3])];
    await expect(read(files, input([]))).rejects.toThrow('input x: a batch is of one type and shape but for the first dimension');
  });
});

describe('several inputs', () => {
  const METADATA = [input([1, 1]), input([1, 3, 1, 1], DataType.FLOAT32, 'picture')];

  it('have a file each by place, or by name, and pictures are those of the input of images', async () => {
    const [numbers, picture] = [npyFile('one.npy', 'float32', [1, 1], [1]), pngFile('plain.png', 1, 1)];
    const byPlace = await readInputs([{ path: numbers }, { path: picture }], METADATA, PLAIN);
    const byName = await readInputs([{ path: picture, input: 'picture' }, { path: numbers, input: 'x' }], METADATA, PLAIN);
    expect(byPlace.tensors.map(({ name }) => name)).toEqual(['x', 'picture']);
    expect(byName.tensors.map(({ name }) => name)).toEqual(['picture', 'x']);
    expect([byPlace, byName].map(({ pictures }) => pictures.map(({ path }) => path))).toEqual([[picture], [picture]]);
  });

  it.each([
    ['a name', [{ path: 'f', input: 'z' }], 'the model has no input z; it has x, picture'],
    ['a place', [{ path: 'f' }, { path: 'f' }, { path: 'f' }], 'the model has no input at place 3; it has x, picture'],
  ])('fails when the model has no input of %s', async (_, files, message) => {
    await expect(readInputs(files, METADATA, PLAIN)).rejects.toThrow(message);
  });
});

it('fails when an image is for an input that has no room for one', async () => {
  await expect(read([pngFile('plain.png', 1, 1)], input([1, 10]))).rejects.toThrow('input x has the shape [1, 10]: an image needs [1, channels, height, width] or [1, height, width, channels]');
});
