import type { Construct } from 'constructs';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { ValidationError } from '../../private/validation';
import { lfsPointerProblem } from './lfs-pointer';
import type { ManifestInput } from './manifest-contract';
import { checkedOnnx, fixedInputs, type GivenInput } from './onnx-check';
import { namedDataOf, notInsideProblem } from './onnx-data-files';

/** Fails where Git LFS has left a pointer in place of a file. */
export function checkNoLfsPointer(scope: Construct, files: readonly ArchiveFile[]): void {
  refuse(scope, lfsPointerProblem(files));
}

/** Reads the one .onnx file at the root, which must hold its weights, and compares the inputs given with the model's own. */
export function checkOnnxFiles(scope: Construct, files: readonly ArchiveFile[], given: readonly GivenInput[] | undefined): void {
  for (const { path, content } of files.filter(({ path: file }) => /^[^/]*\.onnx$/.test(file))) {
    const model = checkedOnnx(path, content, given);
    refuse(scope, 'problem' in model ? model.problem : notInsideProblem(namedDataOf(path, model)));
  }
}

/** The inputs of the one .onnx file at the root, whose shapes must be fixed. */
export function inputsOfOnnx(scope: Construct, files: readonly ArchiveFile[]): readonly ManifestInput[] {
  return files.filter(({ path: file }) => /^[^/]*\.onnx$/.test(file)).flatMap(({ path, content }) => {
    const result = fixedInputs(path, content);
    if ('problem' in result) {
      throw new ValidationError(scope, result.problem);
    }
    return result.inputs;
  });
}

function refuse(scope: Construct, problem: string | undefined): void {
  if (problem !== undefined) {
    throw new ValidationError(scope, problem);
  }
}
