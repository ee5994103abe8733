import type { Construct } from 'constructs';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { onnxProblem, type GivenInput } from './onnx-check';
import { ValidationError } from '../../private/validation';

/** Reads the one .onnx file at the root, and compares the inputs given, if any, with the model's own. */
export function checkOnnxFile(scope: Construct, files: readonly ArchiveFile[], given: readonly GivenInput[] | undefined): void {
  for (const { path, content } of files.filter((file) => /^[^/]*\.onnx$/.test(file.path))) {
    const problem = onnxProblem(path, content, given);
    if (problem !== undefined) {
      throw new ValidationError(scope, problem);
    }
  }
}
