/** Writes small ONNX files: just the protobuf that a test needs. */
export type Dimension = number | string | undefined;

export interface TensorSpec {
  readonly name: string;
  readonly dims?: readonly Dimension[];
  readonly elementType?: number;
  /** The field of TypeProto for what is no tensor: 4 a sequence, 5 a map. */
  readonly kind?: number;
}

export interface ModelSpec {
  readonly inputs?: readonly TensorSpec[];
  readonly outputs?: readonly TensorSpec[];
  /** Names of weights; each holds a kilobyte. */
  readonly weights?: readonly string[];
  readonly sparseWeights?: readonly string[];
  readonly irVersion?: number;
  /** The operator sets' versions; the default one's domain is `''`. */
  readonly opsets?: Readonly<Record<string, number>>;
  /** Locations of weights that are not in the file. */
  readonly externalData?: readonly string[];
  /** Locations of a constant's weights inside the branch of a node. */
  readonly nestedData?: readonly string[];
  /** The first output is the first input, so that a runtime can open the model; else it has one operator without inputs. */
  readonly identity?: boolean;
}

export function onnxBytes(spec: ModelSpec = {}): Buffer {
  const { inputs = [{ name: 'x', dims: ['N', 3, 48, 'W'] }], outputs = [{ name: 'y', dims: [1] }] } = spec;
  const { weights = [], sparseWeights = [], irVersion = 8, externalData = [], nestedData = [], opsets = { '': 17 } } = spec;
  const branch = bytesField(1, bytesField(5, Buffer.concat(nestedData.map((location) => bytesField(5, externalWeight(location))))));
  const graph = Buffer.concat([
    bytesField(1, spec.identity === true ? identity(inputs[0], outputs[0]) : bytesField(4, Buffer.from('Relu'))),
    ...nestedData.length > 0 ? [bytesField(1, bytesField(5, bytesField(6, branch)))] : [],
    bytesField(2, Buffer.from('graph')),
    ...externalData.map((location) => bytesField(5, externalWeight(location))),
    ...weights.map((name) => bytesField(5, weight(name))),
    ...sparseWeights.map((name) => bytesField(15, bytesField(1, weight(name)))),
    ...inputs.map((input) => bytesField(11, valueInfo(input))),
    ...outputs.map((output) => bytesField(12, valueInfo(output))),
  ]);
  return Buffer.concat([
    varintField(1, irVersion), bytesField(2, Buffer.from('test')), bytesField(7, graph),
    ...Object.entries(opsets).map(([domain, version]) => bytesField(8, opset(domain, version))),
  ]);
}

function identity(input: TensorSpec | undefined, output: TensorSpec | undefined): Buffer {
  const names = [bytesField(1, Buffer.from(input?.name ?? '')), bytesField(2, Buffer.from(output?.name ?? ''))];
  return Buffer.concat([...names, bytesField(4, Buffer.from('Identity'))]);
}

function opset(domain: string, version: number): Buffer {
  return Buffer.concat([domain === '' ? Buffer.alloc(0) : bytesField(1, Buffer.from(domain)), varintField(2, version)]);
}

/** As PyTorch's exporter writes it: `location` and `length`, and data_location EXTERNAL. */
function externalWeight(location: string): Buffer {
  const entry = (key: string, value: string): Buffer =>
    bytesField(13, Buffer.concat([bytesField(1, Buffer.from(key)), bytesField(2, Buffer.from(value))]));
  return Buffer.concat([
    varintField(1, 1), varintField(2, 1), bytesField(8, Buffer.from(`in ${location}`)),
    entry('location', location), entry('length', '4'), varintField(14, 1),
  ]);
}

export function bytesField(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(content.length)), content]);
}

export function varintField(number: number, value: number): Buffer {
  return Buffer.concat([varint(BigInt(number * 8)), varint(BigInt.asUintN(64, BigInt(value)))]);
}

function weight(name: string): Buffer {
  const dims = varintField(1, 256);
  // unpacked float_data and double_data
  const fixed = Buffer.concat([Buffer.from([4 * 8 + 5]), Buffer.alloc(4), Buffer.from([10 * 8 + 1]), Buffer.alloc(8)]);
  return Buffer.concat([dims, fixed, bytesField(8, Buffer.from(name)), bytesField(9, Buffer.alloc(1024, 0xff))]);
}

function valueInfo({ name, dims, elementType = 1, kind }: TensorSpec): Buffer {
  if (kind !== undefined) {
    return Buffer.concat([bytesField(1, Buffer.from(name)), bytesField(2, bytesField(kind, Buffer.alloc(0)))]);
  }
  const shape = dims ? bytesField(2, Buffer.concat(dims.map((dim) => bytesField(1, dimension(dim))))) : Buffer.alloc(0);
  const type = bytesField(2, bytesField(1, Buffer.concat([varintField(1, elementType), shape])));
  return Buffer.concat([bytesField(1, Buffer.from(name)), type]);
}

function dimension(dim: Dimension): Buffer {
  if (dim === undefined) {
    return Buffer.alloc(0);
  }
  return typeof dim === 'number' ? varintField(1, dim) : bytesField(2, Buffer.from(dim));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}
