import { fromHalf } from '../runtime/half';
import { ELEMENT_BYTES, type RawTensor } from '../runtime/protocol';

type Numbers = Float32Array | Float64Array | Uint8Array | Int16Array | Int32Array;

const HALVES = 65_536;

/** Reads the numbers of a tensor, without a copy where there is a typed array for them. */
export class DriftTensors {
  private halves: Float32Array | undefined;
  private scratch = new Float32Array();

  /** The numbers are there until the next call. */
  public read({ type, data }: RawTensor): Numbers {
    const size = ELEMENT_BYTES[type];
    const length = Math.floor(data.byteLength / size);
    if (data.byteOffset % size !== 0) {
      return this.read({ type, data: Uint8Array.from(data), name: '', shape: [] });
    }
    const { buffer, byteOffset } = data;
    switch (type) {
      case 'uint8': return data;
      case 'int16': return new Int16Array(buffer, byteOffset, length);
      case 'int32': return new Int32Array(buffer, byteOffset, length);
      case 'float32': return new Float32Array(buffer, byteOffset, length);
      case 'float64': return new Float64Array(buffer, byteOffset, length);
      case 'float16': return this.fromHalves(new Uint16Array(buffer, byteOffset, length));
      case 'int64': return this.fromLongs(new BigInt64Array(buffer, byteOffset, length));
    }
  }

  private fromHalves(bits: Uint16Array): Float32Array {
    const table = this.halves ??= Float32Array.from({ length: HALVES }, (_, index) => fromHalf(index));
    const numbers = this.room(bits.length);
    for (let index = 0; index < bits.length; index += 1) {
      numbers[index] = table[bits[index] ?? 0] ?? NaN;
    }
    return numbers;
  }

  private fromLongs(longs: BigInt64Array): Float32Array {
    const numbers = this.room(longs.length);
    for (let index = 0; index < longs.length; index += 1) {
      numbers[index] = Number(longs[index]);
    }
    return numbers;
  }

  private room(length: number): Float32Array {
    if (this.scratch.length < length) {
      this.scratch = new Float32Array(length);
    }
    return this.scratch.subarray(0, length);
  }
}
