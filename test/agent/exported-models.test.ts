import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { DataType, type Tensor } from '../../agent/generated/agent';
import { AgentProcess, scratchFolder } from './support/agent-process';
import { identityModel, writePackage } from './support/models';
import { onnx, type OnnxType } from './support/onnx';
import { refusal } from './support/refusal';
import { bytes, floats, tensor } from './support/tensors';

jest.setTimeout(60_000); // a process for each model, on a busy machine

const folder = scratchFolder();
let agent: AgentProcess;
let loads = 0;
beforeAll(async () => {
  agent = await AgentProcess.start({ folder });
});
afterAll(() => agent.stop());

/** Loads a model, and gives its name. */
async function load(model: Buffer, change?: (manifest: Record<string, unknown>) => void): Promise<string> {
  loads += 1;
  const name = `m${loads}`;
  await agent.calls.loadModel(name, writePackage(join(folder, name), model, change === undefined ? {} : { change }));
  return name;
}

async function predict(name: string, ...tensors: Tensor[]): Promise<Tensor[]> {
  return (await agent.calls.predict(name, tensors)).tensors;
}

describe('a type that the protocol lacks travels in the next larger one', () => {
  it.each<[OnnxType, DataType, NodeJS.TypedArray]>([
    ['bool', DataType.UINT8, Uint8Array.of(0, 1, 1)],
    ['int8', DataType.INT16, Int16Array.of(-128, 0, 127)],
    ['uint16', DataType.INT32, Int32Array.of(0, 1, 65_535)],
    ['uint32', DataType.INT64, BigInt64Array.of(0n, 1n, 4_294_967_295n)],
  ])('%s', async (type, dataType, values) => {
    const name = await load(identityModel(type, [3]));
    const { model } = await agent.calls.describeModel(name);
    expect(model?.inputTensorMetadatas).toEqual([{ name: 'x', dataType, shape: [3] }]);
    const input = tensor('x', dataType, [3], values);
    const [output] = await predict(name, input);
    expect(output?.tensorMetadata).toEqual({ name: 'y', dataType, shape: [3] });
    expect(bytes(output)).toEqual(bytes(input));
  });

  it.each<[OnnxType, DataType, NodeJS.TypedArray, string]>([
    ['bool', DataType.UINT8, Uint8Array.of(2), 'wanted values of bool, 0 to 1, got 2'],
    ['int8', DataType.INT16, Int16Array.of(-129), 'wanted values of int8, -128 to 127, got -129'],
    ['uint16', DataType.INT32, Int32Array.of(-1), 'wanted values of uint16, 0 to 65535, got -1'],
    ['uint32', DataType.INT64, BigInt64Array.of(4_294_967_296n), 'wanted values of uint32, 0 to 4294967295, got 4294967296'],
  ])('INVALID_ARGUMENT for a value that %s does not have', async (type, dataType, values, details) => {
    const name = await load(identityModel(type, [1]));
    await expect(predict(name, tensor('x', dataType, [1], values))).rejects.toMatchObject(refusal(status.INVALID_ARGUMENT, details));
  });
});

it.each<[OnnxType, string]>([
  ['uint64', 'cast it to int64 in the model'],
  ['string', 'export the model with numbers, or without it'],
])('LoadModel fails when an input is of type %s, and says what to do', async (type, remedy) => {
  await expect(load(identityModel(type, [2]))).rejects.toMatchObject(refusal(status.FAILED_PRECONDITION, `x is of type ${type}, .*: ${remedy}`));
});

it.each(['__proto__', 'constructor', 'an input', 'input:0', 'StatefulPartitionedCall:0', '入力', 'x/y.z', 'ä'])('an input and an output may be named %s', async (name) => {
  const shape = [2];
  const loaded = await load(onnx({
    nodes: [{ operator: 'Identity', inputs: [name], outputs: ['between'] }, { operator: 'Identity', inputs: ['between'], outputs: [`${name}1`] }],
    inputs: [{ name, type: 'float32', shape }],
    outputs: [{ name: `${name}1`, type: 'float32', shape }],
  }));
  const input = floats(name, shape, [1, 2]);
  const [output] = await predict(loaded, input);
  expect(output?.tensorMetadata?.name).toBe(`${name}1`);
  expect(bytes(output)).toEqual(bytes(input));
});

it('an output may be named __proto__', async () => {
  const loaded = await load(onnx({
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['__proto__'] }, { operator: 'Neg', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'float32', shape: [1] }],
    outputs: [{ name: '__proto__', type: 'float32', shape: [1] }, { name: 'y', type: 'float32', shape: [1] }],
  }));
  const outputs = await predict(loaded, floats('x', [1], [3]));
  expect(outputs.map((output) => [output.tensorMetadata?.name, bytes(output).readFloatLE(0)])).toEqual([['__proto__', 3], ['y', -3]]);
});

describe('shapes', () => {
  it('a dimension of 0 is a shape, of an input and of an output', async () => {
    const name = await load(identityModel('float32', [1, 'past', 4]));
    const [output] = await predict(name, floats('x', [1, 0, 4]));
    expect(output?.tensorMetadata?.shape).toEqual([1, 0, 4]);
    expect(bytes(output)).toHaveLength(0);
  });

  it('a dimension of 0 follows from no bytes where one dimension is open', async () => {
    const name = await load(identityModel('float32', [1, 'past', 4]));
    const [output] = await predict(name, { ...floats('x', [0]), tensorMetadata: { name: 'x', dataType: DataType.FLOAT32, shape: [1, -1, 4] } });
    expect(output?.tensorMetadata?.shape).toEqual([1, 0, 4]);
  });

  const UNSHAPED = onnx({
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'float32' }],
    outputs: [{ name: 'y', type: 'float32' }],
  });

  it.each([[[]], [[3]], [[2, 1, 2]], [[0, 5]]])('an input without a declared shape takes [%s]', async (shape) => {
    const [output] = await predict(await load(UNSHAPED), floats('x', shape));
    expect(output?.tensorMetadata?.shape).toEqual(shape);
  });

  it('INVALID_ARGUMENT for several elements without a shape, where the model declares none', async () => {
    const input = { ...floats('x', [3]), tensorMetadata: { name: 'x', dataType: DataType.FLOAT32, shape: [] } };
    await expect(predict(await load(UNSHAPED), input)).rejects.toMatchObject(refusal(status.INVALID_ARGUMENT, 'the model does not declare its shape; give the shape'));
  });

  it('a scalar is one element, and no other', async () => {
    const name = await load(identityModel('float32', []));
    expect(bytes((await predict(name, floats('x', [], [7])))[0]).readFloatLE(0)).toBe(7);
    await expect(predict(name, floats('x', [2]))).rejects.toMatchObject(refusal(status.INVALID_ARGUMENT, 'wanted rank 0'));
  });
});

describe('shapes of the manifest, where the model leaves dimensions open', () => {
  const known = (manifest: Record<string, unknown>): void => {
    manifest.inputs = [{ name: 'x', shape: [1, 3, 2] }];
  };
  const named = (shape: number[]): Tensor => ({ ...floats('x', [1, 3, 2]), tensorMetadata: { name: 'x', dataType: DataType.FLOAT32, shape } });

  it('are what ListModels and DescribeModel tell', async () => {
    const name = await load(identityModel('float32', ['n', 3, 'w']), known);
    const { model } = await agent.calls.describeModel(name);
    expect(model?.inputTensorMetadatas).toEqual([{ name: 'x', dataType: DataType.FLOAT32, shape: [1, 3, 2] }]);
  });

  it.each([[[]], [[-1, 3, -1]], [[1, 3, -1]], [[1, 3, 2]]])('fill what a request leaves open: [%s]', async (shape) => {
    const name = await load(identityModel('float32', ['n', 3, 'w']), known);
    expect((await predict(name, named(shape)))[0]?.tensorMetadata?.shape).toEqual([1, 3, 2]);
  });

  it('do not narrow what the model takes', async () => {
    const name = await load(identityModel('float32', ['n', 3, 'w']), known);
    expect((await predict(name, floats('x', [2, 3, 5])))[0]?.tensorMetadata?.shape).toEqual([2, 3, 5]);
  });

  it('of another rank are not those of the model', async () => {
    const name = await load(identityModel('float32', ['n', 3]), known);
    expect((await agent.calls.describeModel(name)).model?.inputTensorMetadatas[0]?.shape).toEqual([-1, 3]);
  });

  it('that are none are FAILED_PRECONDITION', async () => {
    await expect(load(identityModel('float32', ['n', 3]), (manifest) => {
      manifest.inputs = [{ name: 'x', shape: 'any' }];
    })).rejects.toMatchObject(refusal(status.FAILED_PRECONDITION, 'wanted inputs of'));
  });
});

describe('an input with a default', () => {
  const defaultOf = (type: OnnxType, content: NodeJS.TypedArray): Buffer => onnx({
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }, { operator: 'Identity', inputs: ['d'], outputs: ['z'] }],
    inputs: [{ name: 'x', type: 'float32', shape: [1] }, { name: 'd', type, shape: [2] }],
    outputs: [{ name: 'y', type: 'float32', shape: [1] }, { name: 'z', type, shape: [2] }],
    weights: [{ name: 'd', type, dimensions: [2], content }],
  });
  const x = floats('x', [1], [1]);

  it('has its default where a request leaves it out, and is not among the inputs of DescribeModel', async () => {
    const name = await load(defaultOf('float32', Float32Array.of(10, 20)));
    const { model } = await agent.calls.describeModel(name);
    expect(model?.inputTensorMetadatas.map((input) => input.name)).toEqual(['x']);
    expect(bytes((await predict(name, x))[1])).toEqual(Buffer.from(Float32Array.of(10, 20).buffer));
  });

  it('takes the value of the request, by its name, and has its default again afterwards', async () => {
    const name = await load(defaultOf('float32', Float32Array.of(10, 20)));
    const given = floats('d', [2], [3, 4]);
    expect(bytes((await predict(name, x, given))[1])).toEqual(bytes(given));
    expect(bytes((await predict(name, given, x))[1])).toEqual(bytes(given));
    expect(bytes((await predict(name, x))[1]).readFloatLE(0)).toBe(10);
  });

  it('INVALID_ARGUMENT where the input without a default is missing', async () => {
    const name = await load(defaultOf('float32', Float32Array.of(10, 20)));
    await expect(predict(name, floats('d', [2], [3, 4]))).rejects.toMatchObject(refusal(status.INVALID_ARGUMENT, 'input x is missing'));
  });

  it.each<[OnnxType, NodeJS.TypedArray, NodeJS.TypedArray]>([
    ['bool', Uint8Array.of(1, 0), Uint8Array.of(1, 0)],
    ['int8', Int8Array.of(-1, 2), Int16Array.of(-1, 2)],
    ['uint16', Uint16Array.of(1, 65_535), Int32Array.of(1, 65_535)],
    ['uint32', Uint32Array.of(1, 4_294_967_295), BigInt64Array.of(1n, 4_294_967_295n)],
    ['int64', BigInt64Array.of(-1n, 2n), BigInt64Array.of(-1n, 2n)],
    ['float64', Float64Array.of(-1.5, 2), Float64Array.of(-1.5, 2)],
  ])('may be of type %s', async (type, content, carried) => {
    const [, output] = await predict(await load(defaultOf(type, content)), x);
    expect(bytes(output)).toEqual(Buffer.from(carried.buffer));
  });
});
