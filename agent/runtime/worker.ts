import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OptimisedModels } from '../models/cache';
import { readOnnxFile } from '../models/onnx-file';
import { ELEMENT_BYTES, isElementType, isMemoryMessage } from './protocol';
import type { RawTensor, TensorSpec, WorkerReply, WorkerRequest, WorkerStart } from './protocol';

/**
 * Body of a worker thread: one model, one prediction at a time. ONNX Runtime's create and run are synchronous, which
 * is why they are here and not beside the gRPC server.
 */
export async function runWorker(start: WorkerStart): Promise<void> {
  // From Node 24 on, onnxruntime-common makes a Float16Array of the bits, and the native side finds no byte in it.
  Reflect.deleteProperty(globalThis, 'Float16Array');
  const port = parentPort;
  if (port === null) {
    throw new Error('runWorker belongs in a worker thread');
  }
  const reply = (message: WorkerReply, transfer: ArrayBuffer[] = []): void => {
    port.postMessage(message, transfer);
  };
  const session = await load(start, reply);
  if (session === undefined) {
    port.close();
    return;
  }
  serve(session, port, reply);
}

type Reply = (message: WorkerReply, transfer?: ArrayBuffer[]) => void;

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
    const message = error instanceof Error ? error.message : String(error);
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

function serve(session: InferenceSession, port: MessagePort, reply: Reply): void {
  let last = Promise.resolve();
  let dropping = false;
  port.on('message', (request: WorkerRequest) => {
    dropping ||= request.kind === 'close' && request.waiting === 'drop';
    last = last.then(async () => {
      if (request.kind === 'close') {
        await session.release();
        port.close();
        return;
      }
      if (dropping) {
        reply({ kind: 'error', id: request.id, message: 'the agent stops' });
      } else {
        await predict(session, request.id, request.feeds, reply);
      }
    });
  });
}

async function predict(session: InferenceSession, id: number, raw: readonly RawTensor[], reply: Reply): Promise<void> {
  try {
    const feeds: Record<string, Tensor> = {};
    for (const tensor of raw) {
      feeds[tensor.name] = toTensor(tensor);
    }
    const results = await session.run(feeds);
    const outputs = session.outputNames.map((name) => fromTensor(name, results[name]));
    reply({ kind: 'result', id, outputs }, outputs.map((output) => output.data.buffer));
  } catch (error) {
    reply({ kind: 'error', id, message: error instanceof Error ? error.message : String(error) });
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
  const whole = buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength;
  const data = whole ? new Uint8Array(buffer) : new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
  return { name, type: tensor.type, shape: tensor.dims, data };
}
