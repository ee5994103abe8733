/** What the hosting part of the stand-in needs from around it, and how it is told to behave. */

/** Delays of an endpoint's states, in milliseconds. */
export interface EndpointDelays {
  /** Least time in Creating; loading the model comes on top. Default 1500. */
  readonly creatingMs?: number;
  /** Least time in Updating, and in RollingBack. Default 1500. */
  readonly updatingMs?: number;
  /** In Deleting. Default 500. */
  readonly deletingMs?: number;
}

/** When metrics are published. */
export interface MetricTimes {
  /** Length of what is one minute on AWS, in seconds. Default 60. */
  readonly periodSeconds?: number;
  /** How long after the end of a period its metrics appear, in seconds. Default: as long as a period. */
  readonly delaySeconds?: number;
}

export interface Dimension { readonly Name: string; readonly Value: string }

/** Values of one metric in one period, as PutMetricData takes them. */
export interface MetricDatum {
  readonly MetricName: string;
  readonly Dimensions: readonly Dimension[];
  readonly Timestamp: Date;
  readonly Unit: 'None' | 'Count' | 'Percent' | 'Microseconds';
  /** Each value, and how often it came. */
  readonly Values: readonly number[];
  readonly Counts: readonly number[];
}

/** CloudWatch, where the metrics go. */
export interface MetricSink { put(namespace: string, data: readonly MetricDatum[]): Promise<void> }

/** CloudWatch Logs, where a container's lines go. */
export interface LogSink { write(group: string, stream: string, lines: readonly string[]): Promise<void> }

/** Resolves after the time, or rejects when it is aborted. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

export interface HostingOptions {
  readonly delays?: EndpointDelays;
  /** How a delay passes. Default: by the clock. */
  readonly pause?: Pause;
  readonly metrics?: MetricTimes;
  /** Without it nothing is published. */
  readonly metricSink?: MetricSink;
  /** Without it containers write no logs. */
  readonly logSink?: LogSink;
}
