import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { DriftFeatures } from '../drift/features';
import { OptimisedModels } from '../models/cache';
import { splitDefaults } from '../models/onnx-defaults';
import { readOnnxFile, type OnnxFile } from '../models/onnx-file';
import { messageOf } from '../status';
import { carrierOf, fromTensor, tensorOfDefault, toTensor, UnfitValueError } from './carriers';
import { FrameFile } from './frames';
import { isMemoryMessage, isWorkerRequest } from './protocol';
import type { RawTensor, TensorSpec, WorkerReply, WorkerStart } from './protocol';

/** Frames come and go here. */
const FRAMES_FD = 3;
/** Closes with the agent. */
const LIFELINE_FD = 4;

/**
 * The process of a model: one prediction after the other. ONNX Runtime's create and run are synchronous and cannot be
 * interrupted, which is why they are here and not beside the gRPC server.
 */
export async function runWorker(): Promise<void> {
  // From Node 24 on, onnxruntime-common makes a Float16Array of the bits, and the native side finds no byte in it.
  Reflect.deleteProperty(globalThis, 'Float16Array');
  // Inputs and outputs are properties of objects there: without the accessor, one named __proto__ is a property like others.
  Reflect.deleteProperty(Object.prototype, '__proto__');
  endWithAgent();
  const frames = new FrameFile(FRAMES_FD);
  const first = frames.read()?.message;
  if (!isWorkerRequest(first) || first.kind !== 'load') {
    throw new Error('the process of a model was started without its model');
  }
  const reply = (message: WorkerReply, tensors: readonly RawTensor[] = []): void => {
    frames.write({ message, tensors });
  };
  const served = await load(first.start, reply);
  if (served === undefined) {
    return;
  }
  for (let request = frames.read(); request !== undefined; request = frames.read()) {
    await predict(served, request.tensors, reply);
  }
}

/**
 * The agent ends this process. Its signals to a group are not for the model, which may be asked until the end. A thread
 * sees it when the agent is gone without a word, and ends the process, whatever the model does.
 */
function endWithAgent(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => undefined);
  }
  const watch = `const end = () => { process.kill(process.pid, 'SIGKILL'); };
new (require('node:net').Socket)({ fd: ${LIFELINE_FD} }).on('error', end).on('close', end).resume();`;
  new Worker(watch, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 } }).unref();
}

type Reply = (message: WorkerReply, tensors?: readonly RawTensor[]) => void;

interface ServedModel {
  readonly session: InferenceSession;
  /** Values of inputs that a request may leave out. */
  readonly defaults: ReadonlyMap<string, Tensor>;
  /** Where somebody counts what predictions are like. */
  readonly features: DriftFeatures | undefined;
}

async function load(start: WorkerStart, reply: Reply): Promise<ServedModel | undefined> {
  try {
    const model = readFileSync(start.modelPath);
    const digest = createHash('sha256').update(model).digest('hex');
    if (digest !== start.modelSha256) {
      const message = `${start.modelPath}: SHA-256 is ${digest}, the manifest says ${start.modelSha256}`;
      reply({ kind: 'failed', reason: 'refused', message });
      return undefined;
    }
    const file = readOnnxFile(model);
    const byPath = hasExternalWeights(start, file);
    const split = byPath || file === undefined ? { model, defaults: [] } : splitDefaults(model);
    const { session, fromCache } = await createSession(start, byPath ? start.modelPath : Buffer.from(split.model));
    const defaults = new Map(split.defaults.map((value) => [value.name, tensorOfDefault(value)]));
    const inputs = session.inputMetadata.map(describe).map((spec): TensorSpec => ({
      ...spec,
      ...file?.unshapedInputs.has(spec.name) === true ? { unshaped: true } : {},
      ...defaults.has(spec.name) ? { optional: true } : {},
    }));
    const outputs = session.outputMetadata.map(describe);
    reply({ kind: 'loaded', inputs, outputs, fromCache });
    return { session, defaults, features: start.withFeatures ? new DriftFeatures() : undefined };
  } catch (error) {
    const message = messageOf(error);
    reply({ kind: 'failed', reason: isMemoryMessage(message) ? 'memory' : 'refused', message: `${start.modelPath}: ${message}` });
    return undefined;
  }
}

/**
 * The runtime looks for external weights in the folder of a model that it opens by its path, and in the working folder
 * for one that it opens from bytes. Weights must be files of the package: their digests are checked.
 */
function hasExternalWeights(start: WorkerStart, file: OnnxFile | undefined): boolean {
  const locations = file?.externalLocations ?? new Set<string>();
  for (const location of locations) {
    if (!start.otherFiles.includes(resolve(dirname(start.modelPath), location))) {
      throw new Error(`its weights are in ${JSON.stringify(location)}, which is not a file of the package`);
    }
  }
  return locations.size > 0;
}

async function createSession(start: WorkerStart, source: string | Buffer): Promise<{ session: InferenceSession; fromCache: boolean }> {
  const cache = new OptimisedModels(start.cacheFolder);
  const options: InferenceSession.SessionOptions = {
    logSeverityLevel: 3, intraOpNumThreads: start.threads, interOpNumThreads: 1,
    // Spinning threads of one session starve those of the next on small machines.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
  const key = start.contentSha256;
  const optimised = findOptimised(cache, key);
  if (optimised !== undefined) {
    try {
      return { session: await InferenceSession.create(optimised, { ...options, graphOptimizationLevel: 'disabled' }), fromCache: true };
    } catch {
      cache.discard(key); // not readable after all: as if it had never been there
    }
  }
  const write: InferenceSession.SessionOptions = { ...options, graphOptimizationLevel: 'all' };
  let temporary: string | undefined;
  try {
    temporary = cache.temporaryPath(key);
    const session = await create(source, { ...write, optimizedModelFilePath: temporary });
    cache.keep(key);
    return { session, fromCache: false };
  } catch {
    // A full or read-only disk must not stop the model. A bad model fails again below, with the runtime's own words.
    if (temporary !== undefined) {
      rmSync(temporary, { force: true });
    }
    return { session: await create(source, write), fromCache: false };
  }
}

/** The overloads of `create` take a path or bytes, not their union. */
async function create(source: string | Buffer, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  return typeof source === 'string' ? InferenceSession.create(source, options) : InferenceSession.create(source, options);
}

function findOptimised(cache: OptimisedModels, contentSha256: string): Buffer | undefined {
  try {
    return cache.find(contentSha256);
  } catch {
    return undefined; // unreadable cache: load the model itself
  }
}

function describe(value: InferenceSession.ValueMetadata): TensorSpec {
  if (!value.isTensor) {
    throw new Error(`${value.name} is a sequence or a map, which the agent's protocol cannot carry: export the model without it`);
  }
  const shape = value.shape.map((dimension) => typeof dimension === 'number' ? dimension : -1);
  return { name: value.name, type: carrierOf(value.name, value.type), shape };
}

async function predict({ session, defaults, features }: ServedModel, raw: readonly RawTensor[], reply: Reply): Promise<void> {
  try {
    const types = new Map(session.inputMetadata.map((input) => [input.name, input.isTensor ? input.type : undefined]));
    const feeds: Record<string, Tensor> = Object.fromEntries(defaults);
    for (const tensor of raw) {
      feeds[tensor.name] = toTensor(tensor, types.get(tensor.name) ?? tensor.type);
    }
    const results = await session.run(feeds);
    const outputs = session.outputNames.map((name) => fromTensor(name, results[name]));
    reply({ kind: 'result', ...features === undefined ? {} : { features: features.of(raw, outputs) } }, outputs); // NaN becomes null in JSON
  } catch (error) {
    reply({ kind: 'error', message: messageOf(error), ofRequest: error instanceof UnfitValueError });
  }
}
