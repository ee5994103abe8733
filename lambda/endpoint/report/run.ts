/**
 * A run of a load test, as its parts are stored in S3 under `runs/<run id>/`: `run.json` without steps, `steps/<nn>.json` one step each.
 * The same types hold a run on a device, which the agent's client writes.
 */

/** Of the format of these types. Another number is another format. */
export const RUN_VERSION = 1;

export const RUN_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT'] as const;
export type RunStatus = typeof RUN_STATUSES[number];

/**
 * Why a request failed.
 * - `throttled`: too many requests (429 ThrottlingException, ModelNotReadyException; gRPC RESOURCE_EXHAUSTED)
 * - `model`: the container or the model answered with an error (ModelError)
 * - `server`: the service failed (500, 503)
 * - `refused`: the request itself is wrong (other 4xx: validation, access, size)
 * - `timeout`: no answer in time
 * - `connection`: no connection, or one that broke
 */
export const ERROR_KINDS = ['throttled', 'model', 'server', 'refused', 'timeout', 'connection'] as const;
export type ErrorKind = typeof ERROR_KINDS[number];

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface StepErrors {
  readonly kind: ErrorKind;
  /** The service's or gRPC's name of the error: `ThrottlingException`, `UNAVAILABLE`. */
  readonly code: string;
  /** The HTTP status. For `model`, the container's own. */
  readonly status?: number;
  readonly count: number;
  /** The message of the first of them. */
  readonly message: string;
}

/** What the client saw while the step was held. */
export interface ClientFigures {
  /** All requests that ended, the failed ones with them. */
  readonly requests: number;
  readonly failures: number;
  /** Successful requests a second. */
  readonly tps: number;
  /** Of successful requests, in milliseconds. 0 where none succeeded. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly errors: readonly StepErrors[];
  /** Of the most loaded worker, in percent of one core. */
  readonly workerCpuPercent: number;
  /** How late the most loaded worker's event loop runs, in milliseconds. */
  readonly workerLagMs: number;
}

/** What CloudWatch says of the time in which the step was held. */
export interface EndpointFigures {
  readonly invocations: number;
  readonly errors4xx: number;
  readonly errors5xx: number;
  readonly modelErrors: number;
  readonly modelLatencyMs: Latency;
  readonly overheadLatencyMs: Latency;
  /** Sum over the cores of an instance, average of the instances: an instance of 4 vCPU is full at 400. */
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  /** Sum over the GPUs of an instance, as `cpuPercent`. */
  readonly gpuPercent?: number;
  readonly gpuMemoryPercent?: number;
  readonly instancesFrom: number;
  readonly instancesTo: number;
}

interface StepCommon {
  /** From 1. */
  readonly step: number;
  /** The step that this one repeats, with more workers. */
  readonly repeats?: number;
  readonly users: number;
  readonly workers: number;
  /** ISO 8601, of the hold without settling. */
  readonly from: string;
  readonly to: string;
  readonly client: ClientFigures;
  /** What a reader should know of this step. */
  readonly notes: readonly string[];
  /** The client could not send more. Such a step says nothing of what it loads. */
  readonly clientLimited: boolean;
}

/** One step of the staircase of users. */
export interface Step extends StepCommon {
  /** Undefined: CloudWatch had nothing of this time. */
  readonly endpoint?: EndpointFigures;
}

interface RunCommon {
  readonly version: typeof RUN_VERSION;
  readonly runId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly payloads: { readonly count: number; /** Average size of one. */ readonly bytes: number };
  readonly contentType: string;
  readonly limits: Limits;
  readonly plan: Plan;
  readonly status: RunStatus;
  /** Why it ended so, in a sentence. */
  readonly reason?: string;
}

/** When the staircase stops. */
export interface Limits {
  readonly targetTps?: number;
  readonly p99Ms?: number;
  /** Failures in percent of all requests. */
  readonly errorPercent: number;
  readonly maxUsers: number;
}

export interface Plan {
  /** Of each step. */
  readonly users: readonly number[];
  readonly settleSeconds: number;
  readonly holdSeconds: number;
}

/** How the variant scales. */
export interface Scaling {
  /** Instances. */
  readonly min: number;
  readonly max: number;
  /** Invocations per instance and minute. */
  readonly targetPerInstance?: number;
}

/** A run against a real-time endpoint. */
export interface Run extends RunCommon {
  readonly kind: 'endpoint';
  readonly endpointName: string;
  readonly variantName: string;
  readonly region: string;
  /** `ml.m5.xlarge`. */
  readonly instanceType: string;
  /** At the start. */
  readonly instances: number;
  /** Of one instance. */
  readonly vcpus: number;
  /** Of one instance. */
  readonly gpus?: number;
  /** Undefined: the variant does not scale. */
  readonly scaling?: Scaling;
  readonly steps: readonly Step[];
}

/** What /proc says of the time in which the step was held. */
export interface DeviceFigures {
  /** Of the agent with its model workers, in percent of one core: the ceiling is the number of cores × 100. */
  readonly agentCpuPercent: number;
  /** Of the whole machine, the client with it, in percent of one core. */
  readonly machineCpuPercent: number;
  /** Of the machine's memory, 0–100. */
  readonly memoryPercent: number;
}

/** One step of a run on a device. Its users are concurrent streams of Predict, and its client is one process. */
export interface EdgeStep extends StepCommon {
  /** Undefined: the agent's process or /proc could not be read. */
  readonly device?: DeviceFigures;
}

export interface Hardware {
  /** The processor's name. It may be empty. */
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
  /** `x64`, `arm64`. */
  readonly architecture: string;
}

/** A run against the agent of a device. */
export interface EdgeRun extends RunCommon {
  readonly kind: 'edge';
  readonly deviceName: string;
  readonly modelName: string;
  readonly hardware: Hardware;
  readonly steps: readonly EdgeStep[];
}

export type AnyRun = Run | EdgeRun;
