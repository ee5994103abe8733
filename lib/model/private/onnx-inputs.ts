import type { Construct } from 'constructs';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { checkedOnnx, type GivenInput } from './onnx-check';
import type { OnnxModelFile } from './onnx-model-file';
import { ValidationError } from '../../private/validation';

/** Reads the one .onnx file at the root, and compares the inputs given, if any, with the model's own. */
export function checkOnnxFile(scope: Construct, files: readonly ArchiveFile[], given: readonly GivenInput[] | undefined): OnnxModelFile[] {
  return files.filter(({ path }) => /^[^/]*\.onnx$/.test(path)).map(({ path, content }) => {
    const model = checkedOnnx(path, content, given);
    if ('problem' in model) {
      throw new ValidationError(scope, model.problem);
    }
    return model;
  });
}
