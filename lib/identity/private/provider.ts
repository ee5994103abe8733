import {
  aws_iam as iam, type aws_iot as iot, aws_lambda as lambda, aws_logs as logs, custom_resources as cr, Duration, RemovalPolicy, Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { handlerCode } from '../../private/handler-asset';
import { limitInlinePolicies } from '../../private/role-limit';
import { literalThingName } from '../../private/thing-name';

/** The rights of one kind of custom resource on one thing. */
export interface ThingRights {
  /** Names the policy. */
  readonly id: string;
  /** Tells a policy for one thing from that for the thing before it, when a construct's thing changes. */
  readonly suffix?: string;
  readonly actions: string[];
}

interface Cover {
  readonly owner: Construct;
  readonly prefix: string;
}

/** Not on the provider: a fleet without things with a type or a certificate needs none. */
const COVERS = new WeakMap<Stack, readonly Cover[]>();

/**
 * The one provider of a stack for device identity. Its role starts with the right to write its log alone: each
 * construct adds what it needs in a policy of its own, and its custom resource depends on that policy, so that the
 * resource's Delete comes while the right is still there.
 */
export class IdentityProvider extends Construct {
  public static getOrCreate(scope: Construct): IdentityProvider {
    const stack = Stack.of(scope);
    const uid = 'cdk-sagemaker-edge.IdentityProvider'; // part of the upgrade contract: a new id replaces every custom resource
    return stack.node.tryFindChild(uid) as IdentityProvider | undefined ?? new IdentityProvider(stack, uid);
  }

  /**
   * All things under `prefix` share one policy, owned by `owner` (their fleet): the inline policies of a role are
   * limited to 10,240 characters together, which is about sixty policies for one thing each.
   */
  public static coverThings(owner: Construct, prefix: string): void {
    const stack = Stack.of(owner);
    COVERS.set(stack, [...COVERS.get(stack) ?? [], { owner, prefix }]);
  }

  public readonly serviceToken: string;
  /** Longer than the provider's own timeout, shorter than CloudFormation's hour. */
  public readonly serviceTimeout = Duration.minutes(20);
  private readonly role: iam.Role;
  private readonly policies = new Map<string, iam.Policy>();

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Handler of cdk-sagemaker-edge for device identity',
    });
    logGroup.grantWrite(this.role);
    limitInlinePolicies(this.role, 'each thing with a name of its own adds to it, and those of a fleet with a name that begins with the fleet\'s and a hyphen do not: use such names, or put some of the things into another stack, whose handler has a role of its own');
    const handler = new lambda.Function(this, 'Handler', {
      code: handlerCode('identity'), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_24_X,
      role: this.role, logGroup, memorySize: 256, timeout: Duration.minutes(2),
      description: 'cdk-sagemaker-edge: thing types, device keys and certificates, credential endpoint',
    });
    const provider = new cr.Provider(this, 'Provider', {
      onEventHandler: handler, isCompleteHandler: handler, totalTimeout: Duration.minutes(15), logGroup,
    });
    this.serviceToken = provider.serviceToken;
  }

  /** Rights in a policy of its own under `owner`, made once for an id. */
  public grant(owner: Construct, id: string, ...statements: iam.PolicyStatement[]): iam.Policy {
    const key = `${owner.node.path}/${id}`;
    const policy = this.policies.get(key) ?? new iam.Policy(owner, id, { roles: [this.role], statements });
    this.policies.set(key, policy);
    return policy;
  }

  /** Rights on exactly one thing, or on the prefix that covers it. */
  public grantOnThing(scope: Construct, thing: iot.IThingRef, rights: ThingRights): iam.Policy {
    const name = literalThingName(thing);
    const cover = COVERS.get(Stack.of(this))?.find(({ prefix }) => name?.startsWith(prefix));
    const resource = cover
      ? Stack.of(this).formatArn({ service: 'iot', resource: 'thing', resourceName: `${cover.prefix}*` })
      : thing.thingRef.thingArn;
    const [owner, id] = cover ? [cover.owner, rights.id] : [scope, `${rights.id}${rights.suffix ?? ''}`];
    return this.grant(owner, id, new iam.PolicyStatement({ actions: rights.actions, resources: [resource] }));
  }
}
