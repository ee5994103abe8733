import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { status } from '@grpc/grpc-js';
import { AgentError, failedPrecondition, invalidArgument, messageOf, resourceExhausted } from '../status';
import { FrameStream, type Frame } from './frames';
import { isMemoryMessage, isWorkerReply } from './protocol';
import type { Loaded, LoadFailed, RawTensor, SentFeatures, TensorSpec, WorkerReply, WorkerStart } from './protocol';

/** The argument that makes the agent's program the process of a model. */
export const MODEL_PROCESS = 'model-process';
/** Predictions of one model that may wait. Each holds its tensors in memory. */
const MAX_WAITING = 256;

export interface ModelWorkerOptions {
  /** The program that runs `runWorker` with the argument `MODEL_PROCESS`. */
  readonly entry: string;
  readonly start: WorkerStart;
  /** A prediction that takes longer ends the process. */
  readonly timeoutMs: number;
  /** By input: what is known of dimensions that the model leaves open. */
  readonly inputShapes: ReadonlyMap<string, readonly number[]>;
  /** Ends the process, also while it loads. */
  readonly signal: AbortSignal;
}

/** What a model answered. */
export interface Prediction {
  readonly outputs: readonly RawTensor[];
  /** Undefined: the process was started without them. */
  readonly features: SentFeatures | undefined;
}

interface Waiting {
  readonly feeds: readonly RawTensor[];
  readonly resolve: (prediction: Prediction) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The agent's end of a model's process. A model runs in a process of its own, as ONNX Runtime cannot be interrupted: a
 * thread in an endless loop cannot be ended, and keeps its whole process from ending.
 */
export class ModelWorker {
  /** Starts a process and loads a model. */
  public static async load(options: ModelWorkerOptions): Promise<ModelWorker> {
    // 3: frames. 4: a line that closes with this process, however it ends.
    const child = spawn(process.execPath, [options.entry, MODEL_PROCESS], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
      env: environmentOf(process.env),
    });
    const abort = (): void => {
      child.kill('SIGKILL');
    };
    options.signal.addEventListener('abort', abort);
    child.once('exit', () => {
      options.signal.removeEventListener('abort', abort);
    });
    const worker = new ModelWorker(child, options.timeoutMs);
    await worker.loadModel(options.start, options.inputShapes);
    return worker;
  }

  /** Called when the process ends without `close`. */
  public onDeath: (reason: Error) => void = () => undefined;

  private readonly frames: FrameStream;
  private readonly ended: Promise<void>;
  private receive: (frame: Frame) => void = () => undefined;
  private loaded: Loaded | undefined;
  private waiting: Waiting[] = [];
  private running: Waiting | undefined;
  private timer: NodeJS.Timeout | undefined;
  private dead: Error | undefined;
  private closing = false;

  private constructor(private readonly child: ChildProcess, private readonly timeoutMs: number) {
    const [, , , stream, lifeline] = child.stdio;
    if (!(stream instanceof Duplex)) {
      throw new Error('the process of a model has no pipe');
    }
    stream.on('error', () => undefined); // the process has ended, which is told by its exit
    lifeline?.on('error', () => undefined);
    this.frames = new FrameStream(stream, (frame) => {
      this.receive(frame);
    });
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.die(new Error(`the process could not be started: ${messageOf(error)}`));
        resolve();
      });
      child.once('exit', (code, signal) => {
        this.die(new Error(`the process ended ${signal === null ? `with code ${code ?? 0}` : `by ${signal}`}`));
        resolve();
      });
    });
  }

  public get inputs(): readonly TensorSpec[] {
    return this.loaded?.inputs ?? [];
  }

  public get outputs(): readonly TensorSpec[] {
    return this.loaded?.outputs ?? [];
  }

  public get fromCache(): boolean {
    return this.loaded?.fromCache ?? false;
  }

  /** Resident memory. 0 when the process has ended. */
  public get memoryBytes(): number {
    try {
      const text = readFileSync(`/proc/${this.child.pid ?? 0}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  }

  /** Runs the model. Predictions run one after the other, in the order of the calls. */
  public predict(feeds: readonly RawTensor[]): Promise<Prediction> {
    if (this.dead !== undefined) {
      return Promise.reject(restarting(this.dead));
    }
    const waiting = this.waiting.length + (this.running === undefined ? 0 : 1);
    if (waiting >= MAX_WAITING) {
      return Promise.reject(resourceExhausted(`${waiting} predictions of this model wait already`));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ feeds, resolve, reject });
      this.runNext();
    });
  }

  /** Lets the waiting predictions run, or drops them with the running one, and ends the process. */
  public async close(waiting: 'run' | 'drop' = 'run'): Promise<void> {
    this.closing = true;
    if (waiting === 'drop') {
      this.rejectAll(() => new AgentError(status.UNAVAILABLE, 'the agent stops'));
    }
    this.runNext();
    await this.ended;
  }

  private async loadModel(start: WorkerStart, inputShapes: ReadonlyMap<string, readonly number[]>): Promise<void> {
    const reply = await new Promise<WorkerReply>((resolve, reject) => {
      this.receive = ({ message }) => {
        if (isWorkerReply(message)) {
          resolve(message);
        } else {
          reject(new Error('the process of a model answered in an unknown way'));
        }
      };
      this.onDeath = (reason) => {
        reject(new Error(`${reason.message} while it loaded the model`));
      };
      this.frames.send({ message: { kind: 'load', start }, tensors: [] });
    });
    if (reply.kind !== 'loaded') {
      await this.close('drop');
      throw reply.kind === 'failed' ? loadError(reply) : new Error(`the process of a model answered ${reply.kind} before it had a model`);
    }
    this.loaded = { ...reply, inputs: reply.inputs.map((spec) => withUsualShape(spec, inputShapes.get(spec.name))) };
    this.onDeath = () => undefined;
    this.receive = (frame) => {
      this.finish(frame);
    };
  }

  private runNext(): void {
    if (this.running !== undefined || this.dead !== undefined) {
      return;
    }
    this.running = this.waiting.shift();
    if (this.running === undefined) {
      if (this.closing) {
        this.child.kill('SIGKILL'); // there is nothing left to keep
      }
      return;
    }
    this.timer = setTimeout(() => {
      this.expire();
    }, this.timeoutMs);
    this.frames.send({ message: { kind: 'predict' }, tensors: this.running.feeds });
  }

  private finish({ message, tensors }: Frame): void {
    const { running } = this;
    if (running === undefined || !isWorkerReply(message)) {
      return;
    }
    clearTimeout(this.timer);
    this.running = undefined;
    if (message.kind === 'result') {
      running.resolve({ outputs: tensors, features: message.features });
    } else {
      running.reject(this.predictError(message.kind === 'error' ? message : { message: `the process answered ${message.kind}` }));
    }
    this.runNext();
  }

  private expire(): void {
    const seconds = this.timeoutMs / 1000;
    const reason = `the prediction took longer than ${seconds} s (sagemaker_edge_prediction_timeout_seconds)`;
    this.running?.reject(new AgentError(status.DEADLINE_EXCEEDED, `${reason}; the model is started again`));
    this.running = undefined;
    this.child.kill('SIGKILL');
    this.die(new Error(reason));
  }

  private predictError({ message, ofRequest = false }: { message: string; ofRequest?: boolean }): AgentError {
    if (isMemoryMessage(message)) {
      return resourceExhausted(message);
    }
    // With open dimensions only the run shows that a shape does not fit. With fixed ones the request was right.
    const open = this.inputs.some((input) => input.shape.includes(-1));
    const ofShape = /Got invalid dimensions|Invalid rank|Unexpected input data type|is missing in/.test(message) || open;
    return ofRequest || ofShape ? invalidArgument(message) : new AgentError(status.INTERNAL, message);
  }

  private die(reason: Error): void {
    if (this.dead !== undefined) {
      return;
    }
    this.dead = reason;
    this.running?.reject(new AgentError(status.INTERNAL, `the model's worker failed: ${reason.message}`));
    this.rejectAll(() => restarting(reason));
    if (!this.closing) {
      this.onDeath(reason);
    }
  }

  private rejectAll(error: () => AgentError): void {
    clearTimeout(this.timer);
    const left = [...this.running === undefined ? [] : [this.running], ...this.waiting];
    this.running = undefined;
    this.waiting = [];
    for (const { reject } of left) {
      reject(error());
    }
  }
}

/** A shape of another rank is not one of this model. */
function withUsualShape(spec: TensorSpec, usualShape: readonly number[] | undefined): TensorSpec {
  return usualShape?.length === spec.shape.length ? { ...spec, usualShape } : spec;
}

function restarting(reason: Error): AgentError {
  return new AgentError(status.UNAVAILABLE, `the model's worker is started again: ${reason.message}`);
}

/** A model needs none of the agent's credentials. */
function environmentOf(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}

function loadError({ reason, message }: LoadFailed): AgentError {
  return reason === 'memory' ? resourceExhausted(message) : failedPrecondition(message);
}
