import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** An input that has a value in the model: a request may give another one, or none. */
export interface DefaultInput {
  readonly name: string;
  /** In ONNX Runtime's words. */
  readonly type: DefaultType;
  readonly shape: readonly number[];
  /** Little-endian, row by row. */
  readonly data: Uint8Array;
}

/** ONNX's TensorProto.DataType. */
const TYPES = {
  1: 'float32', 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 6: 'int32', 7: 'int64', 9: 'bool', 10: 'float16', 11: 'float64', 12: 'uint32',
} as const;
export type DefaultType = (typeof TYPES)[keyof typeof TYPES];
const TYPE_OF = new Map<number, DefaultType>(Object.entries(TYPES).map(([number, type]) => [Number(number), type]));

export interface SplitModel {
  /** The model, whose defaults are inputs like the others. */
  readonly model: Uint8Array;
  readonly defaults: readonly DefaultInput[];
}

// Field numbers of onnx.proto.
const MODEL = { irVersion: 1, graph: 7 };
const GRAPH = { initializer: 5, input: 11 };
const TENSOR = { dimensions: 1, dataType: 2, name: 8, rawData: 9 };
const VALUE_NAME = 1;

/** From this version on, an initializer that is an input too is a default. Before, all initializers had to be inputs. */
const FIRST_IR_WITH_DEFAULTS = 4;
/** Exporters may list every weight as an input. Those that are larger stay what they are. */
const MAX_DEFAULT_BYTES = 65_536;

/**
 * Takes the values of inputs with a default out of a model. ONNX Runtime's binding for Node ignores what it is given for
 * such an input, without a word: as an input like the others, it gets the request's value or the default.
 */
export function splitDefaults(bytes: Uint8Array): SplitModel {
  const fields = readFields(bytes);
  const graph = fields.find((field) => field.number === MODEL.graph)?.bytes;
  const irVersion = fields.find((field) => field.number === MODEL.irVersion)?.value ?? 0;
  if (graph === undefined || irVersion < FIRST_IR_WITH_DEFAULTS) {
    return { model: bytes, defaults: [] };
  }
  const graphFields = readFields(graph);
  const inputs = new Set(graphFields.filter((field) => field.number === GRAPH.input).map((field) => textOf(field.bytes, VALUE_NAME)));
  const defaults: DefaultInput[] = [];
  const kept = graphFields.filter((field) => {
    const value = field.number === GRAPH.initializer ? readDefault(field.bytes, inputs) : undefined;
    if (value !== undefined) {
      defaults.push(value);
    }
    return value === undefined;
  });
  if (defaults.length === 0) {
    return { model: bytes, defaults };
  }
  const newGraph = Buffer.concat(kept.map((field) => field.whole));
  const parts = fields.map((field) => field.number === MODEL.graph ? new BinaryWriter().uint32(58).bytes(newGraph).finish() : field.whole);
  return { model: Buffer.concat(parts), defaults };
}

function readDefault(bytes: Uint8Array | undefined, inputs: ReadonlySet<string>): DefaultInput | undefined {
  const name = textOf(bytes, TENSOR.name);
  if (bytes === undefined || !inputs.has(name)) {
    return undefined;
  }
  const fields = readFields(bytes);
  const data = fields.find((field) => field.number === TENSOR.rawData)?.bytes;
  const type = TYPE_OF.get(fields.find((field) => field.number === TENSOR.dataType)?.value ?? 0);
  if (data === undefined || type === undefined || data.length > MAX_DEFAULT_BYTES) {
    return undefined;
  }
  return { name, type, data, shape: fields.filter((field) => field.number === TENSOR.dimensions).flatMap(integersOf) };
}

interface Field {
  readonly number: number;
  /** With its tag. */
  readonly whole: Uint8Array;
  readonly bytes?: Uint8Array;
  readonly value?: number;
}

function readFields(bytes: Uint8Array): Field[] {
  const reader = new BinaryReader(bytes);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      const content = reader.bytes();
      fields.push({ number, bytes: content, whole: bytes.subarray(start, reader.pos) });
    } else if (type === WireType.Varint) {
      const value = Number(reader.int64());
      fields.push({ number, value, whole: bytes.subarray(start, reader.pos) });
    } else {
      reader.skip(type, number);
      fields.push({ number, whole: bytes.subarray(start, reader.pos) });
    }
  }
  return fields;
}

/** A list of whole numbers may be packed into one field. */
function integersOf({ bytes, value }: Field): number[] {
  if (bytes === undefined) {
    return value === undefined ? [] : [value];
  }
  const reader = new BinaryReader(bytes);
  const values: number[] = [];
  while (reader.pos < reader.len) {
    values.push(Number(reader.int64()));
  }
  return values;
}

function textOf(bytes: Uint8Array | undefined, number: number): string {
  const field = bytes === undefined ? undefined : readFields(bytes).find((candidate) => candidate.number === number);
  return Buffer.from(field?.bytes ?? []).toString('utf8');
}
