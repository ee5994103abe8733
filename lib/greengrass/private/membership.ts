import { ArnFormat, aws_iam as iam, Stack, type aws_iot as iot, type CustomResource } from 'aws-cdk-lib';
import { Construct, DependencyGroup, type IDependable } from 'constructs';
import type { ThingGroupMembershipProperties, ThingGroupMembershipType } from './contract';
import { GreengrassProvider } from './provider';
import { identifyBy } from '../../identity/private/logical-ids';
import { literalThingName } from '../../private/thing-name';
import { shortHash } from '../../private/naming';
import { inStack } from '../../private/in-stack';
import { acknowledgeWildcards } from '../../private/nag/acknowledge';

/**
 * A thing group. Most of its things have names with the same prefix. These things share one policy, because the inline
 * policies of a role are limited to 10,240 characters.
 */
export interface MembershipScope {
  readonly owner: Construct;
  readonly group: iot.IThingGroupRef;
  readonly prefix: string;
  /** The name of the group, as the template has it. */
  readonly groupName: string;
}

/** The memberships of the things of a stack. */
class StackMemberships extends Construct {
  public static of(thing: iot.IThingRef): StackMemberships {
    return inStack(thing, 'cdk-sagemaker-edge.Memberships', (stack, uid) => new StackMemberships(stack, uid));
  }

  private readonly groups = new Map<iot.IThingRef, DependencyGroup>();

  private constructor(scope: Construct, id: string) {
    super(scope, id);
  }

  public groupOf(thing: iot.IThingRef): DependencyGroup {
    const group = this.groups.get(thing) ?? new DependencyGroup();
    this.groups.set(thing, group);
    return group;
  }
}

/** All memberships of a thing, with what a core device needs besides them. Memberships that are created later are included. */
export function membershipsOf(thing: iot.IThingRef): IDependable {
  return StackMemberships.of(thing).groupOf(thing);
}

/**
 * Add a thing to a thing group.
 * @param forget whether the core device of Greengrass is deleted with the membership
 */
export function joinGroup(fleet: MembershipScope, thing: iot.IThingRef, forget: boolean): CustomResource {
  const { owner, group, prefix, groupName } = fleet;
  const provider = GreengrassProvider.getOrCreate(owner);
  const name = literalThingName(thing);
  // A new name is a new thing. Its membership and rights are new resources, so that the old ones serve the old thing to its end.
  const scope = new Construct(owner, `Member${shortHash(name ?? thing.node.addr)}`);
  const shared = name?.startsWith(prefix) ?? false;
  const rights = shared ? sharedRights(provider, fleet) : grant(provider, scope, group, thing.thingRef.thingName);
  if (!shared) {
    identifyBy(rights, 'MembershipRights', groupName, name);
  }
  const membership = provider.customResource(scope, 'Membership', {
    resourceType: 'Custom::SageMakerEdge-ThingGroupMembership' satisfies ThingGroupMembershipType,
    serviceTimeout: provider.serviceTimeout,
    properties: {
      ThingGroupName: group.thingGroupRef.thingGroupName, ThingName: thing.thingRef.thingName, DeleteCoreDevice: String(forget),
    } satisfies ThingGroupMembershipProperties,
  });
  identifyBy(membership, 'Membership', groupName, name);
  membership.node.addDependency(rights);
  StackMemberships.of(thing).groupOf(thing).add(membership);
  return membership;
}

function sharedRights(provider: GreengrassProvider, { owner, group, prefix, groupName }: MembershipScope): Construct {
  const folder = owner.node.tryFindChild('MemberRights');
  if (folder instanceof Construct) {
    return folder;
  }
  const made = new Construct(owner, 'MemberRights');
  identifyBy(grant(provider, made, group, `${prefix}*`), 'FleetMembershipRights', groupName);
  return made;
}

function grant(provider: GreengrassProvider, scope: Construct, group: iot.IThingGroupRef, things: string): iam.Policy {
  const stack = Stack.of(scope);
  const thingArn = stack.formatArn({ service: 'iot', resource: 'thing', resourceName: things });
  const coreDeviceArn = stack.formatArn({
    service: 'greengrass', resource: 'coreDevices', resourceName: things, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const rights = provider.grant(scope, 'Rights',
    new iam.PolicyStatement({
      actions: ['iot:AddThingToThingGroup', 'iot:RemoveThingFromThingGroup'], resources: [group.thingGroupRef.thingGroupArn, thingArn],
    }),
    new iam.PolicyStatement({ actions: ['iot:ListThingGroupsForThing'], resources: [thingArn] }),
    new iam.PolicyStatement({ actions: ['greengrass:DeleteCoreDevice'], resources: [coreDeviceArn] }),
  );
  acknowledgeWildcards(rights, 'the things and core devices of one fleet, by the beginning of their names', thingArn, coreDeviceArn);
  return rights;
}
