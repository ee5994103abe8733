import * as path from 'node:path';
import type { OnnxModelFile } from './onnx-model-file';

/** A file of weights that an .onnx file names. */
export interface NamedData {
  readonly onnx: string;
  /** As the .onnx file gives it. */
  readonly location: string;
  /** Relative to the root, without `./`. */
  readonly path: string;
}

/** The files of weights that an .onnx file at the root names. */
export function namedDataOf(onnx: string, { externalData }: OnnxModelFile): NamedData[] {
  return externalData.map((location) => ({ onnx, location, path: path.posix.normalize(location) }));
}

/** Whether a file of weights is out of the model's folder. */
export function outsideProblem(data: readonly NamedData[]): string | undefined {
  const outside = data.find(({ location }) => location === '' || path.isAbsolute(location) || location.split('/').includes('..'));
  return outside && `${outside.onnx} must keep its weights in its own folder, got '${outside.location}': save it again with a location such as '${outside.onnx}.data'`;
}

/** Whether a file of weights is out of the folder, or not among `files`: the agent refuses such a package. */
export function missingDataProblem(data: readonly NamedData[], files: readonly { readonly path: string }[]): string | undefined {
  const paths = new Set(files.map(({ path: file }) => file));
  const missing = data.find((candidate) => !paths.has(candidate.path));
  return outsideProblem(data)
    ?? (missing && `${missing.onnx} keeps weights in '${missing.location}', which is not beside it: give both in one folder or archive, or save the model with its weights inside (external_data=False of torch.onnx.export)`);
}

/** For Neo, whose documentation asks for one .onnx file and does not say what becomes of others. */
export function notInsideProblem(data: readonly NamedData[]): string | undefined {
  const [outside] = data;
  return outsideProblem(data)
    ?? (outside && `${outside.onnx} must hold its weights itself to be compiled, got some in '${outside.location}': save it with external_data=False of torch.onnx.export, or by onnx.save(onnx.load('${outside.onnx}'), 'inside.onnx')`);
}
