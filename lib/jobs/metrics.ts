import { aws_cloudwatch as cloudwatch, CfnElement, Stack, type CustomResource } from 'aws-cdk-lib';
import type { JobMetricDimension, JobMetricName, JobMetricNamespace } from './contract';

const NAMESPACE: JobMetricNamespace = 'cdk-sagemaker-edge/Jobs';

/** A metric that the handler writes of a job's custom resource. */
export function jobMetric(
  resource: CustomResource, metricName: JobMetricName, statistic: string, options?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  const element = resource.node.defaultChild;
  const dimensionsMap: Record<JobMetricDimension, string> = {
    Stack: Stack.of(resource).stackName, Resource: CfnElement.isCfnElement(element) ? element.logicalId : '',
  };
  return new cloudwatch.Metric({ namespace: NAMESPACE, metricName, dimensionsMap, statistic, ...options }).attachTo(resource);
}
