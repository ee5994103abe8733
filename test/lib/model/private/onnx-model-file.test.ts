import { readFileSync } from 'node:fs';
import { memoryContent } from '../../../../lib/private/archive/content';
import { describeTensor, readOnnxModel } from '../../../../lib/model/private/onnx-model-file';
import { bytesField, onnxBytes, varintField } from '../../onnx-bytes';
import { RECOGNISER } from '../../../ocr-models';

const read = (bytes: Buffer): ReturnType<typeof readOnnxModel> => readOnnxModel(memoryContent(bytes));

test("a real model's inputs and outputs are read", () => {
  const name = (at: number): string => `p2o.DynamicDimension.${at}`;
  expect(read(readFileSync(RECOGNISER))).toEqual({
    irVersion: 8,
    opsets: new Map([['', 9]]),
    externalData: [],
    inputs: [{ name: 'x', elementType: 'float32', dimensions: [name(0), 3, 48, name(1)] }],
    outputs: [{ name: 'softmax_11.tmp_0', elementType: 'float32', dimensions: [name(2), name(3), 6625] }],
  });
});

test('weights, also sparse ones, that are listed as inputs are none', () => {
  const inputs = ['x', 'w', 's'].map((name) => ({ name, dims: [1] }));
  expect(read(onnxBytes({ inputs, weights: ['w'], sparseWeights: ['s'] }))).toMatchObject({ inputs: [{ name: 'x' }] });
});

test('sizes that are 0, negative, unnamed or not there are open', () => {
  expect(read(onnxBytes({ inputs: [{ name: 'x', dims: [0, -1, '', undefined, 2] }] }))).toMatchObject({
    inputs: [{ dimensions: ['?', '?', '?', '?', 2] }],
  });
});

test('operator sets are read, and the long name of the default one is the empty one', () => {
  expect(read(onnxBytes({ opsets: { 'ai.onnx': 21, 'ai.onnx.ml': 5 } }))).toMatchObject({
    opsets: new Map([['', 21], ['ai.onnx.ml', 5]]),
  });
});

test('files of weights are found in the graph and in the branches of its nodes, each once', () => {
  expect(read(onnxBytes({ externalData: ['b.data', 'a.data', 'b.data'], nestedData: ['c/d.data'] }))).toMatchObject({
    externalData: ['a.data', 'b.data', 'c/d.data'],
  });
});

test('a scalar has no dimensions, and an input without a shape may have any', () => {
  expect(read(onnxBytes({ inputs: [{ name: 'scalar', dims: [], elementType: 7 }, { name: 'any' }] }))).toMatchObject({
    inputs: [{ elementType: 'int64', dimensions: [] }, { dimensions: undefined }],
  });
});

test('an input that is no tensor has neither type nor shape', () => {
  const sequence = Buffer.concat([bytesField(1, Buffer.from('list')), bytesField(2, bytesField(4, Buffer.alloc(0)))]);
  const graph = Buffer.concat([bytesField(11, sequence), bytesField(12, sequence)]);
  expect(read(Buffer.concat([varintField(1, 8), bytesField(7, graph)]))).toMatchObject({
    inputs: [{ name: 'list', elementType: undefined, dimensions: undefined }],
  });
});

test('a tensor is described as a person would write it', () => {
  expect(describeTensor({ name: 'x', elementType: 'float32', dimensions: ['N', 3] })).toBe('x float32[N, 3]');
  expect(describeTensor({ name: 'x', elementType: undefined, dimensions: undefined })).toBe('x unknown[...]');
});

const namelessOutput = Buffer.concat([varintField(1, 8), bytesField(7, bytesField(12, Buffer.alloc(0)))]);

test.each<[string, Buffer, RegExp]>([
  ['an empty file', Buffer.alloc(0), /has no IR version/],
  ['a text', Buffer.from('this is not a model\n'), /protobuf field|middle of|no field/],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /./],
  ['zeros', Buffer.alloc(100), /no field 0/],
  ['ones', Buffer.alloc(100, 0xff), /no number/],
  ['another protobuf message', varintField(1, 8), /has no graph/],
  ['IR version 0', onnxBytes({ irVersion: 0 }), /has no IR version/],
  ['a graph that is a number', Buffer.concat([varintField(1, 8), varintField(7, 8)]), /field 7 has the wrong type/],
  ['an IR version that is a text', bytesField(1, Buffer.from('8')), /field 1 has the wrong type/],
  ['a graph without outputs', onnxBytes({ outputs: [] }), /no output/],
  ['an output without a name', namelessOutput, /has no name/],
])('%s is no model', (_name, bytes, problem) => {
  expect(read(bytes)).toEqual({ problem: expect.stringMatching(problem) as string });
});

test('a model cut anywhere is no model, and nothing else is thrown', () => {
  const whole = onnxBytes({ weights: ['w'] });
  const graphEnd = whole.length - 4; // the operator set that follows the graph may be missing
  for (let length = 0; length < graphEnd; length++) {
    expect(read(whole.subarray(0, length))).toHaveProperty('problem');
  }
});
