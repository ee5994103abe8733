import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../../service/programs';
import { isRecord } from '../../service/validator';
import type { ContainerAnswer } from './errors';
import { ContainerProblem, type ServedModel } from './model-store';

/** What the process is given first. */
export interface ModelTask { readonly modelFile: string; readonly modelName: string; readonly modelVersion: string }
export interface ModelRequest { readonly id: number; readonly body: Uint8Array }
export interface ModelReply { readonly id: number; readonly status: number; readonly body: Uint8Array; readonly cpuMs: number }

/** A container's answer, and the time that its processor took for it. */
export interface Inference extends ContainerAnswer { readonly cpuMs: number }

/** Answers that are kept: a load test draws from few payloads. */
const KEPT = 256;
const JSON_TYPE = 'application/json';

/** The program of one container: a process of its own that has loaded the model, see model-server.ts. */
export class ModelProcess {
  private readonly pending = new Map<number, { resolve: (answer: Inference) => void; reject: (error: Error) => void }>();
  private readonly known = new Map<string, Promise<Inference>>();
  private requests = 0;
  private ended = false;

  private constructor(private readonly child: ChildProcess, private readonly folder: string) {
    child.on('message', (reply: ModelReply) => {
      const { id, status, body, cpuMs } = reply;
      this.pending.get(id)?.resolve({ status, contentType: JSON_TYPE, body: Buffer.from(body), cpuMs });
      this.pending.delete(id);
    });
    child.once('exit', (code, signal) => {
      this.ended = true;
      for (const { reject } of this.pending.values()) {
        reject(new Error(`the container's process has ended (${signal ?? `exit code ${String(code)}`})`));
      }
      this.pending.clear();
    });
  }

  /** Throws `ContainerProblem` for a model that does not load. */
  public static async start({ name, version, onnx }: ServedModel): Promise<ModelProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'sagemaker-endpoint-'));
    const { file, execArgv } = program('model-server');
    const child = fork(file, { execArgv: [...execArgv], serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    try {
      const modelFile = join(folder, 'model.onnx');
      await writeFile(modelFile, onnx);
      await loaded(child, { modelFile, modelName: name, modelVersion: version });
      return new ModelProcess(child, folder);
    } catch (error) {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs the model. */
  public async infer(body: Buffer): Promise<Inference> {
    if (this.ended) {
      throw new Error('the container\'s process has ended');
    }
    const id = this.requests;
    this.requests += 1;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.child.send({ id, body }, (error) => {
        if (error) {
          this.pending.delete(id);
          reject(error);
        }
      });
    });
  }

  /** What the model has answered to these very bytes before; else it runs. */
  public async inferOnce(body: Buffer): Promise<Inference> {
    const digest = createHash('sha256').update(body).digest('base64');
    const before = this.known.get(digest);
    if (before) {
      return before;
    }
    const [oldest] = this.known.keys();
    if (oldest !== undefined && this.known.size >= KEPT) {
      this.known.delete(oldest);
    }
    const answer = this.infer(body);
    this.known.set(digest, answer);
    answer.catch(() => {
      this.known.delete(digest);
    });
    return answer;
  }

  public async close(): Promise<void> {
    if (!this.ended) {
      const exited = new Promise((resolve) => {
        this.child.once('exit', resolve);
      });
      this.child.kill('SIGKILL');
      await exited;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function loaded(child: ChildProcess, task: ModelTask): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new ContainerProblem(`failed to load '${task.modelName}' version ${task.modelVersion}: the server ended (${signal ?? `exit code ${String(code)}`})`));
    });
    child.once('message', (message: unknown) => {
      if (isRecord(message) && message.isLoaded === true) {
        resolve();
      } else {
        const reason = isRecord(message) ? String(message.reason) : '';
        reject(new ContainerProblem(`failed to load '${task.modelName}' version ${task.modelVersion}: Internal: onnx runtime error: ${reason}`));
      }
    });
    child.send(task);
  });
  child.removeAllListeners();
}
