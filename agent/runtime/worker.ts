import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OptimisedModels } from '../models/cache';
import { readOnnxFile } from '../models/onnx-file';
import { messageOf } from '../status';
import { FrameFile } from './frames';
import { ELEMENT_BYTES, isElementType, isMemoryMessage, isWorkerRequest } from './protocol';
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
  endWithAgent();
  const frames = new FrameFile(FRAMES_FD);
  const first = frames.read()?.message;
  if (!isWorkerRequest(first) || first.kind !== 'load') {
    throw new Error('the process of a model was started without its model');
  }
  const reply = (message: WorkerReply, tensors: readonly RawTensor[] = []): void => {
    frames.write({ message, tensors });
  };
  const session = await load(first.start, reply);
  if (session === undefined) {
    return;
  }
  for (let request = frames.read(); request !== undefined; request = frames.read()) {
    await predict(session, request.tensors, reply);
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

async function load(start: WorkerStart, reply: Reply): Promise<InferenceSession | undefined> {
  try {
    const model = readFileSync(start.modelPath);
    const digest = createHash('sha256').update(model).digest('hex');
    if (digest !== start.modelSha256) {
      const message = `${start.modelPath}: SHA-256 is ${digest}, the manifest says ${start.modelSha256}`;
      reply({ kind: 'failed', reason: 'refused', message });
      return undefined;
    }
    const byPath = hasExternalWeights(start, model);
    const { session, fromCache } = await createSession(start, byPath ? start.modelPath : model);
    const inputs = describe(session.inputMetadata);
    const outputs = describe(session.outputMetadata);
    reply({ kind: 'loaded', inputs, outputs, fromCache });
    return session;
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
function hasExternalWeights(start: WorkerStart, model: Buffer): boolean {
  const locations = readOnnxFile(model)?.externalLocations ?? new Set<string>();
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

function describe(metadata: readonly InferenceSession.ValueMetadata[]): TensorSpec[] {
  return metadata.map((value) => {
    if (!value.isTensor || !isElementType(value.type)) {
      const type = value.isTensor ? value.type : 'sequence or map';
      throw new Error(`${value.name} is of type ${type}, which the agent's protocol cannot carry`);
    }
    return { name: value.name, type: value.type, shape: value.shape.map((dimension) => typeof dimension === 'number' ? dimension : -1) };
  });
}

async function predict(session: InferenceSession, raw: readonly RawTensor[], reply: Reply): Promise<void> {
  try {
    const feeds: Record<string, Tensor> = {};
    for (const tensor of raw) {
      feeds[tensor.name] = toTensor(tensor);
    }
    const results = await session.run(feeds);
    reply({ kind: 'result' }, session.outputNames.map((name) => fromTensor(name, results[name])));
  } catch (error) {
    reply({ kind: 'error', message: messageOf(error) });
  }
}

function toTensor({ type, shape, data: { buffer, byteOffset, byteLength } }: RawTensor): Tensor {
  const length = byteLength / ELEMENT_BYTES[type];
  switch (type) {
    case 'uint8': return new Tensor(type, new Uint8Array(buffer, byteOffset, length), shape);
    case 'int16': return new Tensor(type, new Int16Array(buffer, byteOffset, length), shape);
    case 'int32': return new Tensor(type, new Int32Array(buffer, byteOffset, length), shape);
    case 'int64': return new Tensor(type, new BigInt64Array(buffer, byteOffset, length), shape);
    case 'float16': return new Tensor(type, new Uint16Array(buffer, byteOffset, length), shape); // its bits
    case 'float32': return new Tensor(type, new Float32Array(buffer, byteOffset, length), shape);
    case 'float64': return new Tensor(type, new Float64Array(buffer, byteOffset, length), shape);
  }
}

function fromTensor(name: string, tensor: Tensor | undefined): RawTensor {
  if (tensor === undefined || !isElementType(tensor.type) || !ArrayBuffer.isView(tensor.data)) {
    throw new Error(`output ${name} is missing`);
  }
  const { buffer, byteOffset, byteLength } = tensor.data;
  return { name, type: tensor.type, shape: tensor.dims, data: new Uint8Array(buffer, byteOffset, byteLength) };
}
