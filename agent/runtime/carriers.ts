import { Tensor } from 'onnxruntime-node';
import { ELEMENT_BYTES, isElementType, type ElementType, type RawTensor } from './protocol';
import type { DefaultInput } from '../models/onnx-defaults';

/** Types that the protocol lacks, each with the next larger one that holds all of its values. */
const CARRIERS = { bool: 'uint8', int8: 'int16', uint16: 'int32', uint32: 'int64' } as const;
type CarriedType = keyof typeof CARRIERS;

/** What to do about a type that nothing in the protocol holds. */
const REMEDIES: Readonly<Record<string, string>> = {
  uint64: 'cast it to int64 in the model',
  string: 'export the model with numbers, or without it',
};

/** A value that the model's type does not have. */
export class UnfitValueError extends Error {}

function isCarried(type: string): type is CarriedType {
  return Object.hasOwn(CARRIERS, type);
}

/** The protocol's type for a type of the model. */
export function carrierOf(name: string, type: string): ElementType {
  if (isElementType(type)) {
    return type;
  }
  if (isCarried(type)) {
    return CARRIERS[type];
  }
  throw new Error(`${name} is of type ${type}, which the agent's protocol cannot carry: ${REMEDIES[type] ?? 'cast it to float32 in the model'}`);
}

/** The value of an input with a default. */
export function tensorOfDefault({ type, shape, data }: DefaultInput): Tensor {
  const { buffer } = Uint8Array.from(data); // at a place that suits every type
  const dimensions = [...shape];
  switch (type) {
    case 'bool':
    case 'uint8': return new Tensor(type, new Uint8Array(buffer), dimensions);
    case 'int8': return new Tensor(type, new Int8Array(buffer), dimensions);
    case 'uint16':
    case 'float16': return new Tensor(type, new Uint16Array(buffer), dimensions);
    case 'int16': return new Tensor(type, new Int16Array(buffer), dimensions);
    case 'int32': return new Tensor(type, new Int32Array(buffer), dimensions);
    case 'uint32': return new Tensor(type, new Uint32Array(buffer), dimensions);
    case 'int64': return new Tensor(type, new BigInt64Array(buffer), dimensions);
    case 'float32': return new Tensor(type, new Float32Array(buffer), dimensions);
    case 'float64': return new Tensor(type, new Float64Array(buffer), dimensions);
  }
}

/** A tensor of the protocol in the model's type. */
export function toTensor({ name, type, shape, data: { buffer, byteOffset, byteLength } }: RawTensor, wanted: string): Tensor {
  const length = byteLength / ELEMENT_BYTES[type];
  const dimensions = [...shape];
  switch (type) {
    case 'uint8': {
      const values = new Uint8Array(buffer, byteOffset, length);
      return wanted === 'bool' ? new Tensor('bool', within(name, wanted, values, 0, 1), dimensions) : new Tensor(type, values, dimensions);
    }
    case 'int16': {
      const values = new Int16Array(buffer, byteOffset, length);
      return wanted === 'int8'
        ? new Tensor('int8', Int8Array.from(within(name, wanted, values, -128, 127)), dimensions)
        : new Tensor(type, values, dimensions);
    }
    case 'int32': {
      const values = new Int32Array(buffer, byteOffset, length);
      return wanted === 'uint16'
        ? new Tensor('uint16', Uint16Array.from(within(name, wanted, values, 0, 0xffff)), dimensions)
        : new Tensor(type, values, dimensions);
    }
    case 'int64': {
      const values = new BigInt64Array(buffer, byteOffset, length);
      return wanted === 'uint32'
        ? new Tensor('uint32', Uint32Array.from(within(name, wanted, values, 0, 0xffffffff), Number), dimensions)
        : new Tensor(type, values, dimensions);
    }
    case 'float16': return new Tensor(type, new Uint16Array(buffer, byteOffset, length), dimensions); // its bits
    case 'float32': return new Tensor(type, new Float32Array(buffer, byteOffset, length), dimensions);
    case 'float64': return new Tensor(type, new Float64Array(buffer, byteOffset, length), dimensions);
  }
}

function within<T extends Iterable<number | bigint>>(name: string, type: string, values: T, low: number, high: number): T {
  for (const value of values) {
    if (value < low || value > high) {
      throw new UnfitValueError(`input ${name}: wanted values of ${type}, ${low} to ${high}, got ${value.toString()}`);
    }
  }
  return values;
}

/** A tensor of the model in the protocol's type. */
export function fromTensor(name: string, tensor: Tensor | undefined): RawTensor {
  if (tensor === undefined || !ArrayBuffer.isView(tensor.data)) {
    throw new Error(`output ${name} is missing`);
  }
  const { buffer, byteOffset, byteLength } = carried(tensor.data, tensor.type);
  return { name, type: carrierOf(name, tensor.type), shape: tensor.dims, data: new Uint8Array(buffer, byteOffset, byteLength) };
}

function carried(data: ArrayBufferView, type: string): ArrayBufferView {
  switch (type) {
    case 'int8': return Int16Array.from(new Int8Array(data.buffer, data.byteOffset, data.byteLength));
    case 'uint16': return Int32Array.from(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2));
    case 'uint32': return BigInt64Array.from(new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4), BigInt);
    default: return data;
  }
}
