import { fromHalf } from '../runtime/half';
import { ELEMENT_BYTES, type ElementType } from '../runtime/protocol';
import type { ClientTensor } from './npy';

/** The numbers of a tensor. */
export function toNumbers({ type, data }: Pick<ClientTensor, 'type' | 'data'>): Float64Array {
  const size = ELEMENT_BYTES[type];
  const read = reader(type);
  return Float64Array.from({ length: data.length / size }, (_, index) => read(data, index * size));
}

/** Numbers as the bytes of a tensor. Whole types are rounded and cut to their range. */
export function fromNumbers(type: ElementType, values: ArrayLike<number>): Buffer {
  const whole = (low: number, high: number) => (value: number): number => Math.min(high, Math.max(low, Math.round(value)));
  switch (type) {
    case 'uint8': return bufferOf(Uint8Array.from(values, whole(0, 255)));
    case 'int16': return bufferOf(Int16Array.from(values, whole(-32768, 32767)));
    case 'int32': return bufferOf(Int32Array.from(values, whole(-2147483648, 2147483647)));
    case 'int64': return bufferOf(BigInt64Array.from(Array.from(values, (value) => BigInt(Math.round(value)))));
    case 'float16': return bufferOf(Uint16Array.from(values, toHalf));
    case 'float32': return bufferOf(Float32Array.from(values));
    case 'float64': return bufferOf(Float64Array.from(values));
  }
}

/** Floats in another size. Fails where a number is too large for it. */
export function castFloats(label: string, tensor: Pick<ClientTensor, 'type' | 'data'>, type: ElementType): Buffer {
  const values = toNumbers(tensor);
  const data = fromNumbers(type, values);
  const cast = toNumbers({ type, data });
  const lost = values.findIndex((value, index) => Number.isFinite(value) && !Number.isFinite(cast[index]));
  if (lost !== -1) {
    throw new Error(`${label}: ${values[lost] ?? 0} is too large for ${type}`);
  }
  return data;
}

function reader(type: ElementType): (data: Buffer, offset: number) => number {
  switch (type) {
    case 'uint8': return (data, offset) => data.readUInt8(offset);
    case 'int16': return (data, offset) => data.readInt16LE(offset);
    case 'int32': return (data, offset) => data.readInt32LE(offset);
    case 'int64': return (data, offset) => Number(data.readBigInt64LE(offset));
    case 'float16': return (data, offset) => fromHalf(data.readUInt16LE(offset));
    case 'float32': return (data, offset) => data.readFloatLE(offset);
    case 'float64': return (data, offset) => data.readDoubleLE(offset);
  }
}

function bufferOf(array: NodeJS.TypedArray): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) {
    return 0x7e00;
  }
  if (magnitude >= 65520) { // rounds to infinity
    return sign | 0x7c00;
  }
  if (magnitude < 2 ** -14) {
    return sign | Math.round(magnitude * 2 ** 24);
  }
  const exponent = Math.floor(Math.log2(magnitude));
  // A fraction that rounds up to 1024 carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + Math.round((magnitude / 2 ** exponent - 1) * 1024));
}
