import type { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ModelMetricOptions } from './fleet-health-props';
import type { MonitoredModel } from './monitored-model';

/** The health of a fleet: its metrics, by model, version and ring. */
export interface IFleetHealth extends IConstruct {
  /** The name of the fleet. */
  readonly fleetName: string;

  /** The models with their versions. */
  readonly models: MonitoredModel[];

  /** The rings. */
  readonly rings: string[];

  /** The number of predictions that were answered. Sum over 5 minutes by default. */
  metricPredictions(options?: ModelMetricOptions): cloudwatch.Metric;

  /**
   * The number of predictions that failed, whatever the reason. Each prediction gives 0 or 1, so that the average is the share of errors.
   *
   * Sum over 5 minutes by default.
   */
  metricErrors(options?: ModelMetricOptions): cloudwatch.Metric;

  /** The share of predictions that failed: 0 to 1. It is there where there were predictions. Average over 5 minutes by default. */
  metricErrorRate(options?: ModelMetricOptions): cloudwatch.Metric;

  /**
   * The latency of predictions, in milliseconds. Percentiles such as `p99` are those of all the devices together.
   *
   * Devices count predictions in 12 buckets, and a prediction has the upper bound of its bucket here: 2, 5, 10, 20, 35, 50, 75, 100, 200,
   * 500, 2,000 or 10,000 ms.
   *
   * `p99` over 5 minutes by default.
   */
  metricLatency(options?: ModelMetricOptions): cloudwatch.Metric;

  /** The number of reports in which the version of the model was loaded. Sum over 5 minutes by default. */
  metricReports(options?: ModelMetricOptions): cloudwatch.Metric;

  /**
   * How far the predictions of all devices together are from the model's drift baseline, as a multiple of the threshold: there is drift
   * above 1. It is there where a function counted 100 predictions or more at once, and the model has a baseline.
   *
   * Average over 5 minutes by default.
   */
  metricDriftSeverity(options?: ModelMetricOptions): cloudwatch.Metric;

  /** The same as the square root of Jensen and Shannon's divergence: 0 to 1, of the feature that is the farthest. Average by default. */
  metricDriftDivergence(options?: ModelMetricOptions): cloudwatch.Metric;

  /** The same as Kolmogorov and Smirnov's distance: 0 to 1, of the feature that is the farthest. Average by default. */
  metricDriftDistance(options?: ModelMetricOptions): cloudwatch.Metric;

  /**
   * The share of devices that have drifted, by their own counts: 0 to 1, of those that have a verdict. Average over 5 minutes by default.
   */
  metricDriftedDevices(options?: ModelMetricOptions): cloudwatch.Metric;

  /** The number of devices that report. Maximum over 5 minutes by default. */
  metricDevicesReporting(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * The number of devices that have reported before, and were not heard of for `silentAfter`. A device is forgotten after 30 days. Maximum
   * over 5 minutes by default.
   */
  metricDevicesSilent(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** The share of devices that are silent, in percent: 0 to 100. Maximum over 5 minutes by default. */
  metricSilentPercent(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** The captures that wait on the disk of a device, in bytes. Average over the devices and over 5 minutes by default. */
  metricCaptureBacklog(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** The memory of the agent and its models on a device, in bytes. Average over the devices and over 5 minutes by default. */
  metricMemory(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * The number of reports that were not counted, or not as a whole. The metric of the same name with the dimension `Reason` says why.
   *
   * Sum over 5 minutes by default.
   */
  metricRejectedReports(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}
