import type { Construct } from 'constructs';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { onnxProblem, type GivenInput } from './onnx-check';
import { readOnnxModel, type OnnxModelFile } from './onnx-model-file';
import { ValidationError } from '../../private/validation';

/** Reads the one .onnx file at the root, and compares the inputs given, if any, with the model's own. */
export function checkOnnxFile(scope: Construct, files: readonly ArchiveFile[], given: readonly GivenInput[] | undefined): OnnxModelFile[] {
  return files.filter(({ path }) => /^[^/]*\.onnx$/.test(path)).map(({ path, content }) => {
    const problem = onnxProblem(path, content, given);
    const model = readOnnxModel(content);
    if (problem !== undefined || 'problem' in model) {
      throw new ValidationError(scope, problem ?? `${path} is not an ONNX model`);
    }
    return model;
  });
}
