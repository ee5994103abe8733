import { CfnResource, Token, type aws_s3 as s3 } from 'aws-cdk-lib';
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
 * The same for a bucket, with its policy and with what empties it. Each of them acts on the bucket when it is deleted: one whose logical
 * ID changed would take the policy or the objects from a bucket that stays.
 */
export function identifyBucketBy(bucket: s3.IBucket, kind: string, ...names: readonly (string | undefined)[]): void {
  identifyBy(bucket, kind, ...names);
  identifyBy(bucket.policy, `${kind}Policy`, ...names);
  identifyBy(bucket.node.tryFindChild('AutoDeleteObjectsCustomResource'), `${kind}Objects`, ...names);
}

/** The same for a role, with the policy of what is granted to it. */
export function identifyRoleBy(role: IConstruct | undefined, kind: string, ...names: readonly (string | undefined)[]): void {
  identifyBy(role, kind, ...names);
  identifyBy(role?.node.tryFindChild('DefaultPolicy'), `${kind}Policy`, ...names);
}
