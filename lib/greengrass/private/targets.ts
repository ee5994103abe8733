import { aws_iot as iot, Stack, Stage, Token } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { ValidationError } from '../../private/validation';

/** Deployment deletions that an account may have in progress. */
const MOST_DELETIONS = 10;

const targets = new WeakMap<IConstruct, Map<string, string>>();
const deployments = new WeakMap<Stack, Construct[]>();

/** Throws where another deployment of the app has the same target: the second revision would silently replace the first, and uninstall what it lacks. */
export function claimTarget(scope: Construct, group: iot.IThingGroupRef): void {
  const claimed = targets.get(scope.node.root) ?? new Map<string, string>();
  targets.set(scope.node.root, claimed);
  const key = targetKey(group);
  const other = claimed.get(key);
  if (other !== undefined) { throw new ValidationError(scope, `a thing group must have one deployment, since a second one replaces it, got another one: ${other}; add the components to that`); }
  claimed.set(key, scope.node.path);
}

/** Keeps the number of deployments that CloudFormation deletes at once within the limit. */
export function queueDeployment(scope: Construct): void {
  const stack = Stack.of(scope);
  const earlier = deployments.get(stack) ?? [];
  deployments.set(stack, [...earlier, scope]);
  const before = earlier.at(-MOST_DELETIONS);
  if (before) { scope.node.addDependency(before); }
}

function targetKey(group: iot.IThingGroupRef): string {
  const resource = iot.CfnThingGroup.isCfnThingGroup(group) ? group : group.node.defaultChild;
  const name = iot.CfnThingGroup.isCfnThingGroup(resource) ? resource.thingGroupName : group.thingGroupRef.thingGroupName;
  if (name === undefined || Token.isUnresolved(name)) { return group.node.path; }
  const { account, region } = Stack.of(group);
  const known = !Token.isUnresolved(account) && !Token.isUnresolved(region);
  return [...known ? [account, region] : [Stage.of(group)?.node.path ?? ''], name].join('/');
}
