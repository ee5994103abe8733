import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onnx, type OnnxType } from './onnx';

/** An ONNX model `y = x`. A text is a dimension left open. */
export function identityModel(type: OnnxType, shape: readonly (number | string)[]): Buffer {
  return onnx({
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type, shape }],
    outputs: [{ name: 'y', type, shape }],
  });
}

/** An ONNX model that takes as long as its input says: it multiplies two square matrices, and `x` is their sides. */
export function slowModel(): Buffer {
  return onnx({
    nodes: [
      { operator: 'ConstantOfShape', inputs: ['x'], outputs: ['m'] },
      { operator: 'MatMul', inputs: ['m', 'm'], outputs: ['p'] },
      { operator: 'ReduceSum', inputs: ['p'], outputs: ['y'] },
    ],
    inputs: [{ name: 'x', type: 'int64', shape: [2] }],
    outputs: [{ name: 'y', type: 'float32', shape: [1, 1] }],
  });
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
