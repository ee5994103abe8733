import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from '../../private/validation';
import type { ModelMetricOptions } from '../fleet-health-props';
import type { MonitoredModel } from '../monitored-model';
import { REJECTIONS } from './contract';

interface HealthMetricsProps {
  readonly fleetName: string;
  readonly namespace: string;
  readonly models: readonly MonitoredModel[];
  readonly rings: readonly string[];
}

/** The metrics that the functions write. */
export class HealthMetrics {
  public constructor(private readonly owner: IConstruct, private readonly props: HealthMetricsProps) {}

  public ofFleet(metricName: string, statistic: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return this.metric(metricName, { FleetName: this.props.fleetName }, { statistic, ...options });
  }

  public ofModel(metricName: string, statistic: string, options: ModelMetricOptions = {}): cloudwatch.Metric {
    const { modelName, modelVersion, ring, ...rest } = options;
    const model = this.modelOf(modelName);
    return this.metric(metricName, {
      FleetName: this.props.fleetName,
      ModelName: model.modelName,
      ModelVersion: this.versionOf(model, modelVersion),
      Ring: this.ringOf(ring),
    }, { statistic, ...rest });
  }

  /** By reason. */
  public rejected(): cloudwatch.Metric[] {
    return REJECTIONS.map((Reason) => this.metric(
      'RejectedReports', { FleetName: this.props.fleetName, Reason }, { statistic: cloudwatch.Stats.SUM, label: Reason },
    ));
  }

  private metric(metricName: string, dimensionsMap: Record<string, string>, options: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: this.props.namespace, metricName, dimensionsMap, period: Duration.minutes(5), ...options,
    }).attachTo(this.owner);
  }

  private modelOf(modelName: string | undefined): MonitoredModel {
    const { models } = this.props;
    const [only, ...others] = modelName === undefined ? models : models.filter((model) => model.modelName === modelName);
    if (only !== undefined && others.length === 0) {
      return only;
    }
    const names = models.map((model) => model.modelName).join(', ');
    throw new ValidationError(this.owner, `modelName must be one of ${names}, got ${modelName === undefined ? 'none' : `'${modelName}'`}`);
  }

  private versionOf({ modelName, modelVersions }: MonitoredModel, modelVersion = modelVersions[0]): string {
    if (modelVersion !== undefined && modelVersions.includes(modelVersion)) {
      return modelVersion;
    }
    throw new ValidationError(
      this.owner, `modelVersion of '${modelName}' must be one of ${modelVersions.join(', ')}, got '${modelVersion ?? ''}'`,
    );
  }

  private ringOf(ring: string | undefined): string {
    const { rings } = this.props;
    const [only, ...others] = ring === undefined ? rings : rings.filter((each) => each === ring);
    if (only !== undefined && others.length === 0) {
      return only;
    }
    throw new ValidationError(this.owner, `ring must be one of ${rings.join(', ')}, got ${ring === undefined ? 'none' : `'${ring}'`}`);
  }
}
