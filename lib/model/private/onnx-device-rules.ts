import type { OnnxModelFile, OnnxTensor } from './onnx-model-file';

/** The runtime in the agent's release. A test compares it and its limits with the one that is installed. */
export const ONNX_RUNTIME_VERSION = '1.30.0';
/** The newest IR version that it opens. */
export const MAX_IR_VERSION = 13;
/** The newest version of the operator sets that ONNX itself defines, by domain. */
export const MAX_OPSETS: ReadonlyMap<string, number> = new Map([['', 26], ['ai.onnx.ml', 5]]);

/** Those that the agent's protocol has, and those that travel in the next larger one: docs/agent.md, "Types and shapes". */
const CARRIED: ReadonlySet<string> = new Set([
  'uint8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64', 'bool', 'int8', 'uint16', 'uint32',
]);

/** Types that ONNX has and the runtime has no Cast for, on a CPU: what to do instead. */
const WITHOUT_CAST: ReadonlyMap<string, string> = new Map([
  ['complex64', 'which the runtime does not know: keep the real and the imaginary part as float32, for example in a last dimension of 2'],
  ['complex128', 'which the runtime does not know: keep the real and the imaginary part as float64, for example in a last dimension of 2'],
  ['float4e2m1', 'for which the runtime has no operators on a CPU: export the model with float32, or quantize it to int8'],
]);

/** Why the agent cannot open the model, or cannot tell its inputs or outputs to a client; undefined where it can. */
export function deviceProblem(file: string, model: OnnxModelFile): string | undefined {
  const problems = [...irProblems(model), ...opsetProblems(model)];
  if (problems.length > 0) {
    return `${file} is too new for ONNX Runtime ${ONNX_RUNTIME_VERSION} of the agent: ${problems.join('; ')}`;
  }
  const lost = model.outputs.filter((output) => problemOf(output) !== undefined);
  const [tensor] = [...model.inputs.filter((input) => problemOf(input) !== undefined), ...lost];
  if (tensor === undefined) {
    return undefined;
  }
  const what = `${lost.includes(tensor) ? 'output' : 'input'} '${tensor.name}' of ${file}`;
  return `${what} must be a tensor of a type that the agent's protocol carries (${[...CARRIED].join(', ')}), got ${problemOf(tensor) ?? ''}${remedy(tensor, model, lost, file)}`;
}

function irProblems({ irVersion }: OnnxModelFile): string[] {
  if (irVersion <= MAX_IR_VERSION) {
    return [];
  }
  return [`wanted an IR version of at most ${MAX_IR_VERSION}, got ${irVersion}: set model.ir_version = ${MAX_IR_VERSION} before onnx.save(model, ...)`];
}

function opsetProblems({ opsets }: OnnxModelFile): string[] {
  return [...opsets].flatMap(([domain, version]) => {
    const max = MAX_OPSETS.get(domain) ?? Infinity;
    if (version <= max) {
      return [];
    }
    const how = domain === ''
      ? `export it with opset_version=${max} (torch.onnx.export) or target_opset=${max} (skl2onnx), or convert it by onnx.version_converter.convert_version(model, ${max})`
      : `export it with target_opset={'': ${MAX_OPSETS.get('') ?? ''}, '${domain}': ${max}} (skl2onnx)`;
    return [`wanted an opset ${domain === '' ? '' : `${domain} `}of at most ${max}, got ${version}: ${how}`];
  });
}

/** What cannot be carried, in words; undefined for what can, and for what the file does not say: the runtime finds that out. */
function problemOf({ kind, elementType }: OnnxTensor): string | undefined {
  if (kind !== undefined) {
    return kind;
  }
  return elementType === undefined || CARRIED.has(elementType) ? undefined : elementType;
}

function remedy(tensor: OnnxTensor, model: OnnxModelFile, lost: readonly OnnxTensor[], file: string): string {
  const instead = WITHOUT_CAST.get(tensor.elementType ?? '');
  return instead === undefined ? `: ${mend(tensor, model, lost, file)}` : `, ${instead}`;
}

function mend(tensor: OnnxTensor, model: OnnxModelFile, lost: readonly OnnxTensor[], file: string): string {
  if (!lost.includes(tensor)) {
    return tensor.kind === undefined && tensor.elementType !== 'string'
      ? `declare the input as ${castTarget(tensor)} and add a Cast to ${tensor.elementType ?? 'its type'} behind it`
      : 'turn it into numbers before the model';
  }
  if (tensor.kind === undefined && tensor.elementType !== 'string') {
    return `add a Cast to ${castTarget(tensor)} before the output`;
  }
  // a sequence of maps is what a classifier of scikit-learn has by default, and texts are its labels
  const mends = [
    ...lost.some(({ kind }) => kind !== undefined) ? ["export a classifier of scikit-learn with options={'zipmap': False} (skl2onnx)"] : [],
    ...lost.some(({ elementType }) => elementType === 'string') ? ['train a classifier of scikit-learn with whole numbers for labels'] : [],
  ].join(', and ');
  const kept = model.outputs.filter((output) => !lost.includes(output));
  return kept.length === 0
    ? mends
    : `${mends}, or keep the other outputs alone by onnx.utils.extract_model('${file}', 'numbers.onnx', ${names(model.inputs)}, ${names(kept)})`;
}

function castTarget({ elementType }: OnnxTensor): string {
  return elementType !== undefined && /^u?int/.test(elementType) ? 'int64' : 'float32';
}

function names(tensors: readonly OnnxTensor[]): string {
  return `[${tensors.map(({ name }) => `'${name}'`).join(', ')}]`;
}
