import { aws_iam as iam, Duration, Stack, type aws_iot as iot } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HandlerProvider } from '../../private/handler-provider';
import { inStack } from '../../private/in-stack';
import { literalThingName } from '../../private/thing-name';
import { identifyBy } from './logical-ids';
import { ThingPrefixes } from './thing-prefixes';
import { acknowledgeWildcards } from '../../private/nag/acknowledge';

/** The rights of one kind of custom resource on one thing. */
export interface ThingRights {
  /** Names the policy. */
  readonly id: string;
  /** Tells a policy for one thing from that for the thing before it, when a construct's thing changes. */
  readonly suffix?: string;
  readonly actions: string[];
}

/** The one provider of a stack for device identity. */
export class IdentityProvider extends HandlerProvider {
  public static getOrCreate(scope: Construct): IdentityProvider {
    return inStack(scope, 'cdk-sagemaker-edge.IdentityProvider', (stack, uid) => new IdentityProvider(stack, uid));
  }

  /**
   * Lets all things under `prefix` share one policy, owned by `owner` (their fleet): the inline policies of a role are
   * limited to 10,240 characters together, which is about sixty policies for one thing each.
   */
  public static shareRights(owner: Construct, prefix: string): void {
    ThingPrefixes.of(owner).add({ owner, prefix });
  }

  /** As `shareRights`, for a fleet that is only a name. */
  public static shareRightsByName(scope: Construct, prefix: string): void {
    ThingPrefixes.of(scope).addNamed(prefix);
  }

  /** Longer than the handler's own 15 minutes, shorter than CloudFormation's hour. */
  public readonly serviceTimeout = Duration.minutes(20);

  private looksUp = false;

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      handler: 'identity',
      purpose: 'device identity',
      description: 'thing types, device keys and certificates, credential endpoint',
      adviceOnLimit: 'each thing with a name of its own adds to it, '
        + 'and those of a fleet with a name that begins with the fleet\'s and a hyphen do not: '
        + 'use such names, or put some of the things into another stack, whose handler has a role of its own',
    });
  }

  /** Grants the right to look endpoints up. It is in no policy of its own, since the Delete of a look-up does nothing. */
  public grantLookUp(): void {
    if (this.looksUp) {
      return;
    }
    this.looksUp = true;
    // The action has no resource: an endpoint belongs to the account and region.
    this.rights.addStatements(new iam.PolicyStatement({ actions: ['iot:DescribeEndpoint'], resources: ['*'] }));
    acknowledgeWildcards(this.rights, 'iot:DescribeEndpoint has no resource', '*');
  }

  /** Grants rights on exactly one thing, or on all whose names begin with its prefix. */
  public grantOnThing(scope: Construct, thing: iot.IThingRef, { id, suffix = '', actions }: ThingRights): iam.Policy {
    const shared = ThingPrefixes.of(this).find(literalThingName(thing));
    if (shared === undefined) {
      const own = this.grantOnce(scope, `${id}${suffix}`, new iam.PolicyStatement({ actions, resources: [thing.thingRef.thingArn] }));
      identifyBy(own, `Thing${id}`, literalThingName(thing));
      return own;
    }
    const things = Stack.of(this).formatArn({ service: 'iot', resource: 'thing', resourceName: `${shared.prefix}*` });
    const rights = this.grantOnce(shared.owner, id, new iam.PolicyStatement({ actions, resources: [things] }));
    identifyBy(rights, `Fleet${id}`, shared.prefix);
    acknowledgeWildcards(rights, 'the things of one fleet, by the beginning of their names', things);
    return rights;
  }
}
