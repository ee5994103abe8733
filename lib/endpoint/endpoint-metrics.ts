import { aws_cloudwatch as cloudwatch, Duration, Stack, type aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import { ENTITY_NAME, validateText } from '../private/validation';
import { metricNameOf } from './private/endpoint-names';
import { DEFAULT_VARIANT } from './private/variant-name';

/** Which variant of an endpoint is measured. */
export interface EndpointMetricsOptions {
  /**
   * The name of the variant.
   * @default 'AllTraffic'
   */
  readonly variantName?: string;
}

/** A metric of an endpoint, and which variant is measured. */
export interface EndpointMetricOptions extends cloudwatch.MetricOptions {
  /**
   * The name of the variant.
   * @default - the variant of an endpoint that has one alone, otherwise its first; `AllTraffic` for an imported endpoint
   */
  readonly variantName?: string;
}

/**
 * The metrics of a variant of any endpoint, as SageMaker writes them to CloudWatch.
 *
 * SageMaker writes each minute, and a value may come a minute late. The metrics of requests are there only while there are requests.
 */
export class EndpointMetrics {
  /**
   * The metrics of an endpoint: a `RealTimeEndpoint`, an L1, or one of another library.
   *
   * Of an endpoint that gives its ARN alone, the name is taken from the ARN, which is in lower case: an endpoint whose name has capital
   * letters would have no values.
   */
  public static fromEndpoint(endpoint: sagemaker.IEndpointRef, options: EndpointMetricsOptions = {}): EndpointMetrics {
    const { variantName = DEFAULT_VARIANT } = options;
    validateText(endpoint, 'variantName', variantName, ENTITY_NAME);
    return new EndpointMetrics(endpoint, variantName);
  }

  private constructor(private readonly endpoint: sagemaker.IEndpointRef, private readonly variantName: string) {}

  /**
   * The number of requests.
   *
   * Sum over 1 minute by default.
   */
  public metricInvocations(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.requests('Invocations', cloudwatch.Stats.SUM, options);
  }

  /**
   * The number of requests for each instance. Each request counts 1 ÷ the number of instances, so that the sum over a minute is what a
   * target of `onInvocationsPerInstance` is compared with. Other statistics mean nothing.
   *
   * Sum over 1 minute by default.
   */
  public metricInvocationsPerInstance(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.requests('InvocationsPerInstance', cloudwatch.Stats.SUM, options);
  }

  /**
   * The time that the container took to answer, with the way to it and back, in **microseconds**. Percentiles such as `p99` are there.
   *
   * Average over 1 minute by default.
   */
  public metricModelLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.requests('ModelLatency', cloudwatch.Stats.AVERAGE, options);
  }

  /**
   * The time that SageMaker added to the container's, in **microseconds**. It depends on the size of requests and answers. Percentiles such
   * as `p99` are there.
   *
   * Average over 1 minute by default.
   */
  public metricOverheadLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.requests('OverheadLatency', cloudwatch.Stats.AVERAGE, options);
  }

  /**
   * The number of requests that were answered by a status of 4xx. Each request gives 0 or 1, so that the average is the share of errors.
   *
   * Sum over 1 minute by default.
   */
  public metric4xx(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.requests('Invocation4XXErrors', cloudwatch.Stats.SUM, options);
  }

  /**
   * The number of requests that were answered by a status of 5xx. Each request gives 0 or 1, so that the average is the share of errors.
   *
   * Sum over 1 minute by default.
   */
  public metric5xx(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.requests('Invocation5XXErrors', cloudwatch.Stats.SUM, options);
  }

  /**
   * The number of requests to which the container did not answer with 2xx, whatever the caller got for it.
   *
   * Sum over 1 minute by default.
   */
  public metricModelErrors(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.requests('InvocationModelErrors', cloudwatch.Stats.SUM, options);
  }

  /**
   * The use of the processors of an instance in percent, **summed over its vCPUs**: a full instance has the number of its vCPUs × 100. So
   * a full ml.m5.12xlarge has 4,800.
   *
   * Average over 1 minute, and over the instances, by default.
   */
  public metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.instances('CPUUtilization', options);
  }

  /**
   * The use of the memory of an instance in percent: 0 to 100.
   *
   * Average over 1 minute, and over the instances, by default.
   */
  public metricMemoryUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.instances('MemoryUtilization', options);
  }

  /**
   * The use of the disk of an instance in percent: 0 to 100.
   *
   * Average over 1 minute, and over the instances, by default.
   */
  public metricDiskUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.instances('DiskUtilization', options);
  }

  /**
   * The use of the GPUs of an instance in percent, **summed over its GPUs**: an instance with four full ones has 400. An instance without a
   * GPU has no values.
   *
   * Average over 1 minute, and over the instances, by default.
   */
  public metricGpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.instances('GPUUtilization', options);
  }

  /**
   * The use of the memory of the GPUs of an instance in percent, **summed over its GPUs**. An instance without a GPU has no values.
   *
   * Average over 1 minute, and over the instances, by default.
   */
  public metricGpuMemoryUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.instances('GPUMemoryUtilization', options);
  }

  private requests(metricName: string, statistic: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('AWS/SageMaker', metricName, { statistic, ...options });
  }

  private instances(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('/aws/sagemaker/Endpoints', metricName, { statistic: cloudwatch.Stats.AVERAGE, ...options });
  }

  private metric(namespace: string, metricName: string, options: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace,
      metricName,
      dimensionsMap: { EndpointName: metricNameOf(this.endpoint), VariantName: this.variantName },
      period: Duration.minutes(1),
      ...this.place(),
      ...options,
    }).attachTo(this.endpoint);
  }

  /** An imported endpoint may be elsewhere. */
  private place(): cloudwatch.MetricOptions {
    const { account, region } = this.endpoint.env;
    const stack = Stack.of(this.endpoint);
    return {
      ...account === stack.account ? {} : { account },
      ...region === stack.region ? {} : { region },
    };
  }
}
