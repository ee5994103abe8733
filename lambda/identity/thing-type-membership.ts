import { isDeepStrictEqual } from 'node:util';
import { DeclarativeHandler } from '../shared/declarative-handler';
import { ignoringNotFound } from '../shared/errors';
import type { PropertyReader } from '../shared/properties';
import { done, type Outcome } from '../shared/resource-handler';
import type { Dependencies, IotApi } from './dependencies';
import { PHASE_MS } from './limits';

/** What a thing without a type may have. */
const MAX_ATTRIBUTES_PLAIN = 3;

type Thing = Awaited<ReturnType<IotApi['describeThing']>>;

interface Properties {
  readonly thingName: string;
  readonly thingTypeName: string;
  readonly attributes: Record<string, string>;
}

/** Puts a thing into its type, with its attributes, and takes it out again. */
export class ThingTypeMembership extends DeclarativeHandler<Properties> {
  /** The thing may stay, in a type that goes. */
  protected override readonly longestMs = PHASE_MS;

  public constructor(private readonly dependencies: Dependencies) {
    super(dependencies);
  }

  protected parse(properties: PropertyReader): Properties {
    return {
      thingName: properties.text('ThingName'),
      thingTypeName: properties.text('ThingTypeName'),
      attributes: properties.textMap('Attributes'),
    };
  }

  protected id({ thingName }: Properties): string {
    return `ThingTypeMembership ${thingName}`;
  }

  protected async apply({ thingName, thingTypeName, attributes }: Properties): Promise<Outcome> {
    await this.dependencies.iot.updateThing({ thingName, thingTypeName, attributePayload: { attributes, merge: false } });
    return done({});
  }

  /** Leaves a thing alone that has another type by now: somebody else's. */
  protected async remove({ thingName, thingTypeName }: Properties): Promise<Outcome> {
    const thing = await this.describe(thingName);
    if (thing?.thingTypeName !== thingTypeName) {
      return done();
    }
    const tooMany = Object.keys(thing.attributes ?? {}).length > MAX_ATTRIBUTES_PLAIN;
    await ignoringNotFound(() => this.dependencies.iot.updateThing({
      thingName, removeThingType: true,
      // More than three attributes need a type. A thing that stays has its own three from the template by now.
      ...tooMany ? { attributePayload: { attributes: {}, merge: false } } : {},
    }));
    return done();
  }

  protected override async isDoneAlready(properties: Properties, old: Properties): Promise<boolean> {
    const thing = await this.describe(properties.thingName);
    return thing !== undefined && holds(thing, properties) && !holds(thing, old);
  }

  private describe(thingName: string): Promise<Thing | undefined> {
    return ignoringNotFound(() => this.dependencies.iot.describeThing({ thingName }));
  }
}

function holds(thing: Thing, { thingTypeName, attributes }: Properties): boolean {
  return thing.thingTypeName === thingTypeName && isDeepStrictEqual({ ...thing.attributes }, attributes);
}
