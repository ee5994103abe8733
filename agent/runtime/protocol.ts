import { isRecord } from '../config/reader';

/** Element types of the gRPC contract, in ONNX Runtime's words. */
export const ELEMENT_TYPES = ['uint8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64'] as const;
export type ElementType = (typeof ELEMENT_TYPES)[number];

export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  uint8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
};

/** An input or output of a model. -1 stands for a dimension that it leaves open. */
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A tensor on its way between the threads. The memory below `data` is moved, not copied. */
export interface RawTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly modelPath: string;
  readonly modelSha256: string;
  /** Key of the optimised model: digest over every file of the package. */
  readonly contentSha256: string;
  /** Paths of the package's other files, whose digests are checked: external weights are taken from these alone. */
  readonly otherFiles: readonly string[];
  readonly cacheFolder: string;
  readonly threads: number;
}

/** A worker's model is ready. */
export interface Loaded {
  readonly kind: 'loaded';
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly fromCache: boolean;
}

export type WorkerRequest =
  | { readonly kind: 'predict'; readonly id: number; readonly feeds: readonly RawTensor[] }
  | { readonly kind: 'close'; readonly waiting: 'run' | 'drop' };

export type WorkerReply =
  | Loaded
  /** `refused`: the file is not what the manifest says, or not a model that can be served. */
  | { readonly kind: 'failed'; readonly reason: 'refused' | 'memory' | 'internal'; readonly message: string }
  | { readonly kind: 'result'; readonly id: number; readonly outputs: readonly RawTensor[] }
  | { readonly kind: 'error'; readonly id: number; readonly message: string };

export function isElementType(type: string): type is ElementType {
  return ELEMENT_TYPES.some((known) => known === type);
}

/** ONNX Runtime's and libstdc++'s words for "no memory". */
export function isMemoryMessage(message: string): boolean {
  return /bad_alloc|failed to allocate|allocation failed|out of memory/i.test(message);
}

export function isWorkerStart(value: unknown): value is WorkerStart {
  return isRecord(value)
    && typeof value.modelPath === 'string'
    && typeof value.modelSha256 === 'string'
    && typeof value.contentSha256 === 'string'
    && Array.isArray(value.otherFiles)
    && value.otherFiles.every((file) => typeof file === 'string')
    && typeof value.cacheFolder === 'string'
    && typeof value.threads === 'number';
}
