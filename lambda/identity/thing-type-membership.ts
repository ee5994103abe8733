import { isNotFound } from '../shared/errors';
import type { IotApi } from './clients';
import type { Properties, ResourceHandler } from './events';
import { text, textMap } from './events';

/** What a thing without a type may have. */
const MAX_ATTRIBUTES_PLAIN = 3;

/** Puts a thing into its type, with its attributes, and takes it out again. */
export class ThingTypeMembership implements ResourceHandler {
  /** The thing may stay, in a type that goes. */
  public readonly settles = true;

  public constructor(private readonly iot: IotApi) {}

  public id(properties: Properties): string {
    return `ThingTypeMembership ${text(properties, 'ThingName')}`;
  }

  public async apply(properties: Properties): Promise<Record<string, string>> {
    await this.iot.updateThing({
      thingName: text(properties, 'ThingName'),
      thingTypeName: text(properties, 'ThingTypeName'),
      attributePayload: { attributes: textMap(properties, 'Attributes'), merge: false },
    });
    return {};
  }

  /** Leaves a thing alone that has another type by now: somebody else's. */
  public async remove(properties: Properties): Promise<object> {
    const thingName = text(properties, 'ThingName');
    const thing = await this.describe(thingName);
    if (thing?.thingTypeName !== text(properties, 'ThingTypeName')) { return {}; }
    const tooMany = Object.keys(thing.attributes ?? {}).length > MAX_ATTRIBUTES_PLAIN;
    try {
      await this.iot.updateThing({
        thingName, removeThingType: true,
        // More than three attributes need a type. A thing that stays has its own three from the template by now.
        ...tooMany ? { attributePayload: { attributes: {}, merge: false } } : {},
      });
    } catch (error) {
      if (!isNotFound(error)) { throw error; }
    }
    return {};
  }

  public isRemoved(): Promise<boolean> {
    return Promise.resolve(true);
  }

  private async describe(thingName: string): Promise<Awaited<ReturnType<IotApi['describeThing']>> | undefined> {
    try {
      return await this.iot.describeThing({ thingName });
    } catch (error) {
      if (isNotFound(error)) { return undefined; }
      throw error;
    }
  }
}
