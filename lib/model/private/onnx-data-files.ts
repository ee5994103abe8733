import * as path from 'node:path';
import type { Construct } from 'constructs';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { ValidationError } from '../../private/validation';
import { readOnnxModel } from './onnx-model-file';

/** A file of weights that an .onnx file names. */
export interface NamedData {
  readonly onnx: string;
  /** As the .onnx file gives it. */
  readonly location: string;
  /** Relative to the root, without `./`. */
  readonly path: string;
}

/** The files of weights that the .onnx files at the root name. What is no model is somebody else's to refuse. */
export function namedDataOf(scope: Construct, files: readonly ArchiveFile[]): NamedData[] {
  return files.filter(({ path: file }) => /^[^/]*\.onnx$/.test(file)).flatMap(({ path: onnx, content }) => {
    const model = readOnnxModel(content);
    const locations = 'problem' in model ? [] : model.externalData;
    return locations.map((location) => ({ onnx, location, path: pathOf(scope, onnx, location) }));
  });
}

/** Fails where a file of weights is not among `files`: the agent refuses such a package. */
export function checkDataIsThere(scope: Construct, files: readonly ArchiveFile[]): void {
  const paths = new Set(files.map(({ path: file }) => file));
  const missing = namedDataOf(scope, files).find((data) => !paths.has(data.path));
  if (missing) {
    throw new ValidationError(scope, `${missing.onnx} keeps weights in '${missing.location}', which is not beside it: give both in one folder or archive, or save the model with its weights inside (external_data=False of torch.onnx.export)`);
  }
}

/** For Neo, whose documentation asks for one .onnx file and does not say what becomes of others. */
export function checkWeightsAreInside(scope: Construct, files: readonly ArchiveFile[]): void {
  const [outside] = namedDataOf(scope, files);
  if (outside) {
    throw new ValidationError(scope, `${outside.onnx} must hold its weights itself to be compiled, got some in '${outside.location}': save it with external_data=False of torch.onnx.export, or by onnx.save(onnx.load('${outside.onnx}'), 'inside.onnx')`);
  }
}

function pathOf(scope: Construct, onnx: string, location: string): string {
  if (location === '' || path.isAbsolute(location) || location.split('/').includes('..')) {
    throw new ValidationError(scope, `${onnx} must keep its weights in its own folder, got '${location}': save it again with a location such as '${onnx}.data'`);
  }
  return path.posix.normalize(location);
}
