import { aws_iam as iam, Resource, type aws_cloudwatch as cloudwatch, type aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import { EndpointMetrics, type EndpointMetricOptions } from './endpoint-metrics';
import type { IRealTimeEndpoint } from './real-time-endpoint-interface';
import { DEFAULT_VARIANT } from './private/variant-name';

/** What an endpoint of the app and an imported endpoint have in common: its reference, its metrics, and the right to invoke it. */
export abstract class RealTimeEndpointBase extends Resource implements IRealTimeEndpoint {
  public abstract readonly endpointArn: string;
  public abstract readonly endpointName: string;

  /** The ARN of the endpoint, for those who take any endpoint. */
  public get endpointRef(): sagemaker.EndpointReference {
    return { endpointArn: this.endpointArn };
  }

  /** Grants the permission to invoke the endpoint, all its variants. */
  public grantInvoke(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions: ['sagemaker:InvokeEndpoint'], resourceArns: [this.endpointArn] });
  }

  public metricInvocations(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricInvocations(withoutVariant(options));
  }

  public metricInvocationsPerInstance(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricInvocationsPerInstance(withoutVariant(options));
  }

  public metricModelLatency(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricModelLatency(withoutVariant(options));
  }

  public metricOverheadLatency(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricOverheadLatency(withoutVariant(options));
  }

  public metric4xx(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metric4xx(withoutVariant(options));
  }

  public metric5xx(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metric5xx(withoutVariant(options));
  }

  public metricModelErrors(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricModelErrors(withoutVariant(options));
  }

  public metricCpuUtilization(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricCpuUtilization(withoutVariant(options));
  }

  public metricMemoryUtilization(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricMemoryUtilization(withoutVariant(options));
  }

  public metricDiskUtilization(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricDiskUtilization(withoutVariant(options));
  }

  public metricGpuUtilization(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricGpuUtilization(withoutVariant(options));
  }

  public metricGpuMemoryUtilization(options: EndpointMetricOptions = {}): cloudwatch.Metric {
    return this.metricsOf(options).metricGpuMemoryUtilization(withoutVariant(options));
  }

  /** The variant that is meant where none is named.
   * @internal */
  protected _defaultVariant(): string {
    return DEFAULT_VARIANT;
  }

  private metricsOf({ variantName = this._defaultVariant() }: EndpointMetricOptions): EndpointMetrics {
    return EndpointMetrics.fromEndpoint(this, { variantName });
  }
}

function withoutVariant(options: EndpointMetricOptions): cloudwatch.MetricOptions {
  const { variantName, ...rest } = options;
  return variantName === undefined ? options : rest;
}
