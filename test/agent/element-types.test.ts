import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { App, Stack } from 'aws-cdk-lib';
import { DataType } from '../../agent/generated/agent';
import { ModelSource, OnnxModel } from '../../lib';
import { wholeOf } from '../../lib/private/archive/content';
import { modelFile } from '../lib/temp-models';
import { AgentProcess, scratchFolder } from './support/agent-process';
import { writePackage } from './support/models';
import { onnx, ONNX_TYPES, type OnnxNode, type OnnxType } from './support/onnx';
import { refusal } from './support/refusal';
import { bytes, tensor } from './support/tensors';

const folder = scratchFolder();
let agent: AgentProcess;
let packages = 0;
beforeAll(async () => {
  agent = await AgentProcess.start({ folder });
});
afterAll(() => agent.stop());

/** The newest that the runtime opens: only there has ONNX all types. */
const NEWEST = { opset: 26, ir: 13 };

function model(type: OnnxType, length: number, nodes: readonly OnnxNode[]): Buffer {
  const shape = [length];
  return onnx({ nodes, inputs: [{ name: 'x', type, shape }], outputs: [{ name: 'y', type, shape }] }, NEWEST);
}

const identity = (type: OnnxType, length: number): Buffer => model(type, length, [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }]);

/** What a user is told to make of a model whose input and output are of a type that cannot be carried. */
const withCasts = (type: OnnxType, carrier: OnnxType, length: number): Buffer => model(carrier, length, [
  { operator: 'Cast', inputs: ['x'], outputs: ['between'], attributes: { to: ONNX_TYPES[type] } },
  { operator: 'Cast', inputs: ['between'], outputs: ['y'], attributes: { to: ONNX_TYPES[carrier] } },
]);

function synth(content: Buffer): OnnxModel {
  return new OnnxModel(new Stack(new App(), 'Stack'), 'Model', {
    model: ModelSource.fromAsset(modelFile('model.onnx', content)), modelName: 'typed', modelVersion: '1',
  });
}

/** Loads the package that synth makes, as a device unpacks it, and gives the model's name. */
async function load(content: Buffer): Promise<string> {
  const name = nextName();
  for (const file of synth(content)._packagedFiles()) {
    const path = join(folder, name, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wholeOf(file.content));
  }
  await agent.calls.loadModel(name, join(folder, name));
  return name;
}

function nextName(): string {
  packages += 1;
  return `m${packages}`;
}

async function predict(name: string, dataType: DataType, values: NodeJS.TypedArray): Promise<Buffer> {
  const shape = [values.length];
  const { model: described } = await agent.calls.describeModel(name);
  expect(described?.inputTensorMetadatas).toEqual([{ name: 'x', dataType, shape }]);
  expect(described?.outputTensorMetadatas).toEqual([{ name: 'y', dataType, shape }]);
  const { tensors: [output] } = await agent.calls.predict(name, [tensor('x', dataType, shape, values)]);
  expect(output?.tensorMetadata).toEqual({ name: 'y', dataType, shape });
  return bytes(output);
}

const bytesOf = (values: NodeJS.TypedArray): Buffer => Buffer.from(values.buffer);

/** As which type of the protocol each type travels, and values with those at its ends. */
const CARRIED: readonly [OnnxType, DataType, NodeJS.TypedArray][] = [
  ['float32', DataType.FLOAT32, Float32Array.of(-0, 3.4028234663852886e38, 1e-45, -Infinity)],
  ['uint8', DataType.UINT8, Uint8Array.of(0, 1, 255)],
  ['int8', DataType.INT16, Int16Array.of(-128, 0, 127)],
  ['uint16', DataType.INT32, Int32Array.of(0, 1, 65_535)],
  ['int16', DataType.INT16, Int16Array.of(-32_768, 0, 32_767)],
  ['int32', DataType.INT32, Int32Array.of(-2_147_483_648, 0, 2_147_483_647)],
  ['int64', DataType.INT64, BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n)],
  ['bool', DataType.UINT8, Uint8Array.of(0, 1, 1)],
  ['float16', DataType.FLOAT16, Uint16Array.of(0x3c00, 0x7bff, 0x0001, 0xfc00)], // 1, the largest, the smallest, -Infinity
  ['float64', DataType.FLOAT64, Float64Array.of(-0, Number.MAX_VALUE, Number.MIN_VALUE)],
  ['uint32', DataType.INT64, BigInt64Array.of(0n, 1n, 4_294_967_295n)],
];

/** Types that nothing carries, with the type to cast to, and values that the type has. */
const CAST: readonly [OnnxType, OnnxType, DataType, NodeJS.TypedArray][] = [
  ['uint64', 'int64', DataType.INT64, BigInt64Array.of(0n, 1n, 2n ** 63n - 1n)],
  ['bfloat16', 'float32', DataType.FLOAT32, Float32Array.of(0, -1.5, 3.3895313892515355e38)],
  ['float8e4m3fn', 'float32', DataType.FLOAT32, Float32Array.of(0, -1.5, 448)],
  ['float8e4m3fnuz', 'float32', DataType.FLOAT32, Float32Array.of(0, -1.5, 240)],
  ['float8e5m2', 'float32', DataType.FLOAT32, Float32Array.of(0, -1.5, 57_344)],
  ['float8e5m2fnuz', 'float32', DataType.FLOAT32, Float32Array.of(0, -1.5, 57_344)],
  ['float8e8m0', 'float32', DataType.FLOAT32, Float32Array.of(1, 0.5, 2 ** 127)],
  ['uint4', 'int64', DataType.INT64, BigInt64Array.of(0n, 1n, 15n)],
  ['int4', 'int64', DataType.INT64, BigInt64Array.of(-8n, 0n, 7n)],
  ['uint2', 'int64', DataType.INT64, BigInt64Array.of(0n, 1n, 3n)],
  ['int2', 'int64', DataType.INT64, BigInt64Array.of(-2n, 0n, 1n)],
];

/** Types for which the runtime has no cast either. */
const WITHOUT_CAST: readonly [OnnxType, string, OnnxType][] = [
  ['complex64', 'keep the real and the imaginary part as float32', 'float32'],
  ['complex128', 'keep the real and the imaginary part as float64', 'float64'],
  ['float4e2m1', 'export the model with float32, or quantize it to int8', 'float32'],
];

describe('from synth to prediction', () => {
  it.each(CARRIED)('a model of %s is packaged, loaded, and gives what it gets', async (type, dataType, values) => {
    expect(await predict(await load(identity(type, values.length)), dataType, values)).toEqual(bytesOf(values));
  });

  it.each(CAST)('a model of %s fails at synth, and runs with the casts to %s that the message names', async (type, carrier, dataType, values) => {
    expect(() => synth(identity(type, 3))).toThrow(`got ${type}: declare the input as ${carrier} and add a Cast to ${type} behind it`);
    expect(await predict(await load(withCasts(type, carrier, values.length)), dataType, values)).toEqual(bytesOf(values));
  });

  it.each(WITHOUT_CAST)('a model of %s fails at synth, which says: %s', (type, instead) => {
    expect(() => synth(identity(type, 3))).toThrow(instead);
  });

  it('a model of string fails at synth, and says to turn the text into numbers', () => {
    expect(() => synth(identity('string', 3))).toThrow('got string: turn it into numbers before the model');
  });
});

describe('what synth refuses, the agent refuses too', () => {
  it.each([...CAST.map(([type]) => type), ...WITHOUT_CAST.map(([type]) => type), 'string' as const])('a model of %s', async (type) => {
    const name = nextName();
    await expect(agent.calls.loadModel(name, writePackage(join(folder, name), identity(type, 3))))
      .rejects.toMatchObject(refusal(status.FAILED_PRECONDITION, '.'));
  });

  it.each(WITHOUT_CAST)('a cast to %s, so that no message may advise it', async (type, _instead, carrier) => {
    const name = nextName();
    await expect(agent.calls.loadModel(name, writePackage(join(folder, name), withCasts(type, carrier, 3))))
      .rejects.toMatchObject(refusal(status.FAILED_PRECONDITION, '.'));
  });
});

it('every type of ONNX is in one of these tables', () => {
  const tried = [...CARRIED, ...CAST, ...WITHOUT_CAST].map(([type]) => type);
  expect([...tried, 'string'].sort()).toEqual(Object.keys(ONNX_TYPES).sort());
});
