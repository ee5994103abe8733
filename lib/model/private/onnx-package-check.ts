import type { ArchiveFile } from '../../private/archive/archive-file';
import { pickArchiveFiles } from './archive-rules';
import { lfsPointerProblem } from './lfs-pointer';
import { checkedOnnx, type GivenInput } from './onnx-check';
import { missingDataProblem, namedDataOf } from './onnx-data-files';
import { deviceProblem } from './onnx-device-rules';

/**
 * The path of the one .onnx file of a package, if a device can run the model; or what is wrong with the files. It is used at synth and in
 * the handler: it must not import aws-cdk-lib.
 */
export function packagedModel(
  files: readonly ArchiveFile[], given: readonly GivenInput[] | undefined,
): { readonly modelFile: string } | { readonly problem: string } {
  const result = pickArchiveFiles('ONNX', files);
  if ('problem' in result) {
    return result;
  }
  const pointer = lfsPointerProblem(files);
  const [file] = result.picked; // there is exactly one
  if (pointer !== undefined || file === undefined) {
    return { problem: pointer ?? 'there is no model' };
  }
  const model = checkedOnnx(file.path, file.content, given);
  if ('problem' in model) {
    return model;
  }
  const problem = deviceProblem(file.path, model) ?? missingDataProblem(namedDataOf(file.path, model), files);
  return problem === undefined ? { modelFile: file.path } : { problem };
}
