import type { IResource } from 'aws-cdk-lib';
import { ArnFormat, aws_iot as iot, Resource, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ThingTypeMembershipProperties, ThingTypeMembershipType } from './private/contract';
import { identifyBy } from './private/logical-ids';
import { IdentityProvider } from './private/provider';
import { shortHash } from '../private/naming';
import { claimName } from '../private/physical-names';
import type { TextRule } from '../private/validation';
import { childOf, THING_NAME, validateText, ValidationError } from '../private/validation';

const ATTRIBUTE_NAME: TextRule = { min: 1, max: 128, pattern: /^[a-zA-Z0-9_.,@/:#-]+$/, wanted: 'letters, digits and _ . , @ / : # -' };
const ATTRIBUTE_VALUE: TextRule = { max: 800, pattern: /^[a-zA-Z0-9_.,@/:#=[\]-]*$/, wanted: 'letters, digits and _ . , @ / : # = [ ] -' };
const MAX_ATTRIBUTES_PLAIN = 3;
const MAX_ATTRIBUTES_TYPED = 50;

/** A thing in the IoT registry. */
export interface IThing extends IResource, iot.IThingRef {
  /**
   * The name of the thing.
   * @attribute
   */
  readonly thingName: string;

  /**
   * The ARN of the thing.
   * @attribute
   */
  readonly thingArn: string;
}

/** Properties of a `Thing`. */
export interface ThingProps {
  /**
   * The name of the thing: 1 to 128 letters, digits, colons, underscores and hyphens. A change of the name replaces the thing.
   *
   * @default - CloudFormation generates one
   */
  readonly thingName?: string;

  /**
   * The type of the thing, in the same account and region.
   *
   * @default - the thing has no type
   */
  readonly thingType?: iot.IThingTypeRef;

  /**
   * The attributes of the thing: at most three without a type, at most fifty with one.
   *
   * @default - none
   */
  readonly attributes?: Record<string, string>;
}

abstract class ThingBase extends Resource implements IThing {
  public abstract readonly thingName: string;
  public abstract readonly thingArn: string;

  public get thingRef(): iot.ThingReference {
    return { thingName: this.thingName, thingArn: this.thingArn };
  }
}

/**
 * Defines an IoT thing, with its type.
 *
 * `AWS::IoT::Thing` has no property for the thing type. So a custom resource puts the thing into its type and sets its attributes.
 * It takes the thing out of its type again before the thing or the type is deleted.
 *
 * A thing with a name stays the same when its construct gets another id, or another place in its stack.
 */
export class Thing extends ThingBase {
  /** Import an existing thing of this account and region. */
  public static fromThingName(scope: Construct, id: string, thingName: string): IThing {
    validateText(childOf(scope, id), 'thingName', thingName, THING_NAME);
    return Thing.fromThingArn(scope, id, Stack.of(scope).formatArn({ service: 'iot', resource: 'thing', resourceName: thingName }));
  }

  /** Import an existing thing. */
  public static fromThingArn(scope: Construct, id: string, thingArn: string): IThing {
    class Import extends ThingBase {
      public readonly thingArn = thingArn;
      public readonly thingName = Stack.of(scope).splitArn(thingArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
    }
    return new Import(scope, id, { environmentFromArn: thingArn });
  }

  public readonly thingName: string;
  public readonly thingArn: string;

  public constructor(scope: Construct, id: string, props: ThingProps = {}) {
    super(scope, id, { physicalName: props.thingName });
    validateText(this, 'thingName', props.thingName, THING_NAME);
    claimName(this, 'thing', props.thingName);
    this.validateAttributes(props.attributes, props.thingType ? MAX_ATTRIBUTES_TYPED : MAX_ATTRIBUTES_PLAIN);

    // Another name is another thing, and other resources throughout: the old thing is deleted after all that hangs on
    // it only as a resource of its own, not as the replaced half of this one.
    const suffix = Token.isUnresolved(props.thingName) || props.thingName === undefined ? '' : shortHash(props.thingName);
    const resource = new iot.CfnThing(this, `Resource${suffix}`, {
      thingName: this.physicalName,
      // With a type the custom resource sets them: CloudFormation makes the thing without its type, when only three are allowed.
      attributePayload: props.attributes && !props.thingType ? { attributes: props.attributes } : undefined,
    });
    this.node.defaultChild = resource;
    identifyBy(resource, 'Thing', props.thingName);
    this.thingName = this.getResourceNameAttribute(resource.ref);
    this.thingArn = this.getResourceArnAttribute(resource.attrArn, { service: 'iot', resource: 'thing', resourceName: this.physicalName });
    if (props.thingType) {
      this.joinType(resource, suffix, { ...props, thingType: props.thingType });
    }
  }

  private joinType(
    resource: iot.CfnThing, suffix: string, { thingName, thingType, attributes }: ThingProps & { readonly thingType: iot.IThingTypeRef },
  ): void {
    resource.node.addDependency(thingType); // a type is deleted after its things
    const provider = IdentityProvider.getOrCreate(this);
    const rights = provider.grantOnThing(this, this, { id: 'TypeRights', suffix, actions: ['iot:DescribeThing', 'iot:UpdateThing'] });
    const properties: ThingTypeMembershipProperties = {
      ThingName: this.thingName, ThingTypeName: thingType.thingTypeRef.thingTypeName, Attributes: attributes,
    };
    const membership = provider.customResource(this, `Type${suffix}`, {
      resourceType: 'Custom::SageMakerEdge-ThingTypeMembership' satisfies ThingTypeMembershipType,
      serviceTimeout: provider.serviceTimeout, properties,
    });
    identifyBy(membership, 'ThingTypeMembership', thingName);
    membership.node.addDependency(rights);
  }

  private validateAttributes(attributes: Record<string, string> | undefined, max: number): void {
    if (attributes === undefined || Token.isUnresolved(attributes)) {
      return;
    }
    const entries = Object.entries(attributes);
    if (entries.length > max) {
      const having = max === MAX_ATTRIBUTES_PLAIN ? 'without a thing type' : 'with a thing type';
      throw new ValidationError(this, `attributes must be at most ${max} ${having}, got ${entries.length}`);
    }
    for (const [name, value] of entries) {
      validateText(this, 'attribute name', name, ATTRIBUTE_NAME);
      validateText(this, `attribute '${name}'`, value, ATTRIBUTE_VALUE);
    }
  }
}
