import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** The parts of an ONNX file that decide how it is opened. */
export interface OnnxFile {
  /** Locations of external weights, relative to the model's folder, as the file gives them. */
  readonly externalLocations: ReadonlySet<string>;
  /** Inputs whose shape it does not declare. The runtime tells them as scalars. */
  readonly unshapedInputs: ReadonlySet<string>;
}

// Field numbers of onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const MODEL = { graph: 7, functions: 25 };
const FUNCTION = { node: 7 };
const GRAPH = { node: 1, initializer: 5, input: 11, sparseInitializer: 15 };
const NODE = { attribute: 5 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 };
const SPARSE_TENSOR = { values: 1, indices: 2 };
const TENSOR = { externalData: 13 };
const ENTRY = { key: 1, value: 2 };
const VALUE = { name: 1, type: 2 };
const TYPE = { tensor: 1 };
const TENSOR_TYPE = { shape: 2 };

/** Reads a file's own words; undefined for bytes that are no protobuf: the runtime says what is wrong with them. */
export function readOnnxFile(bytes: Uint8Array): OnnxFile | undefined {
  const externalLocations = new Set<string>();
  const unshapedInputs = new Set<string>();
  try {
    readModel(bytes, externalLocations, unshapedInputs);
  } catch {
    return undefined;
  }
  return { externalLocations, unshapedInputs };
}

function readModel(bytes: Uint8Array, locations: Set<string>, unshaped: Set<string>): void {
  for (const [field, value] of submessages(bytes)) {
    if (field === MODEL.graph) {
      readGraph(value, locations);
      readInputs(value, unshaped);
    } else if (field === MODEL.functions) {
      readNodes(value, FUNCTION.node, locations);
    }
  }
}

function readInputs(graph: Uint8Array, unshaped: Set<string>): void {
  for (const [field, input] of submessages(graph)) {
    if (field !== GRAPH.input) {
      continue;
    }
    const parts = new Map(submessages(input));
    const tensor = new Map(submessages(parts.get(VALUE.type) ?? NOTHING)).get(TYPE.tensor);
    if (tensor !== undefined && !new Map(submessages(tensor)).has(TENSOR_TYPE.shape)) {
      unshaped.add(Buffer.from(parts.get(VALUE.name) ?? NOTHING).toString('utf8'));
    }
  }
}

const NOTHING = new Uint8Array();

function readGraph(bytes: Uint8Array, locations: Set<string>): void {
  readNodes(bytes, GRAPH.node, locations);
  for (const [field, value] of submessages(bytes)) {
    if (field === GRAPH.initializer) {
      readTensor(value, locations);
    } else if (field === GRAPH.sparseInitializer) {
      readSparseTensor(value, locations);
    }
  }
}

/** Weights lie in attributes too: constants, and the graphs of loops and branches. */
function readNodes(bytes: Uint8Array, nodeField: number, locations: Set<string>): void {
  for (const [field, node] of submessages(bytes)) {
    if (field !== nodeField) {
      continue;
    }
    for (const [part, attribute] of submessages(node)) {
      if (part === NODE.attribute) {
        readAttribute(attribute, locations);
      }
    }
  }
}

function readAttribute(bytes: Uint8Array, locations: Set<string>): void {
  for (const [field, value] of submessages(bytes)) {
    switch (field) {
      case ATTRIBUTE.tensor:
      case ATTRIBUTE.tensors:
        readTensor(value, locations);
        break;
      case ATTRIBUTE.sparseTensor:
      case ATTRIBUTE.sparseTensors:
        readSparseTensor(value, locations);
        break;
      case ATTRIBUTE.graph:
      case ATTRIBUTE.graphs:
        readGraph(value, locations);
        break;
    }
  }
}

function readSparseTensor(bytes: Uint8Array, locations: Set<string>): void {
  for (const [field, value] of submessages(bytes)) {
    if (field === SPARSE_TENSOR.values || field === SPARSE_TENSOR.indices) {
      readTensor(value, locations);
    }
  }
}

function readTensor(bytes: Uint8Array, locations: Set<string>): void {
  for (const [field, entry] of submessages(bytes)) {
    if (field !== TENSOR.externalData) {
      continue;
    }
    const texts = new Map([...submessages(entry)].map(([part, text]) => [part, Buffer.from(text).toString('utf8')]));
    if (texts.get(ENTRY.key) === 'location') {
      locations.add(texts.get(ENTRY.value) ?? '');
    }
  }
}

/** The length-delimited fields of a message, not copied. */
function* submessages(bytes: Uint8Array): Generator<readonly [field: number, value: Uint8Array]> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      yield [field, reader.bytes()];
    } else {
      reader.skip(type, field);
    }
  }
}
