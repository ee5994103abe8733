// What a device reports of itself, for the agent that writes it and the function that reads it. agent/health/report.schema.json says the
// same in JSON Schema.

/** The version of the form. */
export const HEALTH_REPORT_VERSION = 1;

/** The largest report. IoT meters messages in units of 5 kB, and Basic Ingest's topic and the rule's own fields need a part of it. */
export const HEALTH_REPORT_MAX_BYTES = 4096;

/** The device counts its predictions in 12 buckets of latency. These are their upper bounds in milliseconds; the last one has none. */
export const LATENCY_BOUNDS: readonly number[] = [2, 5, 10, 20, 35, 50, 75, 100, 200, 500, 2000];

export const LATENCY_BUCKETS = LATENCY_BOUNDS.length + 1;

/** The latency that stands for the last bucket. */
export const LATENCY_BEYOND = 10_000;

/** Of a device of which nobody says otherwise. */
export const DEFAULT_RING = 'main';

export const RING_NAME = /^[a-zA-Z0-9_-]{1,32}$/;

/** The topic of a device is this below its rule's: `$aws/rules/<rule>/health/<thing>`. */
export const HEALTH_TOPIC = 'health';

/** What a device did since the report before. Times are milliseconds since 1970. */
export interface HealthReport {
  readonly v: typeof HEALTH_REPORT_VERSION;
  /** 16 hexadecimal digits. A report that is sent again has the same one. */
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly fleet: string;
  readonly ring: string;
  /** The agent's version. */
  readonly agent: string;
  /** Seconds since the agent started. */
  readonly uptime: number;
  /** Bytes that the agent and its models have in memory. */
  readonly memory: number;
  /** Bytes of captures that wait on the disk. */
  readonly spool: number;
  /** Captures that wait. */
  readonly queue: number;
  readonly models: readonly ModelHealth[];
}

/** One version of a model. All numbers are counts since the report before. */
export interface ModelHealth {
  readonly name: string;
  readonly version: string;
  /** That were answered. Those of all buckets of latency together. */
  readonly predictions: number;
  /** That failed, by gRPC's name of the code. */
  readonly errors: Readonly<Record<string, number>>;
  /** The predictions by bucket of latency. */
  readonly latency: readonly number[];
  /** Where the model has a baseline. */
  readonly drift?: DriftHealth;
}

/** What predictions were like, in the bins of a baseline. */
export interface DriftHealth {
  /** Which baseline: 16 hexadecimal digits. */
  readonly baseline: string;
  /** By feature: the predictions in each bin of the baseline. The last one is of those that gave no number. */
  readonly counts: Readonly<Record<string, readonly number[]>>;
  /** The features in which this device has drifted, by its own counts. Undefined while it has no verdict. */
  readonly drifted?: readonly string[];
}
