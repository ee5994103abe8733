import type { ScaledWorld, TargetTracking } from '../../../local/scaling/contracts';
import { ScalableTargets } from '../../../local/scaling/targets';
import { metricOf, TargetTracker } from '../../../local/scaling/tracker';

const RESOURCE = 'endpoint/recogniser/variant/AllTraffic';
const DIMENSION = 'sagemaker:variant:DesiredInstanceCount';
const TRACKING: TargetTracking = {
  TargetValue: 600, ScaleOutCooldown: 0, ScaleInCooldown: 0,
  PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
};

class World implements ScaledWorld {
  public now: number | undefined = 1;
  public readonly scaled: number[] = [];
  public series: (number | undefined)[] = [];

  public values(_: unknown, periods: number): Promise<readonly (number | undefined)[]> {
    return Promise.resolve(this.series.slice(-periods));
  }

  public instances(): Promise<number | undefined> {
    return Promise.resolve(this.now);
  }

  public scale(_: string, instances: number): Promise<void> {
    this.now = instances;
    this.scaled.push(instances);
    return Promise.resolve();
  }
}

let tracker: TargetTracker | undefined;
afterEach(async () => tracker?.close());

async function run(world: World, tracking: Partial<TargetTracking> = {}, target: object = {}): Promise<ScalableTargets> {
  const targets = new ScalableTargets();
  const table = targets.operations();
  const about = { ServiceNamespace: 'sagemaker', ResourceId: RESOURCE, ScalableDimension: DIMENSION } as const;
  const caller = { arn: 'root', isRoot: true };
  await table.RegisterScalableTarget?.run({ ...about, MinCapacity: 1, MaxCapacity: 4, ...target }, caller);
  await table.PutScalingPolicy?.run({
    ...about, PolicyName: 'p', PolicyType: 'TargetTrackingScaling', TargetTrackingScalingPolicyConfiguration: { ...TRACKING, ...tracking },
  }, caller);
  tracker = new TargetTracker({ targets, world, periodSeconds: 60 });
  await tracker.look();
  return targets;
}

const periods = (value: number | undefined, last: readonly (number | undefined)[]): (number | undefined)[] => (
  [...Array.from({ length: 17 - last.length }, () => value), ...last]
);

test('three periods above the target scale out in proportion, and are an activity', async () => {
  const world = new World();
  world.series = periods(0, [1700, 1750, 1800]);
  const targets = await run(world);
  expect(world.scaled).toEqual([3]);
  expect(targets.all()[0]?.activities).toMatchObject([{ description: 'Setting desired instance count to 3.' }]);
});

test('two periods above the target do nothing yet', async () => {
  const world = new World();
  world.series = periods(0, [500, 1750, 1800]);
  await run(world);
  expect(world.scaled).toEqual([]);
});

test.each([1, 2])('%i periods that are not published yet are not waited for', async (late) => {
  const world = new World();
  world.series = periods(0, [1700, 1750, 1800, ...Array.from({ length: late }, () => undefined)]);
  await run(world);
  expect(world.scaled).toEqual([3]);
});

test('three periods without data are no traffic', async () => {
  const world = new World();
  world.series = periods(0, [1700, 1750, 1800, undefined, undefined, undefined]);
  await run(world);
  expect(world.scaled).toEqual([]);
});

test('it never goes above the greatest capacity', async () => {
  const world = new World();
  world.series = periods(0, [90_000, 90_000, 90_000]);
  await run(world);
  expect(world.scaled).toEqual([4]);
});

test('fifteen periods below nine tenths of the target scale in, no traffic among them, down to the least capacity', async () => {
  const world = new World();
  world.now = 4;
  world.series = periods(undefined, [10, 10, 10]);
  await run(world);
  expect(world.scaled).toEqual([1]);
});

test('a policy that disables scaling in does not', async () => {
  const world = new World();
  world.now = 4;
  world.series = periods(0, [10, 10, 10]);
  await run(world, { DisableScaleIn: true });
  expect(world.scaled).toEqual([]);
});

test('a suspended target does not scale out', async () => {
  const world = new World();
  world.series = periods(0, [1700, 1750, 1800]);
  await run(world, {}, { SuspendedState: { DynamicScalingOutSuspended: true } });
  expect(world.scaled).toEqual([]);
});

test('it waits for the cooldown before it scales out again', async () => {
  const world = new World();
  world.series = periods(0, [700, 700, 700]);
  await run(world, { ScaleOutCooldown: 300 });
  await tracker?.look();
  expect(world.scaled).toEqual([2]);
});

test('an endpoint that changes at the moment is left alone', async () => {
  const world = new World();
  world.now = undefined;
  world.series = periods(0, [1700, 1750, 1800]);
  await run(world);
  expect(world.scaled).toEqual([]);
});

test('the predefined metric is the sum of invocations for each instance; a customized one is as it says', () => {
  expect(metricOf(TRACKING, RESOURCE)).toEqual({
    namespace: 'AWS/SageMaker', name: 'InvocationsPerInstance', statistic: 'Sum',
    dimensions: [{ Name: 'EndpointName', Value: 'recogniser' }, { Name: 'VariantName', Value: 'AllTraffic' }],
  });
  expect(metricOf({
    TargetValue: 60, CustomizedMetricSpecification: { Namespace: '/aws/sagemaker/Endpoints', MetricName: 'CPUUtilization', Statistic: 'Average' },
  }, RESOURCE)).toEqual({ namespace: '/aws/sagemaker/Endpoints', name: 'CPUUtilization', statistic: 'Average', dimensions: [] });
});
