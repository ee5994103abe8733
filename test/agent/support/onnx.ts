import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** ONNX's TensorProto.DataType. */
export const ONNX_TYPES = {
  float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, string: 8, bool: 9, float16: 10, float64: 11, uint32: 12,
  uint64: 13, complex64: 14, complex128: 15, bfloat16: 16, float8e4m3fn: 17, float8e4m3fnuz: 18, float8e5m2: 19, float8e5m2fnuz: 20,
  uint4: 21, int4: 22, float4e2m1: 23, float8e8m0: 24, uint2: 25, int2: 26,
} as const;
export type OnnxType = keyof typeof ONNX_TYPES;

/** An input or output. A text is a dimension left open; without a shape the model declares none. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape?: readonly (number | string)[];
}

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers, lists of them, and graphs. */
  readonly attributes?: Readonly<Record<string, number | readonly number[] | OnnxGraph>>;
}

export interface OnnxWeights {
  readonly name: string;
  readonly type: OnnxType;
  readonly dimensions: readonly number[];
  /** The bytes, or the file beside the model that holds them. */
  readonly content: NodeJS.TypedArray | { readonly location: string; readonly offset?: number; readonly length: number };
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly weights?: readonly OnnxWeights[];
}

/** The bytes of an ONNX model, made by hand: there is no maker of ONNX for Node. */
export function onnx(graph: OnnxGraph, { opset = 13, ir = 8 }: { opset?: number; ir?: number } = {}): Buffer {
  const opsets = new BinaryWriter().uint32(16).int64(opset).finish();
  return Buffer.from(new BinaryWriter().uint32(8).int64(ir).uint32(58).bytes(graphBytes(graph)).uint32(66).bytes(opsets).finish());
}

function graphBytes({ nodes, inputs, outputs, weights = [] }: OnnxGraph): Uint8Array {
  const graph = new BinaryWriter();
  for (const node of nodes) {
    graph.uint32(10).bytes(nodeBytes(node));
  }
  graph.uint32(18).string('graph');
  for (const one of weights) {
    graph.uint32(42).bytes(tensorBytes(one));
  }
  for (const input of inputs) {
    graph.uint32(90).bytes(valueBytes(input));
  }
  for (const output of outputs) {
    graph.uint32(98).bytes(valueBytes(output));
  }
  return graph.finish();
}

function nodeBytes({ operator, inputs, outputs, attributes = {} }: OnnxNode): Uint8Array {
  const node = new BinaryWriter();
  for (const from of inputs) {
    node.uint32(10).string(from);
  }
  for (const to of outputs) {
    node.uint32(18).string(to);
  }
  node.uint32(34).string(operator);
  for (const [name, attribute] of Object.entries(attributes)) {
    node.uint32(42).bytes(attributeBytes(name, attribute));
  }
  return node.finish();
}

/** AttributeProto.AttributeType. */
const INTEGER = 2;
const GRAPH = 5;
const INTEGERS = 7;

function attributeBytes(name: string, attribute: number | readonly number[] | OnnxGraph): Uint8Array {
  const writer = new BinaryWriter().uint32(10).string(name);
  if (typeof attribute === 'number') {
    return writer.uint32(24).int64(attribute).uint32(160).int32(INTEGER).finish();
  }
  if ('nodes' in attribute) {
    return writer.uint32(50).bytes(graphBytes(attribute)).uint32(160).int32(GRAPH).finish();
  }
  for (const integer of attribute) {
    writer.uint32(64).int64(integer);
  }
  return writer.uint32(160).int32(INTEGERS).finish();
}

function tensorBytes({ name, type, dimensions, content }: OnnxWeights): Uint8Array {
  const tensor = new BinaryWriter();
  for (const dimension of dimensions) {
    tensor.uint32(8).int64(dimension);
  }
  tensor.uint32(16).int32(ONNX_TYPES[type]).uint32(66).string(name);
  if (!('location' in content)) {
    return tensor.uint32(74).bytes(Buffer.from(content.buffer, content.byteOffset, content.byteLength)).finish();
  }
  const { location, offset = 0, length } = content;
  for (const [key, text] of Object.entries({ location, offset: String(offset), length: String(length) })) {
    tensor.uint32(106).bytes(new BinaryWriter().uint32(10).string(key).uint32(18).string(text).finish());
  }
  return tensor.uint32(112).int32(1).finish(); // data_location: EXTERNAL
}

function valueBytes({ name, type, shape }: OnnxValue): Uint8Array {
  const tensor = new BinaryWriter().uint32(8).int32(ONNX_TYPES[type]);
  if (shape !== undefined) {
    tensor.uint32(18).bytes(shapeBytes(shape));
  }
  const typeBytes = new BinaryWriter().uint32(10).bytes(tensor.finish()).finish();
  return new BinaryWriter().uint32(10).string(name).uint32(18).bytes(typeBytes).finish();
}

function shapeBytes(shape: readonly (number | string)[]): Uint8Array {
  const dimensions = new BinaryWriter();
  for (const dimension of shape) {
    const one = typeof dimension === 'number' ? new BinaryWriter().uint32(8).int64(dimension) : new BinaryWriter().uint32(18).string(dimension);
    dimensions.uint32(10).bytes(one.finish());
  }
  return dimensions.finish();
}
