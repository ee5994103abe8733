import type { IotCalls } from '../../../../lambda/greengrass/dependencies';
import type { FakeIot } from '../../identity/model/fake-iot';
import { fail, type Line } from '../../identity/model/fault';

/** IoT's thing groups. */
export class FakeGroups {
  public readonly groups = new Map<string, Set<string>>();

  public constructor(private readonly iot: FakeIot) {}

  public create(name: string): void {
    if (this.groups.has(name)) {
      throw fail('ResourceAlreadyExistsException', `Thing group ${name} already exists`, 409);
    }
    this.groups.set(name, new Set());
  }

  public has(group: string, thing: string): boolean {
    return this.groups.get(group)?.has(thing) ?? false;
  }

  /** A thing that is deleted is in no group any more. */
  public forget(thing: string): void {
    for (const things of this.groups.values()) {
      things.delete(thing);
    }
  }

  public things(group: string): Set<string> {
    const things = this.groups.get(group);
    if (things === undefined) {
      throw fail('ResourceNotFoundException', `Thing group ${group} not found`, 404);
    }
    return things;
  }

  /** What the handlers see of it. */
  public api(line: Line): IotCalls {
    return {
      addThingToThingGroup: ({ thingGroupName = '', thingName = '' }) => line.call('addThingToThingGroup', () => {
        this.principalsOf(thingName);
        this.things(thingGroupName).add(thingName);
        return {};
      }),
      removeThingFromThingGroup: ({ thingGroupName = '', thingName = '' }) => line.call('removeThingFromThingGroup', () => {
        this.principalsOf(thingName);
        this.things(thingGroupName).delete(thingName);
        return {};
      }),
      listThingGroupsForThing: ({ thingName = '' }) => line.call('listThingGroupsForThing', () => {
        this.principalsOf(thingName);
        return { thingGroups: [...this.groups].filter(([, things]) => things.has(thingName)).map(([groupName]) => ({ groupName })) };
      }),
      listThingsInThingGroup: ({ thingGroupName = '' }) => line.call(
        'listThingsInThingGroup',
        () => ({ things: [...this.things(thingGroupName)] }),
      ),
    };
  }

  /** Throws where there is no such thing. */
  private principalsOf(thing: string): string[] {
    return this.iot.principals(thing);
  }
}
