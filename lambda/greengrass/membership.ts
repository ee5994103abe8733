import { isNotFound } from '../shared/errors';
import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import type { Surroundings } from './clients';
import type { Handler, Started } from './events';
import { parseMembership, type Membership } from './parse';

/** Puts a thing into a thing group, and takes it out. Each pair of the two is a resource of its own. */
export class MembershipHandler implements Handler {
  public constructor(private readonly surroundings: Surroundings) {}

  public async onEvent(event: ResourceEvent): Promise<Started> {
    const membership = parseMembership(event.ResourceProperties);
    const { ThingGroupName: thingGroupName, ThingName: thingName } = membership;
    const id = `${thingGroupName}/${thingName}`;
    if (event.RequestType === 'Delete') {
      await this.leave(membership);
    } else {
      await this.surroundings.iot.addThingToThingGroup({ thingGroupName, thingName }); // one that is in it already stays
    }
    return { PhysicalResourceId: event.RequestType === 'Delete' ? event.PhysicalResourceId ?? id : id, Since: this.surroundings.now() };
  }

  public isComplete(): Promise<IsCompleteResult> {
    return Promise.resolve({ IsComplete: true });
  }

  private async leave({ ThingGroupName: thingGroupName, ThingName: thingName, deleteCoreDevice }: Membership): Promise<void> {
    await ignoringNotFound(() => this.surroundings.iot.removeThingFromThingGroup({ thingGroupName, thingName }));
    if (!deleteCoreDevice || await this.isElsewhere(thingName)) { return; }
    await ignoringNotFound(() => this.surroundings.greengrass.deleteCoreDevice({ coreDeviceThingName: thingName }));
  }

  /** A device that went from one group to another is still a core device. */
  private async isElsewhere(thingName: string): Promise<boolean> {
    const groups = await ignoringNotFound(() => this.surroundings.iot.listThingGroupsForThing({ thingName }));
    return (groups?.thingGroups ?? []).length > 0;
  }
}

async function ignoringNotFound<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isNotFound(error)) { return undefined; }
    throw error;
  }
}
