import { InferenceSession, Tensor } from 'onnxruntime-node';

import type { ModelIo, OnnxTask, OnnxVerdict, ShapeMap } from './onnx-task';
import { errorText } from '../service/errors';

/**
 * The process behind onnx-task.ts: loads a model, checks the shapes that a job declares, runs it once on zeros of them,
 * and leaves the optimised model in a file.
 */

/** Level `extended` is portable; `all` would tie the file to this machine's instruction set. */
const OPTIMISE: InferenceSession.SessionOptions = {
  graphOptimizationLevel: 'extended', executionProviders: ['cpu'], intraOpNumThreads: 1, logSeverityLevel: 4,
};

/** 256 MB of float32: more would only show how much memory this machine has. */
const MAX_ELEMENTS = 1 << 26;

/** What the model's author or the job's owner did wrong. */
class ModelProblem extends Error {}

async function check(task: OnnxTask): Promise<OnnxVerdict> {
  const session = await open(task);
  const inputs = tensors(session.inputMetadata, 'input');
  const outputs = tensors(session.outputMetadata, 'output');
  const shapes = task.shapes === undefined ? derive(inputs) : settle(inputs, task.shapes);
  await runOnZeros(session, inputs, shapes);
  await session.release();
  return { ok: true, inputs: inputs.map((input) => ({ ...input, shape: shapes[input.name] ?? [] })), outputs, shapes };
}

async function open(task: OnnxTask): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(task.modelFile, { ...OPTIMISE, optimizedModelFilePath: task.optimisedFile });
  } catch (error) {
    throw new ModelProblem(`Unable to load provided ONNX model. Error: ${errorText(error).replaceAll(task.modelFile, 'model.onnx')}`);
  }
}

function tensors(metadata: readonly InferenceSession.ValueMetadata[], kind: string): ModelIo[] {
  return metadata.map((value) => {
    if (!value.isTensor) {
      throw new ModelProblem(`The ${kind} ${value.name} is not a tensor, which no target takes`);
    }
    return { name: value.name, type: value.type, shape: value.shape };
  });
}

/** Without DataInputConfig the shapes are the model's own, if it fixes them all. */
function derive(inputs: readonly ModelIo[]): ShapeMap {
  const open = inputs.find((input) => !input.shape.every((dimension) => typeof dimension === 'number' && dimension > 0));
  if (open) {
    throw new ModelProblem(`Input ${open.name} has no fixed shape in the model (${show(open.shape)}): give it in DataInputConfig`);
  }
  return Object.fromEntries(inputs.map((input) => [input.name, input.shape.filter((dimension) => typeof dimension === 'number')]));
}

function settle(inputs: readonly ModelIo[], shapes: ShapeMap): ShapeMap {
  const names = inputs.map((input) => input.name).join(', ');
  for (const name of Object.keys(shapes)) {
    if (!inputs.some((input) => input.name === name)) {
      throw new ModelProblem(`Input ${name} of DataInputConfig is not an input of the model, which has: ${names}`);
    }
  }
  for (const input of inputs) {
    const shape = shapes[input.name];
    if (!shape) {
      throw new ModelProblem(`Input ${input.name} has no shape in DataInputConfig; the model's inputs are: ${names}`);
    }
    const fits = shape.length === input.shape.length
      && input.shape.every((wanted, i) => typeof wanted === 'string' || wanted < 1 || wanted === shape[i]);
    if (!fits) {
      throw new ModelProblem(`Input ${input.name} has wrong shape in Input Shape dictionary: the model wants ${show(input.shape)}, got ${show(shape)}`);
    }
  }
  return shapes;
}

/** A shape that fits the inputs may still not fit the graph: that shows only at a run. */
async function runOnZeros(session: InferenceSession, inputs: readonly ModelIo[], shapes: ShapeMap): Promise<void> {
  const feeds: Record<string, Tensor> = {};
  for (const { name, type } of inputs) {
    const shape = shapes[name] ?? [];
    feeds[name] = zeros(name, type, shape);
  }
  try {
    const results = await session.run(feeds);
    for (const result of Object.values(results)) {
      result.dispose();
    }
  } catch (error) {
    throw new ModelProblem(`The model does not run with the shapes of DataInputConfig (${JSON.stringify(shapes)}). Error: ${errorText(error)}`);
  }
}

function zeros(name: string, type: string, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (size > MAX_ELEMENTS) {
    throw new ModelProblem(`Input ${name} has ${size} elements, more than the ${MAX_ELEMENTS} that the local stand-in runs`);
  }
  switch (type) {
    case 'float32': return new Tensor(type, new Float32Array(size), shape);
    case 'float64': return new Tensor(type, new Float64Array(size), shape);
    case 'float16': return new Tensor(type, new Uint16Array(size), shape);
    case 'uint8': case 'bool': return new Tensor(type, new Uint8Array(size), shape);
    case 'int8': return new Tensor(type, new Int8Array(size), shape);
    case 'uint16': return new Tensor(type, new Uint16Array(size), shape);
    case 'int16': return new Tensor(type, new Int16Array(size), shape);
    case 'int32': return new Tensor(type, new Int32Array(size), shape);
    case 'int64': return new Tensor(type, new BigInt64Array(size), shape);
    default: throw new ModelProblem(`Input ${name} has type ${type}, which the local stand-in cannot feed`);
  }
}

function show(shape: readonly (number | string)[]): string {
  return `[${shape.map((dimension) => typeof dimension === 'number' && dimension >= 0 ? String(dimension) : '?').join(',')}]`;
}

function answer(verdict: OnnxVerdict): void {
  process.send?.(verdict, undefined, undefined, () => {
    process.exit(0);
  });
}

process.once('disconnect', () => { // whoever asked is gone
  process.exit(1);
});
process.once('message', (task: OnnxTask) => {
  check(task).then(answer, (error: unknown) => {
    answer({ ok: false, ofModel: error instanceof ModelProblem, reason: errorText(error) });
  });
});
