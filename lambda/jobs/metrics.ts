import type { JobMetricDimension, JobMetricName, JobMetricNamespace } from '../../lib/jobs/contract';
import type { ResourceEvent } from '../shared/events';

const NAMESPACE: JobMetricNamespace = 'cdk-sagemaker-edge/Jobs';

/**
 * How a job ended that this event started. It is a line in CloudWatch's embedded metric format: a log line is a metric, and takes no
 * right.
 */
export function jobMetrics(event: ResourceEvent, now: number, values: Readonly<Record<JobMetricName, number>>): string {
  const { StackId, LogicalResourceId } = event;
  const dimensions: Readonly<Record<JobMetricDimension, string>> = { Stack: StackId.split('/')[1] ?? '', Resource: LogicalResourceId };
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [{
        Namespace: NAMESPACE,
        Dimensions: [Object.keys(dimensions)],
        Metrics: [{ Name: 'Duration', Unit: 'Seconds' }, { Name: 'Failed', Unit: 'Count' }],
      }],
    },
    ...dimensions, ...values,
  });
}
