import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureDataStatus, type Model, type TensorMetadata } from '../generated/agent';
import { dataTypeName } from '../runtime/tensors';
import { baseline } from './baseline';
import { argmax } from './decode/ctc';
import { decode } from './decode/decode';
import { toNumbers } from './elements';
import { fromProtocol, readInputs, toProtocol } from './inputs';
import { writeNpy, type ClientTensor } from './npy';
import { loadTest } from './load-test/load-test';
import { measure, showTiming } from './repeat';
import type { AgentCommand } from './arguments';
import type { AgentCalls } from './calls';
import type { PredictOptions } from './predict-options';

/** A command's result: JSON for programs, lines for people. */
export interface Answer {
  readonly json: unknown;
  readonly lines: readonly string[];
  /** For stderr: what was done that the user may not expect. */
  readonly notes?: readonly string[];
}

/** Values that JSON shows. */
const SHOWN = 1000;

export async function run(command: AgentCommand, calls: AgentCalls, socketPath: string): Promise<Answer> {
  switch (command.verb) {
    case 'LoadModel': {
      const { model } = await calls.loadModel(command.name, resolve(command.folder));
      return showModels(model === undefined ? [] : [model], true);
    }
    case 'UnLoadModel':
      await calls.unLoadModel(command.name);
      return { json: { unloaded: command.name }, lines: [`${command.name} is unloaded`] };
    case 'ListModels': return showModels((await calls.listModels()).models, false);
    case 'DescribeModel': {
      const { model } = await calls.describeModel(command.name);
      return showModels(model === undefined ? [] : [model], true);
    }
    case 'CaptureStatus': return showStatus(command.captureId, (await calls.captureStatus(command.captureId)).status);
    case 'Baseline': return baseline(command.name, command.baseline, calls);
    case 'LoadTest': return loadTest(command.name, command.loadTest, socketPath, calls);
    case 'Predict':
    case 'PredictAndCapture': return predict(command.name, command.predict, command.verb === 'PredictAndCapture', calls);
  }
}

async function predict(name: string, options: PredictOptions, capture: boolean, calls: AgentCalls): Promise<Answer> {
  const { model } = await calls.describeModel(name);
  const { tensors: inputs, pictures, notes } = await readInputs(options.files, model?.inputTensorMetadatas ?? [], options.inputs);
  const request = inputs.map(toProtocol);
  const started = Date.now();
  const response = await calls.predict(name, request);
  const milliseconds = Date.now() - started;
  const outputs = response.tensors.map(fromProtocol);
  const decoded = options.decode === undefined ? undefined : await decode(options.decode, outputs, pictures);
  const timing = options.repeat === undefined ? undefined : await measure(options.repeat, () => calls.predict(name, request));
  if (options.outFolder !== undefined) {
    await writeOutputs(options.outFolder, outputs);
  }
  const shown = outputs.map(summarise);
  const captured = capture ? await captureTensors({ name, time: started, inputs, outputs }, options.waitSeconds, calls) : undefined;
  return {
    json: { model: name, milliseconds, ...decoded?.json, outputs: shown, ...captured, ...(timing === undefined ? {} : { timing }) },
    lines: [
      ...decoded?.lines ?? [],
      ...shown.map(({ name: output, type, shape, min, max, argmax: best, argmaxOfItems }) => (
        `${output}  ${type} [${shape.join(', ')}]  min ${min}  max ${max}  argmax ${argmaxOfItems?.join(' ') ?? best}`
      )),
      ...captured === undefined ? [] : [`capture     ${captured.captureId} ${captured.captureStatus}`],
      `${milliseconds} ms`,
      ...timing === undefined ? [] : [showTiming(timing)],
    ],
    notes,
  };
}

interface Inference {
  /** The model's local name. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly inputs: readonly ClientTensor[];
  readonly outputs: readonly ClientTensor[];
}

interface Captured {
  readonly captureId: string;
  readonly captureStatus: string;
}

async function captureTensors({ name, time, inputs, outputs }: Inference, waitSeconds: number, calls: AgentCalls): Promise<Captured> {
  const captureId = randomUUID();
  await calls.captureData({
    modelName: name,
    captureId,
    inferenceTimestamp: { seconds: BigInt(Math.floor(time / 1000)), nanos: (time % 1000) * 1_000_000 },
    inputTensors: inputs.map(toProtocol),
    outputTensors: outputs.map(toProtocol),
    inputs: [],
    outputs: [],
  });
  const end = Date.now() + waitSeconds * 1000;
  let { status } = await calls.captureStatus(captureId);
  while (status === CaptureDataStatus.IN_PROGRESS && Date.now() < end) {
    await sleep(100);
    ({ status } = await calls.captureStatus(captureId));
  }
  if (waitSeconds > 0 && status !== CaptureDataStatus.SUCCESS) {
    throw new Error(`capture ${captureId} is ${CaptureDataStatus[status]} after ${waitSeconds} s`);
  }
  return { captureId, captureStatus: CaptureDataStatus[status] };
}

async function writeOutputs(folder: string, outputs: readonly ClientTensor[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(outputs.map((output, index) => {
    const file = `${index}-${output.name.replaceAll(/[^\w.-]/g, '_')}.npy`;
    return writeFile(join(folder, file), writeNpy(output));
  }));
}

function summarise(tensor: ClientTensor) {
  const values = toNumbers(tensor);
  const best = argmax(values);
  const lowest = values.reduce((low, value) => Math.min(low, value), Infinity);
  return {
    name: tensor.name, type: tensor.type, shape: tensor.shape, min: lowest, max: values[best] ?? 0, argmax: best,
    ...(values.length <= SHOWN ? { values: [...values] } : {}),
    ...argmaxOfItems(values, tensor.shape),
  };
}

/** Of a batch, the argmax of each item: that of the whole tensor says nothing. */
function argmaxOfItems(values: Float64Array, [items = 1, ...inner]: readonly number[]): { readonly argmaxOfItems?: readonly number[] } {
  if (items <= 1 || inner.length === 0) {
    return {};
  }
  const size = values.length / items;
  return { argmaxOfItems: Array.from({ length: items }, (_, item) => argmax(values.subarray(item * size, (item + 1) * size))) };
}

function showStatus(captureId: string, status: CaptureDataStatus): Answer {
  return { json: { captureId, captureStatus: CaptureDataStatus[status] }, lines: [CaptureDataStatus[status]] };
}

function showModels(models: readonly Model[], full: boolean): Answer {
  const tensor = ({ name, dataType, shape }: TensorMetadata): string => `${name} ${dataTypeName(dataType)} [${shape.join(', ')}]`;
  const widest = Math.max(0, ...models.map((model) => model.name.length));
  return {
    json: {
      models: models.map((model) => ({
        name: model.name, url: model.url,
        inputs: model.inputTensorMetadatas.map((metadata) => ({ ...metadata, dataType: dataTypeName(metadata.dataType) })),
        outputs: model.outputTensorMetadatas.map((metadata) => ({ ...metadata, dataType: dataTypeName(metadata.dataType) })),
      })),
    },
    lines: models.flatMap((model) => {
      const inputs = model.inputTensorMetadatas.map((metadata) => `  in   ${tensor(metadata)}`);
      const outputs = model.outputTensorMetadatas.map((metadata) => `  out  ${tensor(metadata)}`);
      return [`${model.name.padEnd(widest)}  ${model.url}`, ...full ? [...inputs, ...outputs] : []];
    }),
  };
}
