import type { Content } from '../../private/archive/archive-file';
import { externalDataOf } from './onnx-messages';
import { withoutWeights } from './onnx-signature';
import { fields, text, WireError, type WireField } from './protobuf-wire';

/** An input or output of a graph. */
export interface OnnxTensor {
  readonly name: string;
  /** As ONNX Runtime names it, for example `float32`; undefined for sequences, maps and types unknown here. */
  readonly elementType: string | undefined;
  /** What it is, if it is no tensor: undefined for a tensor, and where the file does not say. */
  readonly kind?: string;
  /** A number is fixed, a text is a name (or `?`) and may be any size; undefined: the model does not say, not even how many. */
  readonly dimensions: readonly (number | string)[] | undefined;
}

/** What of an ONNX file matters at synth. */
export interface OnnxModelFile {
  readonly irVersion: number;
  /** The version of each operator set, by its domain; the default one's is `''`. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Without the weights, which old files list as inputs too. */
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
  /** Files that hold weights, relative to the model's folder, as the file names them: sorted, each once. */
  readonly externalData: readonly string[];
}

/** TensorProto.DataType. */
const ELEMENT_TYPES: readonly (string | undefined)[] = [
  undefined, 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64',
  'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16',
  'float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz', 'uint4', 'int4', 'float4e2m1', 'float8e8m0', 'uint2', 'int2',
];

/** The fields of TypeProto but the one of tensors. */
const KINDS: ReadonlyMap<number, string> = new Map([[4, 'a sequence'], [5, 'a map'], [8, 'a sparse tensor'], [9, 'an optional value']]);

/** Reads the graph's signature. The weights are stepped over, not read. */
export function readOnnxModel(content: Content): OnnxModelFile | { readonly problem: string } {
  try {
    return readModel(withoutWeights(content));
  } catch (error) {
    if (error instanceof WireError) {
      return { problem: error.message };
    }
    throw error;
  }
}

/** For messages: `x float32[N, 3, 48, W]`. */
export function describeTensor({ name, elementType = 'unknown', dimensions }: OnnxTensor): string {
  return `${name} ${elementType}[${dimensions?.join(', ') ?? '...'}]`;
}

// field numbers of onnx.proto
function readModel(bytes: Buffer): OnnxModelFile {
  let irVersion: number | undefined;
  let graph: Buffer | undefined;
  const opsets = new Map<string, number>();
  for (const field of fields(bytes)) {
    if (field.number === 1) {
      irVersion = integer(field);
    }
    if (field.number === 7) {
      graph = message(field);
    }
    if (field.number === 8) {
      addOpset(opsets, message(field));
    }
  }
  if (irVersion === undefined || irVersion < 1) {
    throw new WireError('it has no IR version');
  }
  if (!graph) {
    throw new WireError('it has no graph');
  }
  const externalData = [...new Set(externalDataOf('model', bytes))].sort();
  return { irVersion, opsets, ...readGraph(graph), externalData };
}

/** `ai.onnx` is the long name of the default set. */
function addOpset(opsets: Map<string, number>, bytes: Buffer): void {
  const domain = nameIn(bytes, 1);
  const [version] = fields(bytes).filter(({ number }) => number === 2).map(integer);
  if (version !== undefined) {
    opsets.set(domain === 'ai.onnx' ? '' : domain, version);
  }
}

function readGraph(bytes: Buffer): Pick<OnnxModelFile, 'inputs' | 'outputs'> {
  const weights = new Set<string>();
  const inputs: OnnxTensor[] = [];
  const outputs: OnnxTensor[] = [];
  for (const field of fields(bytes)) {
    if (field.number === 5) {
      weights.add(nameIn(message(field), 8));
    }
    if (field.number === 15) { // sparse: the name is its values'
      weights.add(nameIn(first(message(field), 1) ?? Buffer.alloc(0), 8));
    }
    if (field.number === 11) {
      inputs.push(readValueInfo(message(field)));
    }
    if (field.number === 12) {
      outputs.push(readValueInfo(message(field)));
    }
  }
  if (outputs.length === 0) {
    throw new WireError('its graph has no output');
  }
  return { inputs: inputs.filter(({ name }) => !weights.has(name)), outputs };
}

function readValueInfo(bytes: Buffer): OnnxTensor {
  const type = first(bytes, 2);
  const tensor = type && first(type, 1);
  const name = nameIn(bytes, 1);
  if (name === '') {
    throw new WireError('an input or output of its graph has no name');
  }
  if (!tensor) {
    const [kind] = type ? fields(type).flatMap(({ number }) => KINDS.get(number) ?? []) : [];
    return { name, elementType: undefined, dimensions: undefined, ...kind === undefined ? {} : { kind } };
  }
  const [elementType] = fields(tensor).filter(({ number }) => number === 1).map((field) => ELEMENT_TYPES[integer(field)]);
  const shape = first(tensor, 2);
  const dimensions = shape && fields(shape).filter(({ number }) => number === 1).map((field) => readDimension(message(field)));
  return { name, elementType, dimensions };
}

function readDimension(bytes: Buffer): number | string {
  let dimension: number | string = '?';
  for (const field of fields(bytes)) {
    if (field.number === 1) { // -1 and 0 stand for unknown sizes
      const size = integer(field);
      dimension = size > 0 ? size : '?';
    }
    if (field.number === 2) {
      dimension = text(message(field)) || '?';
    }
  }
  return dimension;
}

function first(bytes: Buffer, number: number): Buffer | undefined {
  const field = fields(bytes).find((candidate) => candidate.number === number);
  return field && message(field);
}

function nameIn(bytes: Buffer, number: number): string {
  const name = first(bytes, number);
  return name ? text(name) : '';
}

function message(field: WireField): Buffer {
  if (field.bytes === undefined) {
    throw new WireError(`its field ${field.number} has the wrong type`);
  }
  return field.bytes;
}

function integer(field: WireField): number {
  if (field.value === undefined) {
    throw new WireError(`its field ${field.number} has the wrong type`);
  }
  return field.value;
}
