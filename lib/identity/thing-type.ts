import type { IResource, RemovalPolicy } from 'aws-cdk-lib';
import { ArnFormat, aws_iot as iot, Resource, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { childOf, THING_NAME, validateText, ValidationError } from '../private/validation';

/** A thing type: what things have in common. */
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
   * The name: 1 to 128 letters, digits, colons, underscores and hyphens. Another name is another thing type.
   *
   * @default - CloudFormation generates one
   */
  readonly thingTypeName?: string;

  /**
   * What the type is for: up to 2028 printable ASCII characters. IoT cannot change it later: another text replaces a
   * thing type whose name is generated, and fails the update of one whose name is given.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * Names of up to three thing attributes to search by. Changed like the description.
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
 * **Deletion takes five minutes on AWS.** IoT deletes a thing type only five minutes after it was deprecated, and
 * CloudFormation waits for that. Nothing else waits with it: a thing depends on its type, and nothing depends on the
 * thing being gone but the type, so the rest of the stack is deleted meanwhile. Where a stack comes and goes often,
 * keep the type (it costs nothing): `RemovalPolicy.RETAIN`, or make it elsewhere and use `fromThingTypeName`.
 */
export class ThingType extends ThingTypeBase {
  /** A thing type made elsewhere, in this account and region. */
  public static fromThingTypeName(scope: Construct, id: string, thingTypeName: string): IThingType {
    validateText(childOf(scope, id), 'thingTypeName', thingTypeName, THING_NAME);
    return ThingType.fromThingTypeArn(scope, id, Stack.of(scope).formatArn({ service: 'iot', resource: 'thingtype', resourceName: thingTypeName }));
  }

  /** A thing type made elsewhere. */
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
    validateText(this, 'description', props.description, { max: 2028, pattern: /^[\x20-\x7e]*$/, wanted: 'printable ASCII' });
    const searchable = props.searchableAttributes ?? [];
    if (!Token.isUnresolved(searchable) && searchable.length > 3) {
      throw new ValidationError(this, `searchableAttributes must be at most 3 names, got ${searchable.length}`);
    }

    const properties = props.description !== undefined || searchable.length > 0
      ? { thingTypeDescription: props.description, searchableAttributes: props.searchableAttributes }
      : undefined;
    const resource = new iot.CfnThingType(this, 'Resource', { thingTypeName: this.physicalName, thingTypeProperties: properties });
    if (props.removalPolicy) { resource.applyRemovalPolicy(props.removalPolicy); }
    this.thingTypeName = this.getResourceNameAttribute(resource.ref);
    this.thingTypeArn = this.getResourceArnAttribute(resource.attrArn, { service: 'iot', resource: 'thingtype', resourceName: this.physicalName });
  }
}
