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
  /** The model declares no shape at all: any will do, and `shape` is empty. */
  readonly unshaped?: boolean;
  /** The model has a default for it: a request may leave it out, and ListModels does not tell it. */
  readonly optional?: boolean;
  /** What the package's manifest says of dimensions that the model leaves open. As long as `shape`. */
  readonly usualShape?: readonly number[];
}

/** A tensor on its way between the processes. */
export interface RawTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** What a model's process is started with. */
export interface WorkerStart {
  readonly modelPath: string;
  readonly modelSha256: string;
  /** Key of the optimised model: digest over every file of the package. */
  readonly contentSha256: string;
  /** Paths of the package's other files, whose digests are checked: external weights are taken from these alone. */
  readonly otherFiles: readonly string[];
  readonly cacheFolder: string;
  readonly threads: number;
  /** Whether results come with the features of their predictions. */
  readonly withFeatures: boolean;
}

/** The model of a process is ready. */
export interface Loaded {
  readonly kind: 'loaded';
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly fromCache: boolean;
}

export interface LoadFailed {
  readonly kind: 'failed';
  /** `refused`: the file is not what the manifest says, or not a model that can be served. */
  readonly reason: 'refused' | 'memory';
  readonly message: string;
}

/** First the start, then one prediction after the other, each with its tensors. */
export type WorkerRequest =
  | { readonly kind: 'load'; readonly start: WorkerStart }
  | { readonly kind: 'predict' };

/** One for each request. A result comes with its tensors. */
export type WorkerReply =
  | Loaded
  | LoadFailed
  | { readonly kind: 'result'; readonly features?: SentFeatures }
  /** `ofRequest`: the request's values do not fit the model. */
  | { readonly kind: 'error'; readonly message: string; readonly ofRequest?: boolean };

/** By name. `null` stands for what is no number. */
export type SentFeatures = Readonly<Record<string, number | null>>;

export function isElementType(type: unknown): type is ElementType {
  return ELEMENT_TYPES.some((known) => known === type);
}

/** ONNX Runtime's and libstdc++'s words for "no memory". */
export function isMemoryMessage(message: string): boolean {
  return /bad_alloc|failed to allocate|allocation failed|out of memory/i.test(message);
}

export function isWorkerRequest(value: unknown): value is WorkerRequest {
  return isRecord(value) && (value.kind === 'predict' || (value.kind === 'load' && isWorkerStart(value.start)));
}

export function isWorkerReply(value: unknown): value is WorkerReply {
  if (!isRecord(value)) {
    return false;
  }
  switch (value.kind) {
    case 'loaded': return isSpecs(value.inputs) && isSpecs(value.outputs) && typeof value.fromCache === 'boolean';
    case 'failed': return (value.reason === 'refused' || value.reason === 'memory') && typeof value.message === 'string';
    case 'error': return typeof value.message === 'string';
    default: return value.kind === 'result' && (value.features === undefined || isFeatures(value.features));
  }
}

function isWorkerStart(value: unknown): value is WorkerStart {
  return isRecord(value)
    && typeof value.modelPath === 'string'
    && typeof value.modelSha256 === 'string'
    && typeof value.contentSha256 === 'string'
    && Array.isArray(value.otherFiles)
    && value.otherFiles.every((file) => typeof file === 'string')
    && typeof value.cacheFolder === 'string'
    && typeof value.threads === 'number'
    && typeof value.withFeatures === 'boolean';
}

function isFeatures(value: unknown): value is SentFeatures {
  return isRecord(value) && Object.values(value).every((feature) => feature === null || typeof feature === 'number');
}

function isSpecs(value: unknown): value is readonly TensorSpec[] {
  return Array.isArray(value) && value.every(isTensorSpec);
}

/** Name, type and shape. */
export function isTensorSpec(value: unknown): value is TensorSpec {
  return isRecord(value)
    && typeof value.name === 'string'
    && isElementType(value.type)
    && Array.isArray(value.shape)
    && value.shape.every((dimension) => typeof dimension === 'number');
}
