import { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { IFleetHealth } from './fleet-health-interface';
import type { ModelMetricOptions } from './fleet-health-props';
import type { MonitoredModel } from './monitored-model';
import type { HealthMetrics } from './private/metrics';

/** What the health of a fleet of this app and that of another stack have in common: its metrics. */
export abstract class FleetHealthBase extends Construct implements IFleetHealth {
  public abstract readonly fleetName: string;
  public abstract readonly models: MonitoredModel[];
  public abstract readonly rings: string[];
  /** @internal */
  protected abstract readonly _metrics: HealthMetrics;

  /** The number of predictions that were answered. Sum over 5 minutes by default. */
  public metricPredictions(options?: ModelMetricOptions): cloudwatch.Metric {
    return this._metrics.ofModel('Predictions', cloudwatch.Stats.SUM, options);
  }

  /**
   * The number of predictions that failed, whatever the reason. Each prediction gives 0 or 1, so that the average is the share of errors.
   *
   * Sum over 5 minutes by default.
   */
  public metricErrors(options?: ModelMetricOptions): cloudwatch.Metric {
    return this._metrics.ofModel('Errors', cloudwatch.Stats.SUM, options);
  }

  /** The share of predictions that failed: 0 to 1. It is there where there were predictions. Average over 5 minutes by default. */
  public metricErrorRate(options?: ModelMetricOptions): cloudwatch.Metric {
    return this._metrics.ofModel('Errors', cloudwatch.Stats.AVERAGE, options);
  }

  /**
   * The latency of predictions, in milliseconds. Percentiles such as `p99` are those of all the devices together.
   *
   * Devices count predictions in 12 buckets, and a prediction has the upper bound of its bucket here: 2, 5, 10, 20, 35, 50, 75, 100, 200,
   * 500, 2,000 or 10,000 ms.
   *
   * `p99` over 5 minutes by default.
   */
  public metricLatency(options?: ModelMetricOptions): cloudwatch.Metric {
    return this._metrics.ofModel('Latency', 'p99', options);
  }

  /** The number of reports in which the version of the model was loaded. Sum over 5 minutes by default. */
  public metricReports(options?: ModelMetricOptions): cloudwatch.Metric {
    return this._metrics.ofModel('Reports', cloudwatch.Stats.SUM, options);
  }

  /**
   * How far the predictions of all devices together are from the model's drift baseline, as a multiple of the threshold: there is drift
   * above 1. It is there where a function counted 100 predictions or more at once, and the model has a baseline.
   *
   * Average over 5 minutes by default.
   */
  public metricDriftSeverity(options?: ModelMetricOptions): cloudwatch.Metric {
    return this._metrics.ofModel('DriftSeverity', cloudwatch.Stats.AVERAGE, options);
  }

  /** The same as the square root of Jensen and Shannon's divergence: 0 to 1, of the feature that is the farthest. Average by default. */
  public metricDriftDivergence(options?: ModelMetricOptions): cloudwatch.Metric {
    return this._metrics.ofModel('DriftDivergence', cloudwatch.Stats.AVERAGE, options);
  }

  /** The same as Kolmogorov and Smirnov's distance: 0 to 1, of the feature that is the farthest. Average by default. */
  public metricDriftDistance(options?: ModelMetricOptions): cloudwatch.Metric {
    return this._metrics.ofModel('DriftDistance', cloudwatch.Stats.AVERAGE, options);
  }

  /**
   * The share of devices that have drifted, by their own counts: 0 to 1, of those that have a verdict. Average over 5 minutes by default.
   */
  public metricDriftedDevices(options?: ModelMetricOptions): cloudwatch.Metric {
    return this._metrics.ofModel('DriftedDevices', cloudwatch.Stats.AVERAGE, options);
  }

  /** The number of devices that report. Maximum over 5 minutes by default. */
  public metricDevicesReporting(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._metrics.ofFleet('DevicesReporting', cloudwatch.Stats.MAXIMUM, options);
  }

  /**
   * The number of devices that have reported before, and were not heard of for `silentAfter`. A device is forgotten after 30 days. Maximum
   * over 5 minutes by default.
   */
  public metricDevicesSilent(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._metrics.ofFleet('DevicesSilent', cloudwatch.Stats.MAXIMUM, options);
  }

  /** The share of devices that are silent, in percent: 0 to 100. Maximum over 5 minutes by default. */
  public metricSilentPercent(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._metrics.ofFleet('SilentPercent', cloudwatch.Stats.MAXIMUM, options);
  }

  /** The captures that wait on the disk of a device, in bytes. Average over the devices and over 5 minutes by default. */
  public metricCaptureBacklog(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._metrics.ofFleet('CaptureBacklog', cloudwatch.Stats.AVERAGE, options);
  }

  /** The memory of the agent and its models on a device, in bytes. Average over the devices and over 5 minutes by default. */
  public metricMemory(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._metrics.ofFleet('Memory', cloudwatch.Stats.AVERAGE, options);
  }

  /**
   * The number of reports that were not counted, or not as a whole. The metric of the same name with the dimension `Reason` says why.
   *
   * Sum over 5 minutes by default.
   */
  public metricRejectedReports(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._metrics.ofFleet('RejectedReports', cloudwatch.Stats.SUM, options);
  }
}
