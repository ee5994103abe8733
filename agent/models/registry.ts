import { resolve } from 'node:path';
import { status } from '@grpc/grpc-js';
import { MODEL_NAME, MODEL_NAME_WANTED } from '../config/config';
import { ModelWorker } from '../runtime/model-worker';
import { AgentError, invalidArgument, messageOf, notFound, resourceExhausted } from '../status';
import { readRoots, verifyPackage, type VerifiedPackage } from './package';
import type { Logger } from '../log';

/** A model's estimated memory: the file, the weights in the runtime's own layout, activations, and a process. */
const MEMORY_FACTOR = 3;
const MEMORY_PER_MODEL = 32 * 2 ** 20;

/** A model that serves. */
export interface LoadedModel {
  readonly name: string;
  readonly url: string;
  readonly package: VerifiedPackage;
  readonly memoryBytes: number;
  worker: ModelWorker;
}

export interface RegistryOptions {
  readonly workerEntry: string;
  readonly rootCertsPath: string;
  readonly cacheFolder: string;
  readonly threads: number;
  /** Whether somebody looks at what the predictions of a model are like. */
  readonly withFeatures: (model: VerifiedPackage) => boolean;
  readonly predictionTimeoutMs: number;
  readonly memoryBudgetBytes: number;
  /** Memory that the machine can still give. Bytes. */
  readonly availableMemory: () => number;
  readonly logger: Logger;
}

/** The loaded models, each with a process of its own. */
export class ModelRegistry {
  private readonly models = new Map<string, LoadedModel>();
  private readonly loading = new Set<string>();
  /** Loads run one after another, so that each sees what the one before it took. */
  private queue: Promise<unknown> = Promise.resolve();
  private readonly end = new AbortController();

  public constructor(private readonly options: RegistryOptions) {}

  /** Resident memory of the models' processes. */
  public get memoryBytes(): number {
    return this.list().reduce((sum, model) => sum + model.worker.memoryBytes, 0);
  }

  private get closed(): boolean {
    return this.end.signal.aborted;
  }

  public async load(name: string, url: string): Promise<LoadedModel> {
    if (!MODEL_NAME.test(name)) {
      throw invalidArgument(`name: wanted ${MODEL_NAME_WANTED}, got ${JSON.stringify(name.slice(0, 300))}`);
    }
    const folder = folderOf(url);
    if (this.models.has(name) || this.loading.has(name)) {
      throw new AgentError(status.ALREADY_EXISTS, `a model named ${name} is loaded`);
    }
    this.loading.add(name);
    try {
      const loaded = this.queue.then(() => this.loadNow(name, url, folder));
      this.queue = loaded.catch(() => undefined);
      return await loaded;
    } finally {
      this.loading.delete(name);
    }
  }

  public async unload(name: string): Promise<void> {
    const model = this.get(name);
    this.models.delete(name);
    await model.worker.close();
    this.options.logger.info(`Model:${name} unloaded`);
  }

  public get(name: string): LoadedModel {
    const model = this.models.get(name);
    if (model === undefined) {
      throw notFound(`no model named ${JSON.stringify(name.slice(0, 300))} is loaded`);
    }
    return model;
  }

  public find(name: string): LoadedModel | undefined {
    return this.models.get(name);
  }

  public list(): LoadedModel[] {
    return [...this.models.values()];
  }

  /** Ends every model's process, whatever it does. */
  public async close(): Promise<void> {
    this.end.abort();
    await this.queue;
    await Promise.all(this.list().map((model) => model.worker.close('drop')));
    this.models.clear();
  }

  private async loadNow(name: string, url: string, folder: string): Promise<LoadedModel> {
    if (this.closed) {
      throw new AgentError(status.UNAVAILABLE, 'the agent stops');
    }
    const started = performance.now();
    const verified = await verifyPackage(folder, await readRoots(this.options.rootCertsPath));
    const memoryBytes = verified.totalBytes * MEMORY_FACTOR + MEMORY_PER_MODEL;
    this.checkMemory(name, memoryBytes);
    const worker = await this.startWorker(verified);
    const model: LoadedModel = { name, url, package: verified, memoryBytes, worker };
    this.models.set(name, model);
    this.watch(model);
    this.options.logger.info(`Model:${name} loaded!`, {
      modelName: verified.modelName,
      modelVersion: verified.modelVersion,
      folder,
      contentSha256: verified.contentSha256,
      ...(verified.signedBy === undefined ? {} : { signedBy: verified.signedBy }),
      fromCache: worker.fromCache,
      milliseconds: Math.round(performance.now() - started),
    });
    return model;
  }

  private checkMemory(name: string, wanted: number): void {
    const used = this.list().reduce((sum, model) => sum + model.memoryBytes, 0);
    const budget = this.options.memoryBudgetBytes;
    if (used + wanted > budget) {
      const taken = `${used} of the budget of ${budget} are taken (sagemaker_edge_memory_budget_bytes)`;
      throw resourceExhausted(`${name} needs about ${wanted} bytes; ${taken}`);
    }
    const available = this.options.availableMemory();
    if (wanted > available) {
      throw resourceExhausted(`${name} needs about ${wanted} bytes; the machine has ${available} left`);
    }
  }

  private startWorker(verified: VerifiedPackage): Promise<ModelWorker> {
    return ModelWorker.load({
      entry: this.options.workerEntry,
      timeoutMs: this.options.predictionTimeoutMs,
      signal: this.end.signal,
      inputShapes: verified.inputShapes,
      start: {
        modelPath: verified.modelPath,
        modelSha256: verified.modelSha256,
        contentSha256: verified.contentSha256,
        otherFiles: verified.otherFiles,
        cacheFolder: this.options.cacheFolder,
        threads: this.options.threads,
        withFeatures: this.options.withFeatures(verified),
      },
    });
  }

  /** A worker that dies is replaced once by each death. One that cannot load any more takes its model with it. */
  private watch(model: LoadedModel): void {
    model.worker.onDeath = (reason) => {
      if (this.closed || this.models.get(model.name) !== model) {
        return;
      }
      this.options.logger.error(`the worker of model ${model.name} died and is started again`, { reason: reason.message });
      this.startWorker(model.package).then((worker) => {
        if (this.closed || this.models.get(model.name) !== model) {
          return worker.close();
        }
        model.worker = worker;
        this.watch(model);
        return undefined;
      }).catch((error: unknown) => {
        this.models.delete(model.name);
        this.options.logger.error(`model ${model.name} could not be loaded again and is gone`, { reason: messageOf(error) });
      });
    };
  }
}

/** A relative path starts from the agent's working folder, as with AWS's agent. */
function folderOf(url: string): string {
  const path = url.startsWith('file://') ? decode(url.slice('file://'.length)) : url;
  if (path === '' || path.includes('\0')) {
    throw notFound(`url: wanted the path of a folder, got ${JSON.stringify(url.slice(0, 300))}`);
  }
  return resolve(path);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw notFound(`url: ${JSON.stringify(path.slice(0, 300))} is not a valid URL path`);
  }
}
