import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeEndpointCommand, UpdateEndpointWeightsAndCapacitiesCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { isNamed } from '../service/errors';
import type { ScaledWorld, ScalingMetric } from './contracts';

type ClientSettings = ConstructorParameters<typeof CloudWatchClient>[0];

/** The emulator's CloudWatch, and the stand-in's endpoints. */
export class EmulatorWorld implements ScaledWorld {
  private readonly cloudWatch: CloudWatchClient;

  public constructor(settings: ClientSettings, private readonly sageMaker: () => SageMakerClient, private readonly times: {
    readonly periodSeconds: number;
    readonly delaySeconds: number;
  }) {
    this.cloudWatch = new CloudWatchClient(settings ?? {});
  }

  public async values(metric: ScalingMetric, periods: number): Promise<readonly (number | undefined)[]> {
    const { namespace: Namespace, name: MetricName, dimensions, statistic: Stat } = metric;
    const { periodSeconds, delaySeconds } = this.times;
    const period = periodSeconds * 1000;
    const end = Math.floor((Date.now() - delaySeconds * 1000) / period) * period;
    const starts = Array.from({ length: periods }, (_, index) => end - (periods - index) * period);
    const { MetricDataResults: [result] = [] } = await this.cloudWatch.send(new GetMetricDataCommand({
      MetricDataQueries: [{
        Id: 'metric',
        MetricStat: { Metric: { Namespace, MetricName, Dimensions: [...dimensions] }, Period: periodSeconds, Stat },
      }],
      StartTime: new Date(end - periods * period), EndTime: new Date(end),
    }));
    const found = new Map((result?.Timestamps ?? []).map((time, index) => [time.getTime(), result?.Values?.[index]]));
    return starts.map((start) => found.get(start));
  }

  public async instances(resourceId: string): Promise<number | undefined> {
    const [, EndpointName = '', , variant = ''] = resourceId.split('/');
    try {
      const { EndpointStatus, ProductionVariants = [] } = await this.sageMaker().send(new DescribeEndpointCommand({ EndpointName }));
      const found = ProductionVariants.find(({ VariantName }) => VariantName === variant);
      return EndpointStatus === 'InService' ? found?.CurrentInstanceCount : undefined;
    } catch (error) {
      if (isNamed(error, 'ValidationException')) { // it is not there
        return undefined;
      }
      throw error;
    }
  }

  public async scale(resourceId: string, instances: number): Promise<void> {
    const [, EndpointName = '', , VariantName = ''] = resourceId.split('/');
    await this.sageMaker().send(new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName, DesiredWeightsAndCapacities: [{ VariantName, DesiredInstanceCount: instances }],
    }));
  }
}
