import { DeclarativeHandler } from '../shared/declarative-handler';
import { ignoringNotFound } from '../shared/errors';
import type { PropertyReader } from '../shared/properties';
import { done, type Outcome } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { parseMembership, type Membership } from './parse';

/** The one call that joins is given up after this: a Delete that supersedes it need not wait for the function's timeout. */
export const JOIN_MS = 120_000;

/** Puts a thing into a thing group, and takes it out. Each pair of the two is a resource of its own. */
export class MembershipHandler extends DeclarativeHandler<Membership> {
  protected override readonly longestMs = JOIN_MS;

  public constructor(private readonly dependencies: Dependencies) {
    super(dependencies);
  }

  protected parse(properties: PropertyReader): Membership {
    return parseMembership(properties);
  }

  protected id({ ThingGroupName, ThingName }: Membership): string {
    return `${ThingGroupName}/${ThingName}`;
  }

  /** A thing that is in the group already stays. */
  protected async apply({ ThingGroupName: thingGroupName, ThingName: thingName }: Membership): Promise<Outcome> {
    await this.dependencies.iot.addThingToThingGroup({ thingGroupName, thingName });
    return done();
  }

  protected async remove({ ThingGroupName: thingGroupName, ThingName: thingName, deleteCoreDevice }: Membership): Promise<Outcome> {
    await ignoringNotFound(() => this.dependencies.iot.removeThingFromThingGroup({ thingGroupName, thingName }));
    if (deleteCoreDevice && !await this.isElsewhere(thingName)) {
      await ignoringNotFound(() => this.dependencies.greengrass.deleteCoreDevice({ coreDeviceThingName: thingName }));
    }
    return done();
  }

  /** A device that went from one group to another is still a core device. */
  private async isElsewhere(thingName: string): Promise<boolean> {
    const groups = await ignoringNotFound(() => this.dependencies.iot.listThingGroupsForThing({ thingName }));
    return (groups?.thingGroups ?? []).length > 0;
  }
}
