import { GetMetricDataCommand, type CloudWatchClient, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { MetricSeries } from './dashboard';

/** A value, and when its period began, in milliseconds. */
export interface Point { readonly at: number; readonly value: number }

/** As GetMetricData takes them. */
export const MAX_QUERIES = 500;

/** The values of each series between two times, the oldest first. The emulator compares all dimensions, as CloudWatch does. */
export async function readSeries(client: CloudWatchClient, series: readonly MetricSeries[], from: number, to: number): Promise<Point[][]> {
  if (series.length > MAX_QUERIES) {
    throw new Error(`one question is about at most ${MAX_QUERIES} series, got ${series.length}`);
  }
  const bare = series.find(({ dimensions }) => dimensions.length === 0);
  if (bare !== undefined) { // the emulator adds up all metrics of the name then
    throw new Error(`the emulator answers for metrics with dimensions alone, got ${bare.namespace} ${bare.name} without any`);
  }
  const found = new Map<string, Point[]>();
  let NextToken: string | undefined;
  do {
    const answer = await client.send(new GetMetricDataCommand({
      StartTime: new Date(from), EndTime: new Date(to), ScanBy: 'TimestampAscending', NextToken, MetricDataQueries: series.map(queryOf),
    }));
    for (const { Id = '', Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
      found.set(Id, [...found.get(Id) ?? [], ...Timestamps.map((time, index) => ({ at: time.getTime(), value: Values[index] ?? 0 }))]);
    }
    ({ NextToken } = answer);
  } while (NextToken !== undefined);
  return series.map((_, index) => (found.get(`m${index}`) ?? []).sort((one, other) => one.at - other.at));
}

function queryOf({ namespace, name, dimensions, statistic, periodSeconds }: MetricSeries, index: number): MetricDataQuery {
  const Metric = { Namespace: namespace, MetricName: name, Dimensions: [...dimensions] };
  return { Id: `m${index}`, MetricStat: { Metric, Stat: statistic, Period: periodSeconds } };
}
