import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../service/programs';

/** An input or output of a model; a dimension that the model leaves open is a name or a number below 1. */
export interface ModelIo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** Input name → dimensions. */
export type ShapeMap = Readonly<Record<string, readonly number[]>>;

/** What the process is given. */
export interface OnnxTask {
  readonly modelFile: string;
  readonly optimisedFile: string;
  /** Absent: the model's own. */
  readonly shapes?: ShapeMap;
}

/** What the process answers. */
export type OnnxVerdict =
  | { readonly ok: true; readonly inputs: readonly ModelIo[]; readonly outputs: readonly ModelIo[]; readonly shapes: ShapeMap }
  | { readonly ok: false; readonly ofModel: boolean; readonly reason: string };

/** A model that passed, optimised. */
export interface OptimisedModel {
  readonly bytes: Buffer;
  readonly inputs: readonly ModelIo[];
  readonly outputs: readonly ModelIo[];
  readonly shapes: ShapeMap;
}

/** The model or its shapes are wrong: the job fails with this reason. */
export class BadModelError extends Error {}

/**
 * Checks and optimises a model in a process of its own, which is killed in any case, at once when the signal fires.
 * Not in a worker thread: ending one while ONNX Runtime works in it aborts this whole process (Napi::Error), and a model
 * that crashes the runtime would take everything along.
 */
export async function optimiseOnnx(model: Buffer, shapes: ShapeMap | undefined, signal: AbortSignal): Promise<OptimisedModel> {
  const folder = await mkdtemp(join(tmpdir(), 'sagemaker-compile-'));
  try {
    const task: OnnxTask = {
      modelFile: join(folder, 'model.onnx'), optimisedFile: join(folder, 'optimised.onnx'), shapes,
    };
    await writeFile(task.modelFile, model);
    const verdict = await runWorker(task, signal);
    if (!verdict.ok) {
      throw verdict.ofModel ? new BadModelError(verdict.reason) : new Error(verdict.reason);
    }
    return { bytes: await readFile(task.optimisedFile), inputs: verdict.inputs, outputs: verdict.outputs, shapes: verdict.shapes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runWorker(task: OnnxTask, signal: AbortSignal): Promise<OnnxVerdict> {
  signal.throwIfAborted();
  const { file, execArgv } = program('onnx-worker');
  const worker = fork(file, {
    execArgv: [...execArgv], serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => {
    worker.once('close', () => {
      resolve();
    });
  });
  const kill = (): void => {
    worker.kill('SIGKILL');
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await new Promise<OnnxVerdict>((resolve, reject) => {
      worker.once('message', (verdict: OnnxVerdict) => {
        resolve(verdict);
      });
      worker.once('error', reject);
      worker.once('exit', (code, name) => {
        reject(new Error(`the compile worker ended with ${name ?? `code ${String(code)}`}`));
      });
      worker.send(task);
    });
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await ended;
  }
}
