import type { ArchiveFile } from '../../private/archive/archive-file';
import { archiveFile, wholeOf } from '../../private/archive/content';
import { pickArchiveFiles } from '../../model/private/archive-rules';
import { lfsPointerProblem } from '../../model/private/lfs-pointer';
import { checkedOnnx, type GivenInput } from '../../model/private/onnx-check';
import { missingDataProblem, namedDataOf } from '../../model/private/onnx-data-files';
import { describeTensor, type OnnxModelFile, type OnnxTensor } from '../../model/private/onnx-model-file';

/** How Triton serves a model. */
export interface TritonSettings {
  readonly name: string;
  /** 0: requests have the shapes of the .onnx file, and are run one by one. */
  readonly maxBatchSize: number;
  /** Microseconds that the first request of a batch waits for others. */
  readonly maxQueueDelay?: number;
  /** Copies of the model that run at a time, on each GPU or on the CPU. */
  readonly instances?: number;
}

type Result<T> = T | { readonly problem: string };

const CONFIG = 'config.pbtxt';

/** `data_type` of https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto */
const DATA_TYPES: ReadonlyMap<string, string> = new Map([
  ['float32', 'TYPE_FP32'], ['float64', 'TYPE_FP64'], ['float16', 'TYPE_FP16'], ['bfloat16', 'TYPE_BF16'], ['bool', 'TYPE_BOOL'],
  ['string', 'TYPE_STRING'], ['int8', 'TYPE_INT8'], ['int16', 'TYPE_INT16'], ['int32', 'TYPE_INT32'], ['int64', 'TYPE_INT64'],
  ['uint8', 'TYPE_UINT8'], ['uint16', 'TYPE_UINT16'], ['uint32', 'TYPE_UINT32'], ['uint64', 'TYPE_UINT64'],
]);

/**
 * The files of a Triton model repository with one ONNX model: `<name>/config.pbtxt`, `<name>/1/model.onnx`, and beside it the files of
 * weights that it names. A `config.pbtxt` of the user's is taken as it is.
 */
export function tritonRepository(
  files: readonly ArchiveFile[], settings: TritonSettings, given: readonly GivenInput[] | undefined,
): Result<{ readonly files: ArchiveFile[] }> {
  const picked = pickArchiveFiles('ONNX', files);
  if ('problem' in picked) {
    return picked;
  }
  const pointer = lfsPointerProblem(files);
  const [onnx] = picked.picked; // there is exactly one
  if (pointer !== undefined || onnx === undefined) {
    return { problem: pointer ?? 'there is no model' };
  }
  const model = checkedOnnx(onnx.path, onnx.content, given);
  if ('problem' in model) {
    return model;
  }
  const data = namedDataOf(onnx.path, model);
  const missing = missingDataProblem(data, files);
  if (missing !== undefined) {
    return { problem: missing };
  }
  const config = givenConfig(files, settings) ?? configOf(onnx.path, model, settings);
  if ('problem' in config) {
    return config;
  }
  const version = `${settings.name}/1`;
  const weights = new Set(data.map(({ path }) => path));
  return {
    files: [
      archiveFile({ path: `${settings.name}/${CONFIG}`, content: Buffer.from(config.text) }),
      { path: `${version}/model.onnx`, content: onnx.content },
      ...files.filter(({ path }) => weights.has(path)).map(({ path, content }) => ({ path: `${version}/${path}`, content })),
    ],
  };
}

function givenConfig(files: readonly ArchiveFile[], settings: TritonSettings): Result<{ readonly text: string }> | undefined {
  const file = files.find(({ path }) => path === CONFIG);
  if (file === undefined) {
    return undefined;
  }
  const text = wholeOf(file.content).toString('utf8');
  const name = /^\s*name\s*:\s*"([^"]*)"/m.exec(text.replace(/\{[^{}]*\}/g, ''))?.[1]; // of the model, not of an input
  if (name !== undefined && name !== settings.name) {
    return { problem: `the name in ${CONFIG} must be the modelName, '${settings.name}', got '${name}'` };
  }
  const options = { maxBatchSize: settings.maxBatchSize || undefined, instancesPerProcessor: settings.instances };
  const [both] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  return both === undefined ? { text } : { problem: `${both} must stand in ${CONFIG}, since the model has one, got it as an option too` };
}

/**
 * With inputs and outputs in it, the ONNX backend completes nothing by itself: without them it would take the first dimension of a model
 * for a batch, and requests would need other shapes than on a device. (ModelState::AutoCompleteConfig of
 * https://github.com/triton-inference-server/onnxruntime_backend/blob/main/src/onnxruntime.cc)
 */
function configOf(file: string, model: OnnxModelFile, settings: TritonSettings): Result<{ readonly text: string }> {
  const tensors = [...model.inputs, ...model.outputs];
  const problem = typeProblem(file, tensors) ?? batchProblem(file, tensors, settings.maxBatchSize);
  if (problem !== undefined) {
    return { problem };
  }
  const isComplete = tensors.every(({ dimensions = [], elementType }) => dimensions.length > 0 && elementType !== undefined);
  const section = (key: string, list: readonly OnnxTensor[]): string[] => list.map((tensor) => `${key} [ ${tensorOf(tensor, settings)} ]`);
  const { instances, maxBatchSize, maxQueueDelay } = settings;
  const lines = [
    `name: ${quoted(settings.name)}`,
    'backend: "onnxruntime"',
    `max_batch_size: ${maxBatchSize}`,
    ...isComplete ? [...section('input', model.inputs), ...section('output', model.outputs)] : [], // what the file leaves open, Triton finds out
    ...instances === undefined ? [] : [`instance_group [ { count: ${instances} } ]`],
    ...maxBatchSize === 0 ? [] : [`dynamic_batching { max_queue_delay_microseconds: ${maxQueueDelay ?? 0} }`],
  ];
  return { text: `${lines.join('\n')}\n` };
}

function tensorOf({ name, elementType = '', dimensions = [] }: OnnxTensor, { maxBatchSize }: TritonSettings): string {
  const dims = dimensions.map((dimension) => typeof dimension === 'number' ? dimension : -1).slice(maxBatchSize === 0 ? 0 : 1);
  const shape = dims.length > 0 ? `dims: [ ${dims.join(', ')} ]` : 'dims: [ 1 ] reshape: { shape: [ ] }'; // a batch of scalars
  return `{ name: ${quoted(name)} data_type: ${DATA_TYPES.get(elementType) ?? ''} ${shape} }`;
}

function typeProblem(file: string, tensors: readonly OnnxTensor[]): string | undefined {
  const strange = tensors.find(({ kind, elementType }) => kind !== undefined || !DATA_TYPES.has(elementType ?? 'float32'));
  const got = strange?.kind ?? strange?.elementType ?? '';
  return strange && `inputs and outputs of ${file} must be tensors of a type that Triton serves (${[...DATA_TYPES.keys()].join(', ')}), got ${got} for '${strange.name}'`;
}

function batchProblem(file: string, tensors: readonly OnnxTensor[], maxBatchSize: number): string | undefined {
  const isOpen = ({ dimensions }: OnnxTensor): boolean => dimensions === undefined || typeof dimensions[0] === 'string';
  const fixed = maxBatchSize === 0 ? undefined : tensors.find((tensor) => !isOpen(tensor));
  return fixed && `with maxBatchSize, the first dimension of each input and output of ${file} must be open, since it is the batch, got ${describeTensor(fixed)}: export the model with a dynamic first dimension, or leave maxBatchSize out`;
}

/** A string of protobuf's text format. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
