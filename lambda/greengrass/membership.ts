import { ignoringNotFound } from '../shared/errors';
import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import type { Surroundings } from './clients';
import { begun, type Handler, type Started, type WaitingEvent } from './events';
import { parseMembership, type Membership } from './parse';

/** The one call that joins is given up after this: a Delete that overtakes it need not wait for the function's timeout. */
export const JOIN_MS = 120_000;

/** Puts a thing into a thing group, and takes it out. Each pair of the two is a resource of its own. */
export class MembershipHandler implements Handler {
  public constructor(private readonly surroundings: Surroundings) {}

  public onEvent(event: ResourceEvent): Promise<Started> {
    const { ThingGroupName, ThingName } = parseMembership(event.ResourceProperties);
    return Promise.resolve(begun(event, `${ThingGroupName}/${ThingName}`, this.surroundings.now(), JOIN_MS));
  }

  public async isComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    const membership = parseMembership(event.ResourceProperties);
    const { ThingGroupName: thingGroupName, ThingName: thingName } = membership;
    if (event.RequestType === 'Delete') {
      await this.leave(membership);
      return { IsComplete: this.surroundings.now() >= (event.SettleUntil ?? 0) };
    }
    await this.surroundings.iot.addThingToThingGroup({ thingGroupName, thingName }); // one that is in it already stays
    return { IsComplete: true };
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
