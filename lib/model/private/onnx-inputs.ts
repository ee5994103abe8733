import type { Construct } from 'constructs';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { describeTensor, readOnnxModel, type OnnxModelFile, type OnnxTensor } from './onnx-model-file';
import { ValidationError } from '../../private/validation';

/** What of a ModelInput is needed here. */
export interface GivenInput {
  readonly inputName: string | undefined;
  readonly shape: number[] | undefined;
}

/** Reads the one .onnx file at the root, and compares the inputs given, if any, with the model's own. */
export function checkOnnxFile(scope: Construct, files: readonly ArchiveFile[], given: readonly GivenInput[] | undefined): OnnxModelFile[] {
  const models: OnnxModelFile[] = [];
  for (const { path, content } of files.filter((file) => /^[^/]*\.onnx$/.test(file.path))) {
    const model = readOnnxModel(content);
    if ('problem' in model) {
      throw new ValidationError(scope, `${path} is not an ONNX model: ${model.problem}`);
    }
    if (given) {
      compareInputs(scope, path, model, given);
    }
    models.push(model);
  }
  return models;
}

function compareInputs(scope: Construct, path: string, model: OnnxModelFile, given: readonly GivenInput[]): void {
  const its = `the inputs of ${path} are ${model.inputs.map(describeTensor).join(', ') || 'none'}`;
  const ready = model.inputs.length === 0 ? '' : `: give inputs: [${readyLine(model.inputs)}], with your own sizes for those that the model leaves open`;
  for (const { inputName, shape } of given) {
    const wanted = model.inputs.find(({ name }) => name === inputName);
    if (!wanted) {
      throw new ValidationError(scope, `${its}, got an input named '${inputName ?? ''}'${ready}`);
    }
    if (shape) {
      compareShape(scope, wanted, shape);
    }
  }
  const missing = model.inputs.find(({ name }) => !given.some(({ inputName }) => inputName === name));
  if (missing) {
    throw new ValidationError(scope, `${its}, got no shape for '${missing.name}'${ready}`);
  }
}

function compareShape(scope: Construct, { name, dimensions }: OnnxTensor, got: readonly number[]): void {
  if (!dimensions) { // the model leaves even the rank open
    return;
  }
  const difference = `wanted [${dimensions.join(', ')}], got [${got.join(', ')}]`;
  if (dimensions.length !== got.length) {
    throw new ValidationError(scope, `shape of input '${name}' must have ${dimensions.length} dimensions, got ${got.length}: ${difference}`);
  }
  const at = dimensions.findIndex((dimension, index) => typeof dimension === 'number' && dimension !== got[index]);
  if (at >= 0) {
    throw new ValidationError(scope, `dimension ${at} of input '${name}' is fixed in the model: ${difference}`);
  }
}

/** A line to paste, with 1 and the name for each size that the model leaves open. */
function readyLine(inputs: readonly OnnxTensor[]): string {
  return inputs.map(({ name, dimensions = [] }) => {
    const sizes = dimensions.map((dimension) => typeof dimension === 'number' ? String(dimension) : `1 /* ${dimension} */`);
    return `ModelInput.tensor('${name}', [${sizes.join(', ')}])`;
  }).join(', ');
}
