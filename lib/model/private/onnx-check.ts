import type { Content } from '../../private/archive/archive-file';
import type { ManifestInput } from './manifest-contract';
import { ONNX_MAX_BYTES } from './size-limits';
import { describeTensor, readOnnxModel, type OnnxModelFile, type OnnxTensor } from './onnx-model-file';

/** What of a ModelInput is needed here. */
export interface GivenInput {
  readonly inputName: string | undefined;
  readonly shape: readonly number[] | undefined;
}

/**
 * Reads an .onnx file, and compares the inputs given, if any, with its own. It is used at synth and in the handler: it must not
 * import aws-cdk-lib.
 */
export function checkedOnnx(
  path: string, content: Content, given: readonly GivenInput[] | undefined,
): OnnxModelFile | { readonly problem: string } {
  if (content.size > ONNX_MAX_BYTES) {
    return { problem: `${path} must have at most ${ONNX_MAX_BYTES} bytes, which is the most that ONNX itself allows, got ${content.size}: save it with its weights in a file beside it, by onnx.save(model, '${path}', save_as_external_data=True)` };
  }
  const model = readOnnxModel(content);
  if ('problem' in model) {
    return { problem: `${path} is not an ONNX model: ${model.problem}` };
  }
  const problem = given && inputsProblem(path, model, given);
  return problem === undefined ? model : { problem };
}

/** The inputs of an .onnx file whose shapes are all fixed, for a compiler that takes no other. */
export function fixedInputs(path: string, content: Content): { readonly inputs: readonly ManifestInput[] } | { readonly problem: string } {
  const model = checkedOnnx(path, content, undefined);
  if ('problem' in model) {
    return model;
  }
  const inputs = model.inputs.flatMap(({ name, dimensions }) => dimensions && isFixed(dimensions) ? [{ name, shape: dimensions }] : []);
  return inputs.length === model.inputs.length
    ? { inputs }
    : { problem: `${inputsOf(path, model)}, and Neo takes fixed shapes alone${readyEnd(model.inputs)}` };
}

function isFixed(dimensions: readonly (number | string)[]): dimensions is readonly number[] {
  return dimensions.every((dimension) => typeof dimension === 'number');
}

function inputsOf(path: string, { inputs }: OnnxModelFile): string {
  return `the inputs of ${path} are ${inputs.map(describeTensor).join(', ') || 'none'}`;
}

/** The inputs that have a name and a shape, for the manifest. */
export function namedShapes(inputs: readonly GivenInput[] = []): ManifestInput[] {
  return inputs.flatMap(({ inputName, shape }) => inputName === undefined || shape === undefined ? [] : [{ name: inputName, shape }]);
}

function inputsProblem(path: string, model: OnnxModelFile, given: readonly GivenInput[]): string | undefined {
  const its = inputsOf(path, model);
  const ready = readyEnd(model.inputs);
  for (const { inputName, shape } of given) {
    const wanted = model.inputs.find(({ name }) => name === inputName);
    if (!wanted) {
      return `${its}, got an input named '${inputName ?? ''}'${ready}`;
    }
    const problem = shape && shapeProblem(wanted, shape);
    if (problem !== undefined) {
      return problem;
    }
  }
  const missing = model.inputs.find(({ name }) => !given.some(({ inputName }) => inputName === name));
  return missing && `${its}, got no shape for '${missing.name}'${ready}`;
}

function shapeProblem({ name, dimensions }: OnnxTensor, got: readonly number[]): string | undefined {
  if (!dimensions) { // the model leaves even the rank open
    return undefined;
  }
  const difference = `wanted [${dimensions.join(', ')}], got [${got.join(', ')}]`;
  if (dimensions.length !== got.length) {
    return `shape of input '${name}' must have ${dimensions.length} dimensions, got ${got.length}: ${difference}`;
  }
  const at = dimensions.findIndex((dimension, index) => typeof dimension === 'number' && dimension !== got[index]);
  return at < 0 ? undefined : `dimension ${at} of input '${name}' is fixed in the model: ${difference}`;
}

/** Ends a message with a line to paste, with 1 and the name for each size that the model leaves open. */
function readyEnd(inputs: readonly OnnxTensor[]): string {
  if (inputs.length === 0) {
    return '';
  }
  const lines = inputs.map(({ name, dimensions = ['the whole shape'] }) => {
    const sizes = dimensions.map((dimension) => typeof dimension === 'number' ? String(dimension) : `1 /* ${dimension} */`);
    return `ModelInput.tensor('${name}', [${sizes.join(', ')}])`;
  });
  return `: give inputs: [${lines.join(', ')}], with your own sizes for those that the model leaves open`;
}
