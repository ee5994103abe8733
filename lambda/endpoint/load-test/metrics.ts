import type { MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { EndpointFigures, Latency } from '../report/run';
import type { Dependencies } from './dependencies';

const INVOCATIONS = 'AWS/SageMaker';
const INSTANCES = '/aws/sagemaker/Endpoints';

/** Each metric by the id of its query. Latencies are in microseconds. Utilization of CPU and GPU sums over those of an instance. */
const METRICS = {
  invocations: [INVOCATIONS, 'Invocations', 'Sum'],
  errors4xx: [INVOCATIONS, 'Invocation4XXErrors', 'Sum'],
  errors5xx: [INVOCATIONS, 'Invocation5XXErrors', 'Sum'],
  modelErrors: [INVOCATIONS, 'InvocationModelErrors', 'Sum'],
  model50: [INVOCATIONS, 'ModelLatency', 'p50'],
  model90: [INVOCATIONS, 'ModelLatency', 'p90'],
  model99: [INVOCATIONS, 'ModelLatency', 'p99'],
  overhead50: [INVOCATIONS, 'OverheadLatency', 'p50'],
  overhead90: [INVOCATIONS, 'OverheadLatency', 'p90'],
  overhead99: [INVOCATIONS, 'OverheadLatency', 'p99'],
  cpu: [INSTANCES, 'CPUUtilization', 'Average'],
  memory: [INSTANCES, 'MemoryUtilization', 'Average'],
  gpu: [INSTANCES, 'GPUUtilization', 'Average'],
  gpuMemory: [INSTANCES, 'GPUMemoryUtilization', 'Average'],
} as const;
type Id = keyof typeof METRICS;

/** What is asked of CloudWatch for a hold. */
export interface MetricWindow {
  readonly endpointName: string;
  readonly variantName: string;
  readonly hasGpu: boolean;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly periodSeconds: number;
}

/** What CloudWatch has. `isWhole`: each period of the hold has what can be had only after it ended. */
export interface MetricAnswer {
  readonly isWhole: boolean;
  readonly figures?: Omit<EndpointFigures, 'instancesFrom' | 'instancesTo'>;
}

type Series = Readonly<Partial<Record<Id, ReadonlyMap<number, number>>>>;

/** Reads the periods that lie in the hold as a whole: the others hold what came before and after. */
export async function readMetrics(calls: Dependencies['metrics'], window: MetricWindow): Promise<MetricAnswer> {
  const period = window.periodSeconds * 1000;
  const start = Math.ceil(window.from / period) * period;
  const end = Math.floor(window.to / period) * period;
  const periods = (end - start) / period;
  if (periods < 1) {
    return { isWhole: true };
  }
  const results: MetricDataResult[] = [];
  let token: string | undefined;
  do {
    const page = await calls.getMetricData({
      MetricDataQueries: queries(window), StartTime: new Date(start), EndTime: new Date(end), ScanBy: 'TimestampAscending', NextToken: token,
    });
    results.push(...page.MetricDataResults ?? []);
    token = page.NextToken;
  } while (token !== undefined);
  const series = seriesOf(results, start, end);
  const isWhole = (['invocations', 'cpu'] as const).every((id) => (series[id]?.size ?? 0) >= periods);
  return { isWhole, ...(series.invocations === undefined ? {} : { figures: figuresOf(series) }) };
}

function queries({ endpointName, variantName, hasGpu, periodSeconds }: MetricWindow): MetricDataQuery[] {
  const dimensions = [{ Name: 'EndpointName', Value: endpointName }, { Name: 'VariantName', Value: variantName }];
  return Object.entries(METRICS).filter(([id]) => hasGpu || !id.startsWith('gpu')).map(([id, [namespace, name, stat]]) => ({
    Id: id.toLowerCase(),
    MetricStat: { Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensions }, Period: periodSeconds, Stat: stat },
  }));
}

function seriesOf(results: readonly MetricDataResult[], start: number, end: number): Series {
  const series: Partial<Record<Id, Map<number, number>>> = {};
  for (const { Id: found, Timestamps: times = [], Values: values = [] } of results) {
    const id = idOf(found);
    times.forEach((time, index) => {
      const value = values[index];
      if (id !== undefined && value !== undefined && time.getTime() >= start && time.getTime() < end) {
        (series[id] ??= new Map()).set(time.getTime(), value);
      }
    });
  }
  return series;
}

function idOf(found: string | undefined): Id | undefined {
  return (Object.keys(METRICS) as Id[]).find((id) => id.toLowerCase() === found);
}

function figuresOf(series: Series): MetricAnswer['figures'] {
  const gpu = average(series.gpu);
  const gpuMemory = average(series.gpuMemory);
  return {
    invocations: sum(series.invocations),
    errors4xx: sum(series.errors4xx),
    errors5xx: sum(series.errors5xx),
    modelErrors: sum(series.modelErrors),
    modelLatencyMs: latency(series, 'model'),
    overheadLatencyMs: latency(series, 'overhead'),
    cpuPercent: average(series.cpu) ?? 0,
    memoryPercent: average(series.memory) ?? 0,
    ...(gpu === undefined ? {} : { gpuPercent: gpu }),
    ...(gpuMemory === undefined ? {} : { gpuMemoryPercent: gpuMemory }),
  };
}

function latency(series: Series, kind: 'model' | 'overhead'): Latency {
  const [p50, p90, p99] = [50, 90, 99].map((percent) => weighted(series[`${kind}${percent}` as Id], series.invocations) / 1000);
  return { p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0 };
}

/** A percentile of all periods cannot be had from those of each: this is their mean, by the periods' invocations. */
function weighted(values: ReadonlyMap<number, number> | undefined, weights: ReadonlyMap<number, number> | undefined): number {
  let total = 0;
  let weight = 0;
  for (const [time, value] of values ?? []) {
    const count = weights?.get(time) ?? 0;
    total += value * count;
    weight += count;
  }
  return weight === 0 ? 0 : total / weight;
}

function sum(values: ReadonlyMap<number, number> | undefined): number {
  return [...values?.values() ?? []].reduce((total, value) => total + value, 0);
}

function average(values: ReadonlyMap<number, number> | undefined): number | undefined {
  return values === undefined || values.size === 0 ? undefined : sum(values) / values.size;
}
