import { randomUUID } from 'node:crypto';
import { errorText } from '../service/errors';
import type { ScaledWorld, ScalingMetric, TargetTracking } from './contracts';
import type { ScalableTarget, ScalableTargets, ScalingPolicy } from './targets';

/** As the alarms of AWS's target tracking: three periods above the target, and fifteen below nine tenths of it. */
const OUT_PERIODS = 3;
const IN_PERIODS = 15;
const IN_SHARE = 0.9;
/** The newest periods may not be published yet: then those before them are looked at, as an alarm of CloudWatch does. */
const LATE_PERIODS = 2;
const DEFAULT_COOLDOWN_S = 300;
const AWS_PERIOD_S = 60;

export interface TrackerOptions {
  readonly targets: ScalableTargets;
  readonly world: ScaledWorld;
  /** Length of what is one minute on AWS, in seconds: cooldowns and a minute's sums shrink with it. */
  readonly periodSeconds: number;
}

/** Acts on target-tracking policies: once a period, as the alarms behind them do. */
export class TargetTracker {
  private readonly timer: NodeJS.Timeout;
  private readonly actedAt = new Map<string, { out?: number; in?: number }>();
  private turn: Promise<void> = Promise.resolve();

  public constructor(private readonly options: TrackerOptions) {
    this.timer = setInterval(() => {
      this.turn = this.turn.then(async () => this.look()).catch((error: unknown) => {
        console.error(`auto scaling: ${errorText(error)}`); // the next look is in a period
      });
    }, options.periodSeconds * 1000);
    this.timer.unref();
  }

  /** One look at all targets. */
  public async look(): Promise<void> {
    for (const target of this.options.targets.all()) {
      for (const policy of target.policies.values()) {
        await this.follow(target, policy);
      }
    }
  }

  public async close(): Promise<void> {
    clearInterval(this.timer);
    await this.turn;
  }

  private async follow(target: ScalableTarget, policy: ScalingPolicy): Promise<void> {
    const { world, periodSeconds } = this.options;
    const { request: { ResourceId, MinCapacity = 1, MaxCapacity = 1, SuspendedState: suspended } } = target;
    const { TargetTrackingScalingPolicyConfiguration: tracking } = policy.request;
    const metric = tracking && metricOf(tracking, ResourceId);
    const instances = await world.instances(ResourceId);
    if (!metric || instances === undefined) {
      return;
    }
    const scale = metric.statistic === 'Sum' ? AWS_PERIOD_S / periodSeconds : 1; // a target is meant for a minute
    const found = await world.values(metric, IN_PERIODS + LATE_PERIODS);
    const values = latest(found).map((value) => (value === undefined ? undefined : value * scale));
    const { TargetValue: wanted, DisableScaleIn } = tracking;
    const recent = values.slice(-OUT_PERIODS);
    const last = recent.at(-1) ?? 0;
    const isAbove = recent.length === OUT_PERIODS && recent.every((value) => value !== undefined && value > wanted);
    const isBelow = values.length === IN_PERIODS && values.every((value) => (value ?? 0) < wanted * IN_SHARE);
    const desired = Math.min(MaxCapacity, Math.max(MinCapacity, Math.ceil(instances * last / wanted)));
    if (isAbove && desired > instances && suspended?.DynamicScalingOutSuspended !== true && this.isCool(target, 'out', tracking)) {
      await this.scale(target, policy, desired, `${metric.name} was above ${wanted} for ${OUT_PERIODS} periods`);
      this.acted(target, 'out');
    } else if (isBelow && desired < instances && DisableScaleIn !== true && suspended?.DynamicScalingInSuspended !== true
      && this.isCool(target, 'in', tracking)) {
      await this.scale(target, policy, desired, `${metric.name} was below ${wanted * IN_SHARE} for ${IN_PERIODS} periods`);
      this.acted(target, 'in');
    }
  }

  private async scale(target: ScalableTarget, { request }: ScalingPolicy, instances: number, why: string): Promise<void> {
    await this.options.world.scale(target.request.ResourceId, instances);
    target.activities.push({
      id: randomUUID(), at: Date.now(), description: `Setting desired instance count to ${instances}.`,
      cause: `${why}: monitor alarm of policy ${request.PolicyName} was triggered`,
    });
  }

  /** Scaling in waits for both cooldowns, scaling out for its own. */
  private isCool({ request: { ResourceId } }: ScalableTarget, direction: 'out' | 'in', tracking: TargetTracking): boolean {
    const { out = 0, in: inward = 0 } = this.actedAt.get(ResourceId) ?? {};
    const passed = (since: number, seconds = DEFAULT_COOLDOWN_S): boolean => (
      Date.now() - since >= seconds * 1000 * this.options.periodSeconds / AWS_PERIOD_S
    );
    return direction === 'out'
      ? passed(out, tracking.ScaleOutCooldown)
      : passed(out, tracking.ScaleOutCooldown) && passed(inward, tracking.ScaleInCooldown);
  }

  private acted({ request: { ResourceId } }: ScalableTarget, direction: 'out' | 'in'): void {
    this.actedAt.set(ResourceId, { ...this.actedAt.get(ResourceId), [direction]: Date.now() });
  }
}

/** The newest periods of which something is published; those without data are left out at the end alone, where they may still come. */
function latest(values: readonly (number | undefined)[]): readonly (number | undefined)[] {
  let end = values.length;
  while (end > values.length - LATE_PERIODS && values[end - 1] === undefined) {
    end -= 1;
  }
  return values.slice(Math.max(0, end - IN_PERIODS), end);
}

/** Undefined for a metric that the stand-in cannot read. */
export function metricOf(tracking: TargetTracking, resourceId: string): ScalingMetric | undefined {
  const [, endpoint = '', , variant = ''] = resourceId.split('/');
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: custom } = tracking;
  if (predefined?.PredefinedMetricType === 'SageMakerVariantInvocationsPerInstance') {
    return {
      namespace: 'AWS/SageMaker', name: 'InvocationsPerInstance', statistic: 'Sum',
      dimensions: [{ Name: 'EndpointName', Value: endpoint }, { Name: 'VariantName', Value: variant }],
    };
  }
  const { Namespace, MetricName, Dimensions = [], Statistic } = custom ?? {};
  if (Namespace === undefined || MetricName === undefined || Statistic === undefined) {
    return undefined;
  }
  const dimensions = Dimensions.map(({ Name, Value }) => ({ Name, Value }));
  return { namespace: Namespace, name: MetricName, dimensions, statistic: Statistic };
}
