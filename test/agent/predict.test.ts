import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { DataType, type Tensor } from '../../agent/generated/agent';
import { AgentProcess, scratchFolder } from './support/agent-process';
import { identityModel, slowModel, writePackage } from './support/models';
import { CLASSIFIER } from '../ocr-models';
import { refusal } from './support/refusal';
import { bytes, floats, tensor } from './support/tensors';

jest.setTimeout(60_000); // processes of their own, on a busy machine

const folder = scratchFolder();
let agent: AgentProcess;

beforeAll(async () => {
  agent = await AgentProcess.start({ folder });
  await agent.calls.loadModel('fixed', writePackage(join(folder, 'fixed'), identityModel('float32', [2, 3])));
  await agent.calls.loadModel('open', writePackage(join(folder, 'open'), identityModel('float32', ['n', 3, 'w'])));
}, 60_000);
afterAll(() => agent.stop());

async function predict(name: string, ...tensors: Tensor[]): Promise<Tensor[]> {
  return (await agent.calls.predict(name, tensors)).tensors;
}

describe('data types', () => {
  const float16 = globalThis.Uint16Array.from([0x3c00, 0xc000, 0x7bff]); // 1, -2, 65504
  it.each([
    ['uint8', DataType.UINT8, Uint8Array.from([0, 1, 255])],
    ['int16', DataType.INT16, Int16Array.from([-32768, 0, 32767])],
    ['int32', DataType.INT32, Int32Array.from([-2147483648, 0, 2147483647])],
    ['int64', DataType.INT64, BigInt64Array.from([-(2n ** 63n), 0n, 2n ** 63n - 1n])],
    ['float16', DataType.FLOAT16, float16],
    ['float32', DataType.FLOAT32, Float32Array.from([-1.5, 0, 3.4e38])],
    ['float64', DataType.FLOAT64, Float64Array.from([-1.5, 0, 1.7e308])],
  ] as const)('%s goes in and comes out byte for byte', async (type, dataType, values) => {
    await agent.calls.loadModel(type, writePackage(join(folder, type), identityModel(type, [3])));
    const input = tensor('x', dataType, [3], values);
    const [output] = await predict(type, input);
    expect(output?.tensorMetadata).toEqual({ name: 'y', dataType, shape: [3] });
    expect(bytes(output)).toEqual(bytes(input));
  });
});

describe('shapes', () => {
  it('an open dimension is -1 in the description', async () => {
    const { model } = await agent.calls.describeModel('open');
    expect(model?.inputTensorMetadatas).toEqual([{ name: 'x', dataType: DataType.FLOAT32, shape: [-1, 3, -1] }]);
  });

  it('the shape of the description is taken in a request, one open dimension following from the bytes', async () => {
    const { model } = await agent.calls.describeModel('fixed');
    const [output] = await predict('fixed', { ...floats('x', [2, 3]), tensorMetadata: model?.inputTensorMetadatas[0] });
    expect(output?.tensorMetadata?.shape).toEqual([2, 3]);
    const [wide] = await predict('open', { ...floats('x', [1, 3, 5]), tensorMetadata: { name: 'x', dataType: DataType.FLOAT32, shape: [1, 3, -1] } });
    expect(wide?.tensorMetadata?.shape).toEqual([1, 3, 5]);
  });

  it('a tensor without metadata goes to the input at its place', async () => {
    const [output] = await predict('fixed', { ...floats('x', [2, 3]), tensorMetadata: undefined });
    expect(output?.tensorMetadata?.shape).toEqual([2, 3]);
  });

  it.each([
    ['two open dimensions', 'open', { name: 'x', dataType: DataType.FLOAT32, shape: [-1, 3, -1] }, /more than one dimension is open/],
    ['bytes that do not fill the open dimension', 'open', { name: 'x', dataType: DataType.FLOAT32, shape: [4, 3, -1] }, /60 bytes do not fill/],
    ['a dimension of zero for bytes that are there', 'open', { name: 'x', dataType: DataType.FLOAT32, shape: [0, 3, 5] }, /\[0, 3, 5\] of float32 is 0 bytes, got 60/],
    ['another rank', 'fixed', { name: 'x', dataType: DataType.FLOAT32, shape: [15] }, /wanted rank 2/],
    ['another fixed dimension', 'fixed', { name: 'x', dataType: DataType.FLOAT32, shape: [5, 3] }, /wanted shape \[2, 3\], got \[5, 3\]/],
    ['too few bytes', 'fixed', { name: 'x', dataType: DataType.FLOAT32, shape: [2, 3] }, /24 bytes, got 60/],
    ['another type', 'fixed', { name: 'x', dataType: DataType.INT64, shape: [2, 3] }, /wanted FLOAT32, got INT64/],
    ['an unknown name', 'fixed', { name: 'z', dataType: DataType.FLOAT32, shape: [2, 3] }, /no input "z"; it has x/],
  ])('INVALID_ARGUMENT for %s', async (_, model, tensorMetadata, details) => {
    await expect(predict(model, { ...floats('x', [1, 3, 5]), tensorMetadata })).rejects.toMatchObject(refusal(status.INVALID_ARGUMENT, details));
  });

  it('INVALID_ARGUMENT for too many tensors, for an empty tensor, and for one given twice', async () => {
    await expect(predict('fixed', floats('x', [2, 3]), floats('x', [2, 3]))).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect(predict('fixed', { tensorMetadata: undefined, data: undefined })).rejects.toMatchObject(refusal(status.INVALID_ARGUMENT, 'got nothing'));
    await expect(predict('fixed')).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('INVALID_ARGUMENT when only the run shows that a shape does not fit', async () => {
    await agent.calls.loadModel('cls', writePackage(join(folder, 'cls'), CLASSIFIER));
    await expect(predict('cls', floats('x', [1, 4, 48, 192]))).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect(predict('cls', floats('x', [1, 3, 1, 1]))).resolves.toBeDefined();
  });

  it('UNIMPLEMENTED for a shared-memory handle, with what to do instead', async () => {
    const shared: Tensor = { ...floats('x', [2, 3]), data: { $case: 'sharedMemoryHandle', sharedMemoryHandle: { size: 24n, offset: 0n, segmentId: 1n } } };
    await expect(predict('fixed', shared)).rejects.toMatchObject(refusal(status.UNIMPLEMENTED, 'byte_data'));
  });
});

describe('concurrency', () => {
  const sides = (length: bigint): Tensor => tensor('x', DataType.INT64, [2], BigInt64Array.of(length, length));
  beforeAll(() => agent.calls.loadModel('slow', writePackage(join(folder, 'slow'), slowModel())), 30_000);

  it('control calls and other models answer while a model predicts', async () => {
    const finished: string[] = [];
    const slow = predict('slow', sides(2500n)).then(() => finished.push('slow'));
    await agent.calls.listModels();
    finished.push('list');
    await predict('fixed', floats('x', [2, 3]));
    finished.push('fixed');
    await slow;
    expect(finished).toEqual(['list', 'fixed', 'slow']);
  }, 30_000);

  it('predictions of one model come back in the order of the calls, each with its own values', async () => {
    const order: number[] = [];
    await Promise.all(Array.from({ length: 40 }, async (_, index) => {
      const [output] = await predict('fixed', floats('x', [2, 3], [index, 0, 0, 0, 0, 0]));
      expect(bytes(output).readFloatLE(0)).toBe(index);
      order.push(index);
    }));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('a request of 20 MB passes', async () => {
    const [output] = await predict('open', floats('x', [1, 3, 1_700_000]));
    expect(bytes(output)).toHaveLength(20_400_000);
  });

  it('unloading lets the waiting predictions end', async () => {
    const waiting = Promise.all(Array.from({ length: 5 }, () => predict('slow', sides(500n))));
    await agent.calls.listModels(); // goes the same way: when it is answered, they have arrived
    await agent.calls.unLoadModel('slow');
    expect(await waiting).toHaveLength(5);
    await expect(predict('slow', sides(1n))).rejects.toMatchObject({ code: status.NOT_FOUND });
  }, 30_000);
});
