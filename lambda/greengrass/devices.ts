import type { EffectiveDeployment } from '@aws-sdk/client-greengrassv2';
import { isNotFound } from '../shared/errors';
import type { Surroundings } from './clients';

/** A device that has carried a deployment out. */
export interface DoneDevice {
  readonly name: string;
  /** When it said so, in milliseconds since the epoch. */
  readonly since: number;
}

/** How a deployment went on the devices of a group. */
export interface Progress {
  /** The devices that have carried it out. */
  readonly done: readonly DoneDevice[];
  /** Names of those that have not said anything final. */
  readonly pending: readonly string[];
  /** What the others say, a line each. */
  readonly failed: readonly string[];
}

/** Asks every device that is in the group now, or those that are named. */
export async function progressOf(surroundings: Surroundings, thingGroupName: string, deploymentId: string, named?: readonly string[]): Promise<Progress> {
  const progress = { done: [] as DoneDevice[], pending: [] as string[], failed: [] as string[] };
  for (const thing of named ?? await thingsOf(surroundings, thingGroupName)) {
    const deployment = await effective(surroundings, thing, deploymentId);
    const status: string | undefined = deployment?.coreDeviceExecutionStatus;
    switch (status) {
      case 'SUCCEEDED': case 'COMPLETED': progress.done.push({ name: thing, since: deployment?.modifiedTimestamp?.getTime() ?? 0 }); break;
      case 'FAILED': case 'TIMED_OUT': case 'CANCELED': case 'REJECTED': progress.failed.push(`${thing}: ${status}${words(deployment)}`); break;
      case undefined: case 'QUEUED': case 'IN_PROGRESS': progress.pending.push(thing); break;
      default: throw new Error(`device ${thing} reports the status ${status} of deployment ${deploymentId}, which is not known here`);
    }
  }
  return progress;
}

async function thingsOf({ iot }: Surroundings, thingGroupName: string): Promise<string[]> {
  const things: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await iot.listThingsInThingGroup({ thingGroupName, maxResults: 250, ...(nextToken === undefined ? {} : { nextToken }) });
    things.push(...page.things ?? []);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return things;
}

/** Undefined for a device that has not heard of it, and for one that never connected. */
async function effective({ greengrass }: Surroundings, coreDeviceThingName: string, deploymentId: string): Promise<EffectiveDeployment | undefined> {
  try {
    let nextToken: string | undefined;
    do {
      const page = await greengrass.listEffectiveDeployments({ coreDeviceThingName, ...(nextToken === undefined ? {} : { nextToken }) });
      const found = page.effectiveDeployments?.find((candidate) => candidate.deploymentId === deploymentId);
      if (found) { return found; }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  } catch (error) {
    if (!isNotFound(error)) { throw error; }
  }
  return undefined;
}

function words(deployment: EffectiveDeployment | undefined): string {
  const stack = deployment?.statusDetails?.errorStack?.join(', ');
  return [deployment?.reason, stack].filter((part) => part !== undefined && part !== '').map((part) => `, ${part ?? ''}`).join('');
}
