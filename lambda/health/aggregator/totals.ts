import type { Dimension, MetricDatum } from '@aws-sdk/client-cloudwatch';
import {
  LATENCY_BEYOND, LATENCY_BOUNDS, LATENCY_BUCKETS, type DriftHealth, type HealthReport, type ModelHealth,
} from '../../../lib/agent/private/health-report';
import { scoreOf } from '../../../lib/model/private/drift-statistics';
import type { HealthSettings, KnownBaseline, Rejection } from '../../../lib/health/private/contract';
import type { DatumBase, DriftCounts, Remainder } from './drift-remainders';
import type { Received } from './message';

interface Series {
  readonly model: Pick<ModelHealth, 'name' | 'version'>;
  readonly ring: string;
  predictions: number;
  errors: number;
  reports: number;
  readonly latency: number[];
  readonly baseline: KnownBaseline | undefined;
  /** By feature: predictions in each bin of the baseline. */
  readonly drift: Map<string, number[]>;
  /** Devices with a verdict: those that have not drifted, and those that have. */
  readonly verdicts: [number, number];
}

/** A number that each device has one of. */
interface Spread {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** The sums of a minute's reports: by model, version and ring, and of the fleet. */
export class Totals {
  private readonly series = new Map<string, Series>();
  private readonly rejections = new Map<Rejection, number>();
  private readonly backlog: Spread = { count: 0, sum: 0, min: Infinity, max: 0 };
  private readonly memory: Spread = { count: 0, sum: 0, min: Infinity, max: 0 };

  private readonly baselines: ReadonlyMap<string, KnownBaseline | undefined>;

  public constructor(private readonly settings: HealthSettings) {
    this.baselines = new Map(settings.models.map(({ name, version, baseline }) => [`${name}\n${version}`, baseline]));
  }

  public add({ report, rejection }: Received): void {
    if (rejection !== undefined) {
      this.rejections.set(rejection, (this.rejections.get(rejection) ?? 0) + 1);
    }
    if (report !== undefined) {
      this.addReport(report);
    }
  }

  /** What CloudWatch is told. Sorted, so that the same reports give the same text. */
  public data(timestamp: Date): MetricDatum[] {
    const fleet = [{ Name: 'FleetName', Value: this.settings.fleetName }];
    const sorted = [...this.series.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...sorted.flatMap(([, series]) => this.seriesData(series, timestamp)),
      ...spreadData({ MetricName: 'CaptureBacklog', Unit: 'Bytes', Dimensions: fleet, Timestamp: timestamp }, this.backlog),
      ...spreadData({ MetricName: 'Memory', Unit: 'Bytes', Dimensions: fleet, Timestamp: timestamp }, this.memory),
      ...this.rejectionData(fleet, timestamp),
    ];
  }

  /** What is too little for a verdict. */
  public remainders(timestamp: Date): Remainder[] {
    return [...this.series].flatMap(([name, series]) => {
      const { baseline } = series;
      const counts = Object.fromEntries(series.drift);
      const isSome = Object.values(counts).some((bins) => bins.some((count) => count > 0));
      return baseline === undefined || !isSome || scoreOf(baseline.counts, counts) !== undefined
        ? []
        : [{ series: name, base: this.baseOf(series, timestamp), baseline, counts }];
    });
  }

  private rejectionData(fleet: readonly Dimension[], timestamp: Date): MetricDatum[] {
    const base = { MetricName: 'RejectedReports', Unit: 'Count', Timestamp: timestamp } as const;
    const sorted = [...this.rejections.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    const all = sorted.reduce((sum, [, count]) => sum + count, 0);
    return all === 0 ? [] : [
      { ...base, Value: all, Dimensions: [...fleet] },
      ...sorted.map(([reason, count]) => ({ ...base, Value: count, Dimensions: [...fleet, { Name: 'Reason', Value: reason }] })),
    ];
  }

  private addReport({ ring, models, spool, memory }: HealthReport): void {
    spread(this.backlog, spool);
    spread(this.memory, memory);
    for (const model of models) {
      const series = this.of(model, ring);
      series.reports += 1;
      series.predictions += model.predictions;
      for (const count of Object.values(model.errors)) {
        series.errors += count;
      }
      addCounts(series.latency, model.latency);
      if (model.drift !== undefined) {
        addDrift(series, model.drift);
      }
    }
  }

  private of({ name, version }: ModelHealth, ring: string): Series {
    const key = `${name}\n${version}\n${ring}`;
    let series = this.series.get(key);
    if (series === undefined) {
      const latency = Array.from({ length: LATENCY_BUCKETS }, () => 0);
      const baseline = this.baselines.get(`${name}\n${version}`);
      const drift = new Map(Object.entries(baseline?.counts ?? {}).map(([feature, bins]) => [feature, bins.map(() => 0)]));
      series = { model: { name, version }, ring, predictions: 0, errors: 0, reports: 0, latency, baseline, drift, verdicts: [0, 0] };
      this.series.set(key, series);
    }
    return series;
  }

  private baseOf({ model, ring }: Series, timestamp: Date): DatumBase {
    return {
      Timestamp: timestamp,
      Dimensions: [
        { Name: 'FleetName', Value: this.settings.fleetName }, { Name: 'ModelName', Value: model.name },
        { Name: 'ModelVersion', Value: model.version }, { Name: 'Ring', Value: ring },
      ],
    };
  }

  private seriesData(series: Series, timestamp: Date): MetricDatum[] {
    const { predictions, errors, reports, latency, baseline, drift, verdicts } = series;
    const base = this.baseOf(series, timestamp);
    return [
      { ...base, MetricName: 'Predictions', Unit: 'Count', Value: predictions },
      { ...base, MetricName: 'Reports', Unit: 'Count', Value: reports },
      // Each prediction gives 0 or 1, so that the average is the share of errors.
      ...distribution({ ...base, MetricName: 'Errors', Unit: 'Count' }, [0, 1], [predictions, errors]),
      ...distribution({ ...base, MetricName: 'Latency', Unit: 'Milliseconds' }, [...LATENCY_BOUNDS, LATENCY_BEYOND], latency),
      ...baseline === undefined ? [] : scoreData(base, baseline, Object.fromEntries(drift)),
      // Each device with a verdict gives 0 or 1, so that the average is the share of those that have drifted.
      ...distribution({ ...base, MetricName: 'DriftedDevices', Unit: 'Count' }, [0, 1], verdicts),
    ];
  }
}

/** Counts in the bins of another baseline are not added up: the device has another package of the same version. */
function addDrift({ baseline, drift, verdicts }: Series, { baseline: id, counts, drifted }: DriftHealth): void {
  if (drifted !== undefined) {
    verdicts[drifted.length === 0 ? 0 : 1] += 1;
  }
  if (id !== baseline?.id) {
    return;
  }
  for (const [name, bins] of Object.entries(counts)) {
    const sums = drift.get(name);
    if (sums?.length === bins.length) {
      addCounts(sums, bins);
    }
  }
}

function addCounts(sums: number[], counts: readonly number[]): void {
  for (let index = 0; index < sums.length; index += 1) {
    sums[index] = (sums[index] ?? 0) + (counts[index] ?? 0);
  }
}

/** None where there are too few predictions. */
export function scoreData(base: DatumBase, baseline: KnownBaseline, counts: DriftCounts): MetricDatum[] {
  const score = scoreOf(baseline.counts, counts);
  return score === undefined ? [] : [
    { ...base, MetricName: 'DriftSeverity', Unit: 'None', Value: score.severity },
    { ...base, MetricName: 'DriftDivergence', Unit: 'None', Value: score.js },
    { ...base, MetricName: 'DriftDistance', Unit: 'None', Value: score.ks },
  ];
}

/** Values and how often each was there. */
function distribution(base: MetricDatum, values: readonly number[], counts: readonly number[]): MetricDatum[] {
  const there = values.map((value, index) => ({ value, count: counts[index] ?? 0 })).filter(({ count }) => count > 0);
  return there.length === 0 ? [] : [{ ...base, Values: there.map(({ value }) => value), Counts: there.map(({ count }) => count) }];
}

function spread(of: Spread, value: number): void {
  of.count += 1;
  of.sum += value;
  of.min = Math.min(of.min, value);
  of.max = Math.max(of.max, value);
}

function spreadData(base: MetricDatum, { count, sum, min, max }: Spread): MetricDatum[] {
  return count === 0 ? [] : [{ ...base, StatisticValues: { SampleCount: count, Sum: sum, Minimum: min, Maximum: max } }];
}
