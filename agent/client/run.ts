import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureDataStatus, type Model, type TensorMetadata } from '../generated/agent';
import { dataTypeName } from '../runtime/tensors';
import { argmax, decodeCtc } from './ctc';
import { toNumbers } from './elements';
import { fromProtocol, tensorFromFile, toProtocol } from './inputs';
import { writeNpy, type ClientTensor } from './npy';
import type { ClientArguments, PredictOptions } from './arguments';
import type { AgentCalls } from './calls';

/** What a command found: JSON for programs, lines for people. */
export interface Answer {
  readonly json: unknown;
  readonly lines: readonly string[];
}

/** Values that JSON shows. */
const SHOWN = 1000;

export async function run({ command }: ClientArguments, calls: AgentCalls): Promise<Answer> {
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
    case 'Predict':
    case 'PredictAndCapture': return predict(command.name, command.predict, command.verb === 'PredictAndCapture', calls);
  }
}

async function predict(name: string, options: PredictOptions, capture: boolean, calls: AgentCalls): Promise<Answer> {
  const { model } = await calls.describeModel(name);
  const inputs = await readInputs(model?.inputTensorMetadatas ?? [], options);
  const started = Date.now();
  const response = await calls.predict(name, inputs.map(toProtocol));
  const milliseconds = Date.now() - started;
  const outputs = response.tensors.map(fromProtocol);
  const [first] = outputs;
  const read = options.keysFile === undefined || first === undefined ? undefined : decodeCtc(first, await readFile(options.keysFile, 'utf8'));
  if (options.outFolder !== undefined) { await writeOutputs(options.outFolder, outputs); }
  const shown = outputs.map(summarise);
  const captured = capture ? await captureTensors(name, started, inputs, outputs, options.waitSeconds, calls) : undefined;
  return {
    json: { model: name, milliseconds, ...read, outputs: shown, ...captured },
    lines: [
      ...read === undefined ? [] : [`text        ${read.text}`, `confidence  ${read.confidence.toFixed(3)}`],
      ...shown.map((output) => `${output.name}  ${output.type} [${output.shape.join(', ')}]  min ${output.min}  max ${output.max}  argmax ${output.argmax}`),
      ...captured === undefined ? [] : [`capture     ${captured.captureId} ${captured.captureStatus}`],
      `${milliseconds} ms`,
    ],
  };
}

async function readInputs(metadata: readonly TensorMetadata[], options: PredictOptions): Promise<ClientTensor[]> {
  return Promise.all(options.files.map(({ input, path }, index) => {
    const found = input === undefined ? metadata[index] : metadata.find((candidate) => candidate.name === input);
    if (found === undefined) { throw new Error(`the model has no input ${input ?? `at place ${index + 1}`}; it has ${metadata.map((candidate) => candidate.name).join(', ')}`); }
    return tensorFromFile(path, found, options.inputs);
  }));
}

async function captureTensors(name: string, time: number, inputs: readonly ClientTensor[], outputs: readonly ClientTensor[], waitSeconds: number, calls: AgentCalls): Promise<{ captureId: string; captureStatus: string }> {
  const captureId = randomUUID();
  await calls.captureData({
    modelName: name, captureId, inferenceTimestamp: { seconds: BigInt(Math.floor(time / 1000)), nanos: (time % 1000) * 1_000_000 },
    inputTensors: inputs.map(toProtocol), outputTensors: outputs.map(toProtocol), inputs: [], outputs: [],
  });
  const end = Date.now() + waitSeconds * 1000;
  let { status } = await calls.captureStatus(captureId);
  while (status === CaptureDataStatus.IN_PROGRESS && Date.now() < end) {
    await sleep(100);
    ({ status } = await calls.captureStatus(captureId));
  }
  if (waitSeconds > 0 && status !== CaptureDataStatus.SUCCESS) { throw new Error(`capture ${captureId} is ${CaptureDataStatus[status]} after ${waitSeconds} s`); }
  return { captureId, captureStatus: CaptureDataStatus[status] };
}

async function writeOutputs(folder: string, outputs: readonly ClientTensor[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(outputs.map((output, index) => writeFile(join(folder, `${index}-${output.name.replaceAll(/[^\w.-]/g, '_')}.npy`), writeNpy(output))));
}

function summarise(tensor: ClientTensor) {
  const values = toNumbers(tensor);
  const best = argmax(values);
  const lowest = values.reduce((low, value) => Math.min(low, value), Infinity);
  return {
    name: tensor.name, type: tensor.type, shape: tensor.shape, min: lowest, max: values[best] ?? 0, argmax: best,
    ...(values.length <= SHOWN ? { values: [...values] } : {}),
  };
}

function showStatus(captureId: string, status: CaptureDataStatus): Answer {
  return { json: { captureId, captureStatus: CaptureDataStatus[status] }, lines: [CaptureDataStatus[status]] };
}

function showModels(models: readonly Model[], full: boolean): Answer {
  const tensor = (metadata: TensorMetadata): string => `${metadata.name} ${dataTypeName(metadata.dataType)} [${metadata.shape.join(', ')}]`;
  const widest = Math.max(0, ...models.map((model) => model.name.length));
  return {
    json: {
      models: models.map((model) => ({
        name: model.name, url: model.url,
        inputs: model.inputTensorMetadatas.map((metadata) => ({ ...metadata, dataType: dataTypeName(metadata.dataType) })),
        outputs: model.outputTensorMetadatas.map((metadata) => ({ ...metadata, dataType: dataTypeName(metadata.dataType) })),
      })),
    },
    lines: models.flatMap((model) => [
      `${model.name.padEnd(widest)}  ${model.url}`,
      ...full ? [...model.inputTensorMetadatas.map((metadata) => `  in   ${tensor(metadata)}`), ...model.outputTensorMetadatas.map((metadata) => `  out  ${tensor(metadata)}`)] : [],
    ]),
  };
}
