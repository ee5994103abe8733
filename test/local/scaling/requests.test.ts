import {
  ApplicationAutoScalingClient, DeleteScalingPolicyCommand, DeregisterScalableTargetCommand, DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand, DescribeScalingPoliciesCommand, PutScalingPolicyCommand, RegisterScalableTargetCommand,
  type RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import { startScaling } from '../../../local/scaling/server';
import type { RunningServer } from '../../../local/service/http-server';
import { FakeAuthority, HANDLER_KEY, REGION, SECRET } from '../sagemaker/fakes';
import { containing } from '../sagemaker/requests';

const authority = new FakeAuthority();
const ABOUT = {
  ServiceNamespace: 'sagemaker', ResourceId: 'endpoint/recogniser/variant/AllTraffic', ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
} as const;
let server: RunningServer;
let client: ApplicationAutoScalingClient;
beforeAll(async () => {
  server = await startScaling({
    authority, periodSeconds: 60, log: { append: () => undefined },
    world: { values: () => Promise.resolve([]), instances: () => Promise.resolve(1), scale: () => Promise.resolve() },
  });
  client = new ApplicationAutoScalingClient({
    region: REGION, endpoint: server.url, maxAttempts: 1, credentials: { accessKeyId: HANDLER_KEY, secretAccessKey: SECRET },
  });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const register = async (change: Partial<RegisterScalableTargetCommandInput> = {}) => client.send(
  new RegisterScalableTargetCommand({ ...ABOUT, MinCapacity: 1, MaxCapacity: 3, ...change }),
);

test('a target and its policy are registered, described and taken away', async () => {
  const { ScalableTargetARN } = await register();
  expect(ScalableTargetARN).toMatch(/^arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target\//);
  expect((await register({ MaxCapacity: 5 })).ScalableTargetARN).toBe(ScalableTargetARN);
  const { ScalableTargets } = await client.send(new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker' }));
  expect(ScalableTargets).toMatchObject([{ ...ABOUT, MinCapacity: 1, MaxCapacity: 5 }]);
  const { PolicyARN } = await client.send(new PutScalingPolicyCommand({
    ...ABOUT, PolicyName: 'by-requests', PolicyType: 'TargetTrackingScaling', TargetTrackingScalingPolicyConfiguration: { TargetValue: 600 },
  }));
  expect(PolicyARN).toContain(':resource/sagemaker/endpoint/recogniser/variant/AllTraffic:policyName/by-requests');
  const { ScalingPolicies } = await client.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: 'sagemaker' }));
  expect(ScalingPolicies).toMatchObject([{ PolicyName: 'by-requests', PolicyARN }]);
  expect((await client.send(new DescribeScalingActivitiesCommand({ ServiceNamespace: 'sagemaker' }))).ScalingActivities).toEqual([]);
  await client.send(new DeleteScalingPolicyCommand({ ...ABOUT, PolicyName: 'by-requests' }));
  await client.send(new DeregisterScalableTargetCommand(ABOUT));
  await expect(client.send(new DeregisterScalableTargetCommand(ABOUT))).rejects.toMatchObject({ name: 'ObjectNotFoundException' });
});

test.each([
  ['the capacities the wrong way round', { MinCapacity: 4 }, 'Maximum capacity cannot be less than minimum capacity'],
  ['no capacities', { MinCapacity: undefined, MaxCapacity: undefined }, 'MinCapacity and MaxCapacity must be given'],
  ['another service', { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' }, 'The local stand-in scales endpoint/'],
] as const)('%s is refused', async (_, change, message) => {
  await expect(register({ ...change, ResourceId: 'endpoint/other/variant/AllTraffic' })).rejects.toMatchObject({
    name: 'ValidationException', message: containing(message),
  });
});

test('a caller without the right is refused', async () => {
  authority.allowed = () => false;
  await expect(register()).rejects.toMatchObject({ name: 'AccessDeniedException', message: containing('application-autoscaling:RegisterScalableTarget') });
  authority.allowed = () => true;
});
