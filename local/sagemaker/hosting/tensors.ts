import { Tensor } from 'onnxruntime-node';
import { isRecord } from '../../service/validator';

/** A request that a model server refuses: HTTP 400, with Triton's words. */
export class BadInference extends Error {}

interface Kind {
  /** As KServe's protocol names it. */
  readonly datatype: string;
  readonly make: (data: readonly unknown[], shape: readonly number[]) => Tensor;
}

/** By ONNX Runtime's name. */
const KINDS: Readonly<Record<string, Kind>> = {
  float32: { datatype: 'FP32', make: (data, shape) => new Tensor('float32', Float32Array.from(data, number), shape) },
  float64: { datatype: 'FP64', make: (data, shape) => new Tensor('float64', Float64Array.from(data, number), shape) },
  int8: { datatype: 'INT8', make: (data, shape) => new Tensor('int8', Int8Array.from(data, number), shape) },
  int16: { datatype: 'INT16', make: (data, shape) => new Tensor('int16', Int16Array.from(data, number), shape) },
  int32: { datatype: 'INT32', make: (data, shape) => new Tensor('int32', Int32Array.from(data, number), shape) },
  int64: { datatype: 'INT64', make: (data, shape) => new Tensor('int64', BigInt64Array.from(data.map(wholeNumber)), shape) },
  uint8: { datatype: 'UINT8', make: (data, shape) => new Tensor('uint8', Uint8Array.from(data, number), shape) },
  uint16: { datatype: 'UINT16', make: (data, shape) => new Tensor('uint16', Uint16Array.from(data, number), shape) },
  bool: { datatype: 'BOOL', make: (data, shape) => new Tensor('bool', Uint8Array.from(data, (value) => (value === true ? 1 : 0)), shape) },
  string: { datatype: 'BYTES', make: (data, shape) => new Tensor('string', data.map(String), shape) },
};

function number(value: unknown): number {
  if (typeof value !== 'number') {
    throw new BadInference('Unable to parse \'data\': attempt to access JSON non-number as number');
  }
  return value;
}

function wholeNumber(value: unknown): bigint {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new BadInference('Unable to parse \'data\': attempt to access JSON non-signed-integer as signed-integer');
  }
  return BigInt(value);
}

/** An input that a model declares. */
export interface DeclaredInput {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** One of a request's `inputs` as a tensor of what the model declares. Throws `BadInference` for another shape or type. */
export function tensorOf(given: Readonly<Record<string, unknown>>, declared: DeclaredInput, model: string): Tensor {
  const { name, type, shape: wanted } = declared;
  const kind = KINDS[type];
  if (!kind) {
    throw new BadInference(`the local stand-in cannot feed input '${name}' of type ${type}`);
  }
  const { datatype, shape, data } = given;
  if (datatype !== kind.datatype) {
    throw new BadInference(`inference input '${name}' data-type is '${String(datatype)}', but model '${model}' expects '${kind.datatype}'`);
  }
  const dimensions = wholeNumbers(shape);
  const fits = dimensions?.length === wanted.length
    && wanted.every((dimension, i) => typeof dimension === 'string' || dimension < 1 || dimension === dimensions[i]);
  if (!fits) {
    const expected = wanted.map((dimension) => (typeof dimension === 'number' && dimension > 0 ? dimension : -1));
    throw new BadInference(`unexpected shape for input '${name}' for model '${model}'. Expected [${expected.join(',')}], got [${String(shape)}]`);
  }
  const flat = Array.isArray(data) ? (data as unknown[]).flat(Infinity) : [];
  const size = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (flat.length !== size) {
    throw new BadInference(`Unable to parse 'data': Shape does not match true shape of 'data' field: expected ${size} elements for input '${name}', got ${flat.length}`);
  }
  return kind.make(flat, dimensions);
}

/** One of an answer's `outputs`. */
export function outputOf(name: string, { type, dims, data }: Tensor): object {
  return { name, datatype: KINDS[type]?.datatype ?? type.toUpperCase(), shape: dims, data: Array.from<unknown, unknown>(data, plain) };
}

/** JSON has no big integers; 53 bits are what its readers take. */
function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function wholeNumbers(value: unknown): readonly number[] | undefined {
  return Array.isArray(value) && value.every((item): item is number => Number.isInteger(item) && Number(item) >= 0) ? value : undefined;
}

/** The `inputs` of a request, by name. */
export function inputsByName(request: unknown): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const inputs = isRecord(request) ? request.inputs : undefined;
  if (!Array.isArray(inputs)) {
    throw new BadInference('Unable to find \'inputs\' in inference request');
  }
  return new Map(inputs.map((input: unknown) => {
    if (!isRecord(input) || typeof input.name !== 'string') {
      throw new BadInference('Unable to find \'name\' in inference request input');
    }
    return [input.name, input];
  }));
}
