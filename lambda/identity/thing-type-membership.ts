import { isDeepStrictEqual } from 'node:util';
import { ignoringNotFound, isNotFound } from '../shared/errors';
import type { IotApi } from './clients';
import type { Properties, ResourceHandler } from './events';
import { text, textMap } from './events';

/** What a thing without a type may have. */
const MAX_ATTRIBUTES_PLAIN = 3;

type Thing = Awaited<ReturnType<IotApi['describeThing']>>;

/** Puts a thing into its type, with its attributes, and takes it out again. */
export class ThingTypeMembership implements ResourceHandler {
  /** The thing may stay, in a type that goes. */
  public readonly overtaking = {
    isDone: async (properties: Properties, old: Properties): Promise<boolean> => {
      const thing = await this.describe(text(properties, 'ThingName'));
      return thing !== undefined && holds(thing, properties) && !holds(thing, old);
    },
  };

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
  public async remove(properties: Properties): Promise<boolean> {
    const thingName = text(properties, 'ThingName');
    const thing = await this.describe(thingName);
    if (thing?.thingTypeName !== text(properties, 'ThingTypeName')) { return true; }
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
    return true;
  }

  private describe(thingName: string): Promise<Thing | undefined> {
    return ignoringNotFound(() => this.iot.describeThing({ thingName }));
  }
}

function holds(thing: Thing, properties: Properties): boolean {
  return thing.thingTypeName === text(properties, 'ThingTypeName') && isDeepStrictEqual({ ...thing.attributes }, textMap(properties, 'Attributes'));
}
