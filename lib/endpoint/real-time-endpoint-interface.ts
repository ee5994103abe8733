import type { aws_cloudwatch as cloudwatch, aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import type { EndpointMetricOptions } from './endpoint-metrics';

/** A SageMaker endpoint that answers requests in real time. */
export interface IRealTimeEndpoint extends sagemaker.IEndpoint {
  /** The number of requests. See `EndpointMetrics.metricInvocations`. */
  metricInvocations(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The number of requests for each instance. See `EndpointMetrics.metricInvocationsPerInstance`. */
  metricInvocationsPerInstance(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The time that the container took to answer, in microseconds. See `EndpointMetrics.metricModelLatency`. */
  metricModelLatency(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The time that SageMaker added, in microseconds. See `EndpointMetrics.metricOverheadLatency`. */
  metricOverheadLatency(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The number of requests that were answered by 4xx. See `EndpointMetrics.metric4xx`. */
  metric4xx(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The number of requests that were answered by 5xx. See `EndpointMetrics.metric5xx`. */
  metric5xx(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The number of requests that the container failed. See `EndpointMetrics.metricModelErrors`. */
  metricModelErrors(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The use of the processors of an instance in percent, summed over its vCPUs. See `EndpointMetrics.metricCpuUtilization`. */
  metricCpuUtilization(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The use of the memory of an instance in percent. See `EndpointMetrics.metricMemoryUtilization`. */
  metricMemoryUtilization(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The use of the disk of an instance in percent. See `EndpointMetrics.metricDiskUtilization`. */
  metricDiskUtilization(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The use of the GPUs of an instance in percent, summed over its GPUs. See `EndpointMetrics.metricGpuUtilization`. */
  metricGpuUtilization(options?: EndpointMetricOptions): cloudwatch.Metric;

  /** The use of the memory of the GPUs in percent, summed over the GPUs. See `EndpointMetrics.metricGpuMemoryUtilization`. */
  metricGpuMemoryUtilization(options?: EndpointMetricOptions): cloudwatch.Metric;
}
