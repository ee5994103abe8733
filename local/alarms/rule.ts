import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { MetricSeries } from '../health/dashboard';

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** The value of a period. */
export interface Datapoint {
  /** When the period began, in milliseconds. */
  readonly at: number;
  /** Undefined: there is none. */
  readonly value?: number | undefined;
}

/** The comparisons with a number, in CloudWatch's words. */
export const BREACHES = {
  GreaterThanThreshold: { words: 'greater than', holds: (value: number, threshold: number): boolean => value > threshold },
  GreaterThanOrEqualToThreshold: { words: 'greater than or equal to', holds: (value: number, threshold: number): boolean => value >= threshold },
  LessThanThreshold: { words: 'less than', holds: (value: number, threshold: number): boolean => value < threshold },
  LessThanOrEqualToThreshold: { words: 'less than or equal to', holds: (value: number, threshold: number): boolean => value <= threshold },
} as const;

/** What missing data are taken for, and the word for it in a reason. */
export const MISSING_DATA = { missing: 'Missing', ignore: 'Ignored', breaching: 'Breaching', notBreaching: 'NonBreaching' } as const;

/** When an alarm goes off. */
export interface AlarmRule {
  readonly comparison: keyof typeof BREACHES;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: keyof typeof MISSING_DATA;
}

/** An alarm that can be evaluated here. */
export interface WatchedAlarm {
  readonly name: string;
  readonly state: string;
  readonly rule: AlarmRule;
  readonly series: MetricSeries;
}

/** One that cannot. */
export interface UnknownAlarm { readonly name: string; readonly problem: string }

const STATISTICS = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];
const PERCENTILE = /^p\d{1,2}(?:\.\d+)?$|^p100$/;
/** In seconds. Other periods are whole minutes. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const SHORT_PERIODS = [10, 20, 30];

/** Reads an alarm, or says why the stand-in has no state for it. */
export function readAlarm(alarm: MetricAlarm): WatchedAlarm | UnknownAlarm {
  const { AlarmName: name = '', MetricName, Namespace, Period = 60, Unit, StateValue: state = 'INSUFFICIENT_DATA' } = alarm;
  const dimensions = (alarm.Dimensions ?? []).map(({ Name = '', Value = '' }) => ({ Name, Value }));
  const statistic = alarm.ExtendedStatistic ?? alarm.Statistic ?? 'Average';
  const comparison = keyOf(BREACHES, alarm.ComparisonOperator);
  const missingData = keyOf(MISSING_DATA, alarm.TreatMissingData ?? 'missing');
  const { Threshold: threshold, EvaluationPeriods: evaluationPeriods = 1 } = alarm;
  if (MetricName === undefined || Namespace === undefined) {
    return { name, problem: 'it is of metric math, which the local cloud does not evaluate' };
  }
  if (dimensions.length === 0) {
    return { name, problem: `${Namespace} ${MetricName} has no dimensions: the emulator adds up all metrics of the name then` };
  }
  if (comparison === undefined || threshold === undefined) {
    return { name, problem: `the comparison ${alarm.ComparisonOperator ?? 'none'} is none with a number, as those of anomaly detection` };
  }
  if (!STATISTICS.includes(statistic) && !PERCENTILE.test(statistic)) {
    return { name, problem: `the statistic ${statistic} is neither ${STATISTICS.join(', ')} nor a percentile` };
  }
  if (missingData === undefined) {
    return { name, problem: `missing data are ${Object.keys(MISSING_DATA).join(', ')}, got ${alarm.TreatMissingData ?? 'none'}` };
  }
  if (Unit !== undefined) {
    return { name, problem: `it is of the unit ${Unit}, and the emulator adds up the values of all units` };
  }
  if (Period % 60 !== 0 && !SHORT_PERIODS.includes(Period)) {
    return { name, problem: `a period is ${SHORT_PERIODS.join(', ')} or whole minutes in seconds, got ${Period}` };
  }
  return {
    name, state, series: { namespace: Namespace, name: MetricName, dimensions, statistic, periodSeconds: Period },
    rule: { comparison, threshold, evaluationPeriods, datapointsToAlarm: alarm.DatapointsToAlarm ?? evaluationPeriods, missingData },
  };
}

function keyOf<T extends object>(table: T, key: string | undefined): Extract<keyof T, string> | undefined {
  const isKey = (text: string): text is Extract<keyof T, string> => Object.hasOwn(table, text);
  return key !== undefined && isKey(key) ? key : undefined;
}
