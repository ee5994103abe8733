import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ValidationError } from '../../private/validation';

/** What of a ModelInput is needed here. */
export interface InputToRender {
  readonly inputName: string | undefined;
  readonly shape: number[] | undefined;
  readonly _isCoreMl: boolean;
  _render(): unknown;
}

/** `DataInputConfig`: a JSON dictionary in the inputs' order, or a list where the inputs have no names. */
export function renderInputs(scope: Construct, framework: string, inputs: readonly InputToRender[], coreMlTarget: boolean): string {
  if (inputs.length === 0) {
    throw new ValidationError(scope, `${framework} needs at least 1 input, got none`);
  }
  const names = inputs.flatMap(({ inputName }) => inputName ?? []);
  for (const input of inputs) {
    checkInput(scope, framework, input, coreMlTarget);
  }
  if (names.length === 0) {
    return JSON.stringify(inputs.map((input) => input._render()));
  }
  if (names.length < inputs.length) {
    throw new ValidationError(scope, `${framework} inputs must all have a name or none, got ${names.length} names for ${inputs.length} inputs`);
  }
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new ValidationError(scope, `each input must have a name of its own, got '${twice}' twice`);
  }
  if (framework === 'PYTORCH') {
    checkOrder(scope, names);
  }
  // not by JSON.stringify of an object: it puts names that look like numbers first
  return `{${inputs.map((input) => `${JSON.stringify(input.inputName)}:${JSON.stringify(input._render())}`).join(',')}}`;
}

function checkInput(scope: Construct, framework: string, { inputName, shape, _isCoreMl }: InputToRender, coreMlTarget: boolean): void {
  if (inputName === undefined && framework !== 'PYTORCH') {
    throw new ValidationError(scope, `${framework} inputs must have a name (only PYTORCH takes them without), got one without`);
  }
  if (_isCoreMl && !coreMlTarget) {
    throw new ValidationError(scope, `input '${inputName ?? ''}' is made by ModelInput.coreMl, which is for the target coreml alone: give a ModelInput.tensor`);
  }
  if (!shape) {
    return;
  }
  if (shape.length === 0 && framework !== 'ONNX') {
    throw new ValidationError(scope, `shape of input '${inputName ?? ''}' must have at least 1 dimension, got []`);
  }
  checkLayout(scope, framework, inputName ?? '', shape);
}

/** How pictures are laid out; that of an ONNX model is compared with its file. */
const LAYOUTS: ReadonlyMap<string, 'NCHW' | 'NHWC'> = new Map([
  ['KERAS', 'NCHW'], ['DARKNET', 'NCHW'], ['MXNET', 'NCHW'], ['PYTORCH', 'NCHW'], ['TENSORFLOW', 'NHWC'], ['TFLITE', 'NHWC'],
]);
/** Neo refuses the other layout in the first, Darknet has no other; the rest can be made either way. */
const ALWAYS = ['KERAS', 'DARKNET'];

function checkLayout(scope: Construct, framework: string, name: string, shape: readonly number[]): void {
  const wanted = LAYOUTS.get(framework);
  const [batch = 0, a = 0, b = 0, c = 0] = shape;
  const [channels, ...sides] = wanted === 'NCHW' ? [c, a, b] : [a, b, c]; // were it the other layout
  const looksOther = shape.length === 4 && [1, 3, 4].includes(channels) && sides.every((side) => side >= 16);
  if (wanted === undefined || !looksOther) {
    return;
  }
  const swapped = [batch, ...wanted === 'NCHW' ? [channels, ...sides] : [...sides, channels]].join(', ');
  const got = `wanted [${swapped}], got [${shape.join(', ')}]`;
  if (ALWAYS.includes(framework)) {
    throw new ValidationError(scope, `shape of input '${name}' must be ${wanted} for ${framework}${framework === 'KERAS' ? ' (although the file is NHWC)' : ''}, ${got}`);
  }
  Annotations.of(scope).addWarningV2(
    'cdk-sagemaker-edge:Framework.inputLayout',
    `shape of input '${name}' is usually ${wanted} for ${framework}, ${got}: acknowledge this if the model was made so`,
  );
}

/** A traced PyTorch model has no input names: Neo deals the shapes out in the order of the sorted names. */
function checkOrder(scope: Construct, names: readonly string[]): void {
  const sorted = [...names].sort();
  if (names.some((name, at) => name !== sorted[at])) {
    throw new ValidationError(scope, `PYTORCH inputs must be named so that their names, sorted as texts, keep the model's order (or have no names at all), wanted ${sorted.join(', ')}, got ${names.join(', ')}`);
  }
}
