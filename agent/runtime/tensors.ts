import { status } from '@grpc/grpc-js';
import { DataType, type Tensor, type TensorMetadata } from '../generated/agent';
import { AgentError, invalidArgument } from '../status';
import { ELEMENT_BYTES, ELEMENT_TYPES, type ElementType, type RawTensor, type TensorSpec } from './protocol';

const TO_PROTOCOL: Readonly<Record<ElementType, DataType>> = {
  uint8: DataType.UINT8, int16: DataType.INT16, int32: DataType.INT32, int64: DataType.INT64,
  float16: DataType.FLOAT16, float32: DataType.FLOAT32, float64: DataType.FLOAT64,
};
const NAMES: Readonly<Record<number, string>> = DataType;

const FROM_PROTOCOL: ReadonlyMap<DataType, ElementType> = new Map(ELEMENT_TYPES.map((type) => [TO_PROTOCOL[type], type]));

export function dataTypeOf(type: ElementType): DataType {
  return TO_PROTOCOL[type];
}

/** Undefined for a type that the contract lacks. */
export function elementTypeOf(type: DataType): ElementType | undefined {
  return FROM_PROTOCOL.get(type);
}

/** The type's name, or its number where a newer client sends one that this contract lacks. */
export function dataTypeName(type: DataType): string {
  return NAMES[type] ?? String(type);
}

/** Bytes of an element, undefined for a type that the contract lacks. */
export function bytesPerElement(type: DataType): number | undefined {
  const element = elementTypeOf(type);
  return element === undefined ? undefined : ELEMENT_BYTES[element];
}

export function toMetadata(spec: TensorSpec): TensorMetadata {
  return { name: spec.name, dataType: TO_PROTOCOL[spec.type], shape: [...usualShape(spec)] };
}

/** What clients may copy into a request: the model's shape, and the manifest's word on what the model leaves open. */
function usualShape({ shape, usualShape: usual = shape }: Pick<TensorSpec, 'shape' | 'usualShape'>): readonly number[] {
  return shape.map((dimension, axis) => dimension === -1 ? usual[axis] ?? -1 : dimension);
}

export function toProtocol(tensor: RawTensor): Tensor {
  const { buffer, byteOffset, byteLength } = tensor.data;
  const { name, type, shape } = tensor;
  return { tensorMetadata: { name, dataType: TO_PROTOCOL[type], shape: [...shape] }, data: { $case: 'byteData', byteData: Buffer.from(buffer, byteOffset, byteLength) } };
}

/** The bytes of a tensor. Shared memory is refused. */
export function bytesOf(label: string, data: Tensor['data']): Buffer {
  if (data?.$case === 'sharedMemoryHandle') {
    throw new AgentError(status.UNIMPLEMENTED, `${label}: shared_memory_handle is not supported by this agent; send byte_data`);
  }
  if (data === undefined) {
    throw invalidArgument(`${label}: wanted byte_data, got nothing`);
  }
  return data.byteData;
}

/** Checks a request's tensors against the model's inputs. Their bytes stay where they are. */
export function toFeeds(inputs: readonly TensorSpec[], tensors: readonly Tensor[]): RawTensor[] {
  const required = inputs.filter((input) => input.optional !== true);
  if (tensors.length < required.length || tensors.length > inputs.length) {
    throw invalidArgument(`wanted ${required.length} tensor(s) (${namesOf(required)}), got ${tensors.length}`);
  }
  const seen = new Set<string>();
  const feeds = tensors.map((tensor, index) => {
    const spec = findSpec(inputs, required[index], tensor);
    if (seen.has(spec.name)) {
      throw invalidArgument(`input ${spec.name} is given twice`);
    }
    seen.add(spec.name);
    return toFeed(spec, tensor);
  });
  const missing = required.find((input) => !seen.has(input.name));
  if (missing !== undefined) {
    throw invalidArgument(`input ${missing.name} is missing`);
  }
  return feeds;
}

function namesOf(inputs: readonly TensorSpec[]): string {
  return inputs.map((input) => input.name).join(', ');
}

/** By name. By place where the client leaves the name out. */
function findSpec(inputs: readonly TensorSpec[], atPlace: TensorSpec | undefined, tensor: Tensor): TensorSpec {
  const name = tensor.tensorMetadata?.name ?? '';
  const spec = name === '' ? atPlace : inputs.find((input) => input.name === name);
  if (spec === undefined) {
    throw invalidArgument(`the model has no input ${JSON.stringify(name)}; it has ${namesOf(inputs)}`);
  }
  return spec;
}

function toFeed(spec: TensorSpec, tensor: Tensor): RawTensor {
  const label = `input ${spec.name}`;
  const bytes = bytesOf(label, tensor.data);
  const metadata = tensor.tensorMetadata;
  if (metadata !== undefined && metadata.dataType !== TO_PROTOCOL[spec.type]) {
    throw invalidArgument(`${label}: wanted ${dataTypeName(TO_PROTOCOL[spec.type])}, got ${dataTypeName(metadata.dataType)}`);
  }
  const shape = resolveShape(label, spec, metadata?.shape ?? [], bytes.length);
  return { name: spec.name, type: spec.type, shape, data: bytes };
}

/** Joins the model's shape and the request's. A dimension open in both is the manifest's, or follows from the bytes. */
function resolveShape(label: string, spec: TensorSpec, given: readonly number[], byteLength: number): number[] {
  const shape = spec.unshaped === true ? anyShape(label, spec, given, byteLength) : joinShapes(label, spec, given);
  const usual = usualShape({ shape, ...spec.usualShape === undefined ? {} : { usualShape: spec.usualShape } });
  if (bytesIn(spec, usual) === byteLength) {
    return [...usual];
  }
  const open = shape.indexOf(-1);
  const known = bytesIn({ type: spec.type }, shape.map((dimension) => dimension === -1 ? 1 : dimension));
  if (open === -1) {
    throw invalidArgument(`${label}: [${shape.join(', ')}] of ${spec.type} is ${known} bytes, got ${byteLength}`);
  }
  if (shape.includes(-1, open + 1)) {
    throw invalidArgument(`${label}: more than one dimension is open in [${shape.join(', ')}]; give the shape`);
  }
  const inferred = byteLength / known;
  if (!Number.isInteger(inferred)) {
    throw invalidArgument(`${label}: ${byteLength} bytes do not fill [${shape.join(', ')}] of ${spec.type}`);
  }
  return shape.with(open, inferred);
}

/** NaN where a dimension is open. */
function bytesIn({ type }: Pick<TensorSpec, 'type'>, shape: readonly number[]): number {
  return shape.reduce((product, dimension) => dimension < 0 ? NaN : product * dimension, ELEMENT_BYTES[type]);
}

function joinShapes(label: string, spec: TensorSpec, given: readonly number[]): number[] {
  if (given.length !== 0 && given.length !== spec.shape.length) {
    const wanted = `rank ${spec.shape.length} ([${spec.shape.join(', ')}])`;
    throw invalidArgument(`${label}: wanted ${wanted}, got rank ${given.length} ([${given.join(', ')}])`);
  }
  return spec.shape.map((fixed, axis) => {
    const wanted = given[axis] ?? -1;
    if (wanted < -1 || (fixed !== -1 && wanted !== -1 && wanted !== fixed)) {
      throw invalidArgument(`${label}: wanted shape [${spec.shape.join(', ')}], got [${given.join(', ')}]`);
    }
    return fixed === -1 ? wanted : fixed;
  });
}

/** The model takes what it gets. Without a shape, one element is a scalar, and of more nobody knows how they lie. */
function anyShape(label: string, spec: TensorSpec, given: readonly number[], byteLength: number): number[] {
  if (given.some((dimension) => dimension < -1)) {
    throw invalidArgument(`${label}: wanted a shape, got [${given.join(', ')}]`);
  }
  if (given.length === 0 && byteLength !== ELEMENT_BYTES[spec.type]) {
    throw invalidArgument(`${label}: the model does not declare its shape; give the shape`);
  }
  return [...given];
}
