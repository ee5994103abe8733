import type { EffectiveDeployment } from '@aws-sdk/client-greengrassv2';
import type { ResourceEvent } from '../../../lambda/shared/events';
import { newEvent, notFound } from './fixture';

export const TYPE = 'Custom::SageMakerEdge-FleetRollout';
export const GROUP = 'arn:aws:iot:eu-west-1:111111111111:thinggroup/fleet';

type Changes = Readonly<Record<string, string>>;

export const properties = (changes: Changes = {}): Record<string, string> => ({
  Owner: 'fleet',
  DeploymentId: 'new',
  TargetArn: GROUP,
  ThingGroupName: 'fleet',
  WaitSeconds: '600',
  UninstallSeconds: '0',
  ...changes,
});

export const create = (changes: Changes = {}): ResourceEvent => newEvent(TYPE, 'Create', properties(changes));

export const update = (changes: Changes, old: Changes = {}): ResourceEvent => {
  const before = properties({ DeploymentId: 'old', ...old });
  return newEvent(TYPE, 'Update', properties(changes), { old: before, physicalId: 'x' });
};

export const remove = (changes: Changes = {}, physicalId = 'x'): ResourceEvent =>
  newEvent(TYPE, 'Delete', properties({ UninstallSeconds: '60', ...changes }), { physicalId });

export type Status = EffectiveDeployment['coreDeviceExecutionStatus'];

export const effective = (deploymentId: string, status: Status, reason?: string): EffectiveDeployment => ({
  deploymentId,
  deploymentName: 'd',
  targetArn: GROUP,
  coreDeviceExecutionStatus: status,
  reason,
  creationTimestamp: new Date(0),
  modifiedTimestamp: new Date(0),
});

export const things = (...names: string[]) => () => Promise.resolve({ things: names });

/** A device that says this of the deployment, and that another one failed. */
export const says = (status: Status, reason?: string, id = 'new') => () => Promise.resolve({
  effectiveDeployments: [effective('other', 'FAILED'), effective(id, status, reason)],
});

/** The answers of a device in turn, the last one again and again. */
export function inTurn<T>(...answers: (() => Promise<T>)[]): () => Promise<T> {
  let asked = 0;
  return () => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? notFound;
    asked += 1;
    return answer();
  };
}

export const healthy = { getCoreDevice: () => Promise.resolve({ status: 'HEALTHY' as const, lastStatusUpdateTimestamp: new Date(0) }) };
export const noDeployments = { listDeployments: () => Promise.resolve({ deployments: [] }) };
export const OWNER = { 'cdk-sagemaker-edge:rollout': expect.stringMatching(/^rollout-[0-9a-f]{32}$/) as string };
export const active = () => Promise.resolve({ deploymentStatus: 'ACTIVE' as const, isLatestForTarget: true });
