import { errorText } from '../../service/errors';
import type { Dimension, MetricDatum, MetricSink, MetricTimes } from './contracts';

const DEFAULT_PERIOD_S = 60;
const NAMESPACE = 'AWS/SageMaker';
const INSTANCE_NAMESPACE = '/aws/sagemaker/Endpoints';
/** PutMetricData takes as many different values of a metric. */
const MOST_VALUES = 150;
const PRECISION = 3;

/** What one request did. */
export interface Measured {
  readonly modelMs: number;
  readonly overheadMs: number;
  readonly instances: number;
  /** The container's status; 0 where it did not answer in time. */
  readonly status: number;
}

/** What the instances of a variant are like now, each of them. */
export interface Gauge { readonly instances: number; readonly cpuPercent: number; readonly memoryPercent: number }

type Tally = Map<number, number>;

interface Period {
  readonly invocations: Tally;
  readonly perInstance: Tally;
  readonly clientErrors: Tally;
  readonly serverErrors: Tally;
  readonly modelErrors: Tally;
  readonly modelMicros: Tally;
  readonly overheadMicros: Tally;
  busyMs: number;
}

function newPeriod(): Period {
  return {
    invocations: new Map(), perInstance: new Map(), clientErrors: new Map(), serverErrors: new Map(), modelErrors: new Map(),
    modelMicros: new Map(), overheadMicros: new Map(), busyMs: 0,
  };
}

/** The metrics of one production variant, by periods of the clock. */
export class VariantMetrics {
  private readonly periods = new Map<number, Period>();

  public constructor(private readonly dimensions: readonly Dimension[], private readonly periodMs: number) {}

  public count({ modelMs, overheadMs, instances, status }: Measured, at = Date.now()): void {
    const period = this.at(at);
    const isClients = status >= 400 && status < 500;
    const isServers = status >= 500 || status === 0;
    add(period.invocations, 1);
    add(period.perInstance, 1 / instances);
    add(period.clientErrors, Number(isClients));
    add(period.serverErrors, Number(isServers));
    add(period.modelErrors, Number(isClients || isServers));
    add(period.modelMicros, micros(modelMs));
    add(period.overheadMicros, micros(overheadMs));
  }

  /** Adds the time in which a worker was busy to the periods that it falls into. */
  public busy(from: number, to: number): void {
    for (let start = this.startOf(from); start < to; start += this.periodMs) {
      this.at(start).busyMs += Math.min(to, start + this.periodMs) - Math.max(from, start);
    }
  }

  /** Of the whole period that begins then. */
  public busyMs(start: number): number {
    return this.periods.get(start)?.busyMs ?? 0;
  }

  /** The data of a period, which is forgotten. */
  public take(start: number, gauge: Gauge | undefined): readonly (readonly [namespace: string, data: readonly MetricDatum[]])[] {
    const period = this.periods.get(start);
    for (const old of this.periods.keys()) {
      if (old <= start) {
        this.periods.delete(old);
      }
    }
    const datum = (MetricName: string, Unit: MetricDatum['Unit'], tally: Tally): MetricDatum[] => chunks([...tally]).map((values) => ({
      MetricName, Dimensions: this.dimensions, Timestamp: new Date(start), Unit,
      Values: values.map(([value]) => value), Counts: values.map(([, times]) => times),
    }));
    const invoked = !period || period.invocations.size === 0 ? [] : [
      ...datum('Invocations', 'None', period.invocations), ...datum('InvocationsPerInstance', 'None', period.perInstance),
      ...datum('Invocation4XXErrors', 'None', period.clientErrors), ...datum('Invocation5XXErrors', 'None', period.serverErrors),
      ...datum('InvocationModelErrors', 'None', period.modelErrors), ...datum('ModelLatency', 'Microseconds', period.modelMicros),
      ...datum('OverheadLatency', 'Microseconds', period.overheadMicros),
    ];
    const instance = gauge ? [
      ...datum('CPUUtilization', 'Percent', new Map([[gauge.cpuPercent, gauge.instances]])),
      ...datum('MemoryUtilization', 'Percent', new Map([[gauge.memoryPercent, gauge.instances]])),
    ] : [];
    return [[NAMESPACE, invoked] as const, [INSTANCE_NAMESPACE, instance] as const].filter(([, data]) => data.length > 0);
  }

  private at(time: number): Period {
    const start = this.startOf(time);
    const period = this.periods.get(start) ?? newPeriod();
    this.periods.set(start, period);
    return period;
  }

  private startOf(time: number): number {
    return Math.floor(time / this.periodMs) * this.periodMs;
  }
}

/** A variant whose metrics are published. */
export interface MetricSource {
  readonly metrics: VariantMetrics;
  /** Undefined for one that has no instances any more. */
  gauge(start: number): Gauge | undefined;
}

/** Publishes the metrics of all variants, as late as it is told. */
export class MetricPublisher {
  public readonly periodMs: number;
  private readonly delayMs: number;
  private readonly sources = new Set<MetricSource>();
  private readonly timer: NodeJS.Timeout;
  private published: number;
  private publishing: Promise<void> = Promise.resolve();

  public constructor(private readonly sink: MetricSink, times: MetricTimes = {}) {
    const { periodSeconds = DEFAULT_PERIOD_S, delaySeconds = periodSeconds } = times;
    this.periodMs = periodSeconds * 1000;
    this.delayMs = delaySeconds * 1000;
    this.published = this.lastDue();
    this.timer = setInterval(() => {
      this.publish();
    }, Math.min(1000, this.periodMs / 5));
    this.timer.unref();
  }

  public add(source: MetricSource): void {
    this.sources.add(source);
  }

  /** Its last periods are still published. */
  public remove(source: MetricSource): void {
    setTimeout(() => {
      this.sources.delete(source);
    }, 2 * this.periodMs + this.delayMs).unref();
  }

  public async close(): Promise<void> {
    clearInterval(this.timer);
    this.sources.clear();
    await this.publishing;
  }

  private publish(): void {
    const due = this.lastDue();
    for (let start = this.published + this.periodMs; start <= due; start += this.periodMs) {
      const batches = [...this.sources].flatMap((source) => source.metrics.take(start, source.gauge(start)));
      this.publishing = this.publishing.then(async () => this.put(batches));
    }
    this.published = due;
  }

  private async put(batches: readonly (readonly [namespace: string, data: readonly MetricDatum[]])[]): Promise<void> {
    for (const [namespace, data] of batches) {
      try {
        await this.sink.put(namespace, data);
      } catch (error) { // the next period is to be published all the same
        console.error(`metrics of ${namespace} were not published: ${errorText(error)}`);
      }
    }
  }

  /** The start of the latest period whose metrics are due. */
  private lastDue(): number {
    return Math.floor((Date.now() - this.delayMs) / this.periodMs) * this.periodMs - this.periodMs;
  }
}

function add(tally: Tally, value: number): void {
  tally.set(value, (tally.get(value) ?? 0) + 1);
}

/** To three digits: few values, and percentiles that are true. */
function micros(milliseconds: number): number {
  return Number(Math.max(0, milliseconds * 1000).toPrecision(PRECISION));
}

function chunks<T>(items: readonly T[]): T[][] {
  const starts = Array.from({ length: Math.ceil(items.length / MOST_VALUES) }, (_, index) => index * MOST_VALUES);
  return starts.map((start) => items.slice(start, start + MOST_VALUES));
}
