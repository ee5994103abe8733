import type { IResource, RemovalPolicy } from 'aws-cdk-lib';
import { ArnFormat, aws_iot as iot, Resource, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { identifyBy } from './private/logical-ids';
import { claimName } from '../private/physical-names';
import { childOf, THING_NAME, validateText, ValidationError } from '../private/validation';

/** A thing type: what a group of things has in common. */
export interface IThingType extends IResource, iot.IThingTypeRef {
  /**
   * The name of the thing type.
   * @attribute
   */
  readonly thingTypeName: string;

  /**
   * The ARN of the thing type.
   * @attribute
   */
  readonly thingTypeArn: string;
}

/** Properties of a `ThingType`. */
export interface ThingTypeProps {
  /**
   * The name of the thing type: 1 to 128 letters, digits, colons, underscores and hyphens. A change of the name replaces the thing type.
   *
   * @default - CloudFormation generates one
   */
  readonly thingTypeName?: string;

  /**
   * The description of the thing type: at most 2028 printable ASCII characters. IoT cannot change it later. A change replaces a thing
   * type whose name is generated, and fails the update of one whose name is given.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * The names of at most three thing attributes to search by. A change has the same effect as one of the description.
   *
   * @default - none
   */
  readonly searchableAttributes?: string[];

  /**
   * What happens to the thing type when it leaves the stack. See the class for how long a deletion takes.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

abstract class ThingTypeBase extends Resource implements IThingType {
  public abstract readonly thingTypeName: string;
  public abstract readonly thingTypeArn: string;

  public get thingTypeRef(): iot.ThingTypeReference {
    return { thingTypeName: this.thingTypeName, thingTypeArn: this.thingTypeArn };
  }
}

/**
 * Defines an IoT thing type.
 *
 * **Deletion takes five minutes on AWS.** IoT deletes a thing type only five minutes after it was deprecated, and CloudFormation waits
 * for that. The rest of the stack is deleted meanwhile.
 *
 * Where a stack is created and deleted often, keep the thing type, which costs nothing. Use `RemovalPolicy.RETAIN`, or create the type
 * in another stack and use `fromThingTypeName`.
 */
export class ThingType extends ThingTypeBase {
  /** Import an existing thing type of this account and region. */
  public static fromThingTypeName(scope: Construct, id: string, thingTypeName: string): IThingType {
    validateText(childOf(scope, id), 'thingTypeName', thingTypeName, THING_NAME);
    return ThingType.fromThingTypeArn(scope, id, Stack.of(scope).formatArn({
      service: 'iot',
      resource: 'thingtype',
      resourceName: thingTypeName,
    }));
  }

  /** Import an existing thing type. */
  public static fromThingTypeArn(scope: Construct, id: string, thingTypeArn: string): IThingType {
    class Import extends ThingTypeBase {
      public readonly thingTypeArn = thingTypeArn;
      public readonly thingTypeName = Stack.of(scope).splitArn(thingTypeArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
    }
    return new Import(scope, id, { environmentFromArn: thingTypeArn });
  }

  public readonly thingTypeName: string;
  public readonly thingTypeArn: string;

  public constructor(scope: Construct, id: string, props: ThingTypeProps = {}) {
    super(scope, id, { physicalName: props.thingTypeName });
    validateText(this, 'thingTypeName', props.thingTypeName, THING_NAME);
    claimName(this, 'thing type', props.thingTypeName);
    validateText(this, 'description', props.description, { max: 2028, pattern: /^[\x20-\x7e]*$/, wanted: 'printable ASCII' });
    const searchable = props.searchableAttributes ?? [];
    if (!Token.isUnresolved(searchable) && searchable.length > 3) {
      throw new ValidationError(this, `searchableAttributes must be at most 3 names, got ${searchable.length}`);
    }

    const properties = props.description !== undefined || searchable.length > 0
      ? { thingTypeDescription: props.description, searchableAttributes: props.searchableAttributes }
      : undefined;
    const resource = new iot.CfnThingType(this, 'Resource', { thingTypeName: this.physicalName, thingTypeProperties: properties });
    identifyBy(resource, 'ThingType', props.thingTypeName);
    if (props.removalPolicy) {
      resource.applyRemovalPolicy(props.removalPolicy);
    }
    this.thingTypeName = this.getResourceNameAttribute(resource.ref);
    this.thingTypeArn = this.getResourceArnAttribute(resource.attrArn, {
      service: 'iot',
      resource: 'thingtype',
      resourceName: this.physicalName,
    });
  }
}
