import type { EffectiveDeployment } from '@aws-sdk/client-greengrassv2';
import { ignoringNotFound } from '../shared/errors';
import type { Dependencies } from './dependencies';

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

/** What the statuses of a deployment on a device mean. */
const MEANING: Readonly<Record<string, keyof Progress>> = {
  SUCCEEDED: 'done', COMPLETED: 'done',
  FAILED: 'failed', TIMED_OUT: 'failed', CANCELED: 'failed', REJECTED: 'failed',
  QUEUED: 'pending', IN_PROGRESS: 'pending',
};

/** Asks every device that is in the group now, or those that are named. */
export async function progressOf(
  dependencies: Dependencies, thingGroupName: string, deploymentId: string, named?: readonly string[],
): Promise<Progress> {
  const progress = { done: [] as DoneDevice[], pending: [] as string[], failed: [] as string[] };
  for (const name of named ?? await thingsOf(dependencies, thingGroupName)) {
    const deployment = await effective(dependencies, name, deploymentId);
    const status: string | undefined = deployment?.coreDeviceExecutionStatus;
    switch (status === undefined ? 'pending' : MEANING[status]) {
      case 'done':
        progress.done.push({ name, since: deployment?.modifiedTimestamp?.getTime() ?? 0 });
        break;
      case 'failed':
        progress.failed.push(`${name}: ${status ?? ''}${words(deployment)}`);
        break;
      case 'pending':
        progress.pending.push(name);
        break;
      case undefined:
        throw new Error(`device ${name} reports the status ${status ?? ''} of deployment ${deploymentId}, `
          + 'which is not known here');
    }
  }
  return progress;
}

async function thingsOf({ iot }: Dependencies, thingGroupName: string): Promise<string[]> {
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
async function effective(
  { greengrass }: Dependencies, coreDeviceThingName: string, deploymentId: string,
): Promise<EffectiveDeployment | undefined> {
  let nextToken: string | undefined;
  do {
    const token = nextToken;
    const page = await ignoringNotFound(() => greengrass.listEffectiveDeployments({
      coreDeviceThingName, ...(token === undefined ? {} : { nextToken: token }),
    }));
    const found = page?.effectiveDeployments?.find((candidate) => candidate.deploymentId === deploymentId);
    if (found) {
      return found;
    }
    nextToken = page?.nextToken;
  } while (nextToken !== undefined);
  return undefined;
}

function words(deployment: EffectiveDeployment | undefined): string {
  const stack = deployment?.statusDetails?.errorStack?.join(', ');
  return [deployment?.reason, stack].filter((part) => part !== undefined && part !== '').map((part) => `, ${part ?? ''}`).join('');
}
