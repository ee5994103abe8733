import { CfnResource, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { shortHash } from '../../private/naming';

/** CloudFormation admits 255 characters, hash included. */
const MAX_READABLE = 200;

/**
 * Gives a resource a logical ID that is made of names alone, and not of the path of its construct. So a construct can be renamed, or
 * moved within its stack, and CloudFormation takes the resource for the same.
 *
 * Part of the upgrade contract: another kind, or other names, replace what devices in the field have.
 *
 * @param scope the resource, or the construct that it is the default child of
 * @param kind what the resource is for: two resources of one kind in a stack have different names
 * @param names what identifies the resource. If one is not known at synth, the logical ID stays that of the path
 */
export function identifyBy(scope: IConstruct | undefined, kind: string, ...names: readonly (string | undefined)[]): void {
  const resource = CfnResource.isCfnResource(scope) ? scope : scope?.node.defaultChild;
  if (!CfnResource.isCfnResource(resource) || names.some((name) => name === undefined || Token.isUnresolved(name))) {
    return;
  }
  const readable = [kind, ...names].join('').replace(/[^a-zA-Z0-9]+/g, '').slice(0, MAX_READABLE);
  resource.overrideLogicalId(`${readable}${shortHash([kind, ...names].join('\n')).toUpperCase()}`);
}

/**
 * The same for a fleet, and for what it makes where nothing is given: devices in the field know the role alias by its name, which
 * CloudFormation makes of the logical ID, and they write to the bucket.
 */
export function identifyFleetBy(fleet: IConstruct, kind: string, name: string): void {
  const part = (...path: readonly string[]): IConstruct | undefined => (
    path.reduce<IConstruct | undefined>((scope, id) => scope?.node.tryFindChild(id), fleet)
  );
  identifyBy(fleet, kind, name);
  for (const id of ['RoleAlias', 'ThingType', 'Role']) {
    identifyBy(part(id), `${kind}${id}`, name);
  }
  identifyBy(part('Role', 'DefaultPolicy'), `${kind}RolePolicy`, name);
  // The policy of a bucket, and what empties it, act on the bucket when they are deleted: with other logical IDs they would take policy
  // and objects from a bucket that stays.
  identifyBy(part('CaptureBucket', 'Bucket'), `${kind}Captures`, name);
  identifyBy(part('CaptureBucket', 'Bucket', 'Policy'), `${kind}CapturesPolicy`, name);
  identifyBy(part('CaptureBucket', 'Bucket', 'AutoDeleteObjectsCustomResource'), `${kind}CapturesRemoval`, name);
}
