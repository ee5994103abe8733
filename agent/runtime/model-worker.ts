import { Worker } from 'node:worker_threads';
import { status } from '@grpc/grpc-js';
import { AgentError, failedPrecondition, invalidArgument, messageOf, resourceExhausted } from '../status';
import { isMemoryMessage } from './protocol';
import type { Loaded, RawTensor, TensorSpec, WorkerReply, WorkerRequest, WorkerStart } from './protocol';

/** Predictions of one model that may wait. Each holds its tensors in memory. */
const MAX_WAITING = 256;

interface Waiting {
  readonly resolve: (outputs: readonly RawTensor[]) => void;
  readonly reject: (error: Error) => void;
}


/** The main thread's end of a model's worker. */
export class ModelWorker {
  /** Starts a thread from `entry` (the file that runs `runWorker` when it is not the main thread) and loads a model. */
  public static async load(entry: string, start: WorkerStart): Promise<ModelWorker> {
    const worker = new Worker(entry, { workerData: start });
    const loaded = await new Promise<Loaded>((resolve, reject) => {
      const onMessage = (reply: WorkerReply): void => {
        // Not removeAllListeners: the thread's port must keep a listener, or it stops.
        worker.off('error', reject).off('exit', onExit);
        if (reply.kind === 'loaded') {
          resolve(reply);
        } else if (reply.kind === 'failed') {
          reject(loadError(reply));
        } else {
          reject(new Error(`the worker answered ${reply.kind} before it had a model`));
        }
      };
      const onExit = (code: number): void => {
        reject(new Error(`the worker ended with code ${code} while it loaded the model`));
      };
      worker.once('message', onMessage).once('error', reject).once('exit', onExit);
    });
    return new ModelWorker(worker, loaded);
  }

  public readonly inputs: readonly TensorSpec[];
  public readonly outputs: readonly TensorSpec[];
  public readonly fromCache: boolean;
  /** Called when the thread ends without `close`. */
  public onDeath: (reason: Error) => void = () => undefined;

  private readonly waiting = new Map<number, Waiting>();
  private nextId = 0;
  private dead: Error | undefined;
  private closing = false;
  private readonly ended: Promise<void>;

  private constructor(private readonly worker: Worker, loaded: Loaded) {
    this.inputs = loaded.inputs;
    this.outputs = loaded.outputs;
    this.fromCache = loaded.fromCache;
    worker.on('message', (reply: WorkerReply) => {
      this.receive(reply);
    });
    worker.on('error', (error) => {
      this.die(new Error(messageOf(error)));
    });
    this.ended = new Promise((resolve) => {
      worker.on('exit', (code) => {
        this.die(new Error(`the thread ended with code ${code}`));
        resolve();
      });
    });
  }

  /** Runs the model. Predictions run one after the other, in the order of the calls. The feeds' bytes move away. */
  public predict(feeds: readonly RawTensor[]): Promise<readonly RawTensor[]> {
    if (this.dead !== undefined) {
      return Promise.reject(new AgentError(status.UNAVAILABLE, `the model's worker is started again: ${this.dead.message}`));
    }
    if (this.waiting.size >= MAX_WAITING) {
      return Promise.reject(resourceExhausted(`${this.waiting.size} predictions of this model wait already`));
    }
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.post({ kind: 'predict', id, feeds }, feeds.map((feed) => feed.data.buffer));
    });
  }

  /** Lets the waiting predictions run or drops them, frees the model and ends the thread. */
  public async close(waiting: 'run' | 'drop' = 'run'): Promise<void> {
    this.closing = true;
    this.post({ kind: 'close', waiting }, []);
    await this.ended;
  }

  private post(request: WorkerRequest, transfer: ArrayBuffer[]): void {
    this.worker.postMessage(request, transfer);
  }

  private receive(reply: WorkerReply): void {
    if (reply.kind !== 'result' && reply.kind !== 'error') {
      return;
    }
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.kind === 'result') {
      waiting?.resolve(reply.outputs);
    } else {
      waiting?.reject(this.predictError(reply.message));
    }
  }

  private predictError(message: string): AgentError {
    if (isMemoryMessage(message)) {
      return resourceExhausted(message);
    }
    // With open dimensions only the run shows that a shape does not fit. With fixed ones the request was right.
    const open = this.inputs.some((input) => input.shape.includes(-1));
    const ofRequest = /Got invalid dimensions|Invalid rank|Unexpected input data type|is missing in/.test(message) || open;
    return ofRequest ? invalidArgument(message) : new AgentError(status.INTERNAL, message);
  }

  private die(reason: Error): void {
    if (this.dead !== undefined) {
      return;
    }
    this.dead = reason;
    for (const { reject } of this.waiting.values()) {
      reject(new AgentError(status.INTERNAL, `the model's worker failed: ${reason.message}`));
    }
    this.waiting.clear();
    if (!this.closing) {
      this.onDeath(reason);
    }
  }
}

function loadError({ reason, message }: Extract<WorkerReply, { kind: 'failed' }>): AgentError {
  if (reason === 'memory') {
    return resourceExhausted(message);
  }
  return reason === 'refused' ? failedPrecondition(message) : new AgentError(status.INTERNAL, message);
}
