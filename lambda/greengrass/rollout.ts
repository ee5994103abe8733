import { createHash } from 'node:crypto';
import type { CreateDeploymentCommandInput, GetDeploymentCommandOutput } from '@aws-sdk/client-greengrassv2';
import type { RevisionTag } from '../../lib/private/greengrass-contract';
import { isNotFound, serviceError } from '../shared/errors';
import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import { log } from '../shared/log';
import type { Surroundings } from './clients';
import { progressOf, type Progress } from './devices';
import type { Handler, Started, WaitingEvent } from './events';
import { healthOf } from './health';
import { parseRollout, type Rollout } from './parse';

const REVISION: RevisionTag = 'cdk-sagemaker-edge:rollout';
const SHOWN = 5;
const EAGER_MS = 120_000;
const LAZY_MS = 30_000;
/** The framework's interval and what a poll takes: one poll in each slow interval falls into this. */
const TICK_MS = 7_500;

/**
 * What CloudFormation does not do for a deployment: it waits until the devices have carried it out and are healthy; it gives them the revision before when an update
 * is rolled back, which CloudFormation takes for still there; and it removes the components when the deployment goes.
 */
export class RolloutHandler implements Handler {
  public constructor(private readonly surroundings: Surroundings) {}

  public async onEvent(event: ResourceEvent): Promise<Started> {
    const rollout = parseRollout(event.ResourceProperties);
    const started = { PhysicalResourceId: physicalId(event, rollout), Since: this.surroundings.now() };
    if (event.RequestType === 'Delete') { return this.uninstall(event, rollout, started); }
    const old = event.OldResourceProperties && parseRollout(event.OldResourceProperties);
    if (old?.DeploymentId === rollout.DeploymentId) { return started; }
    if (old && await this.giveBack(event, rollout, started.PhysicalResourceId)) { return started; }
    const next: Started = rollout.waitSeconds > 0 ? { ...started, Awaits: 'devices' } : started;
    return old ? this.tidied(next, rollout) : next;
  }

  public async isComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    const rollout = parseRollout(event.ResourceProperties);
    if (event.Tidy === true && !await this.tidy(rollout, event.PhysicalResourceId)) { return { IsComplete: false }; }
    return this.isRolledOut(event, rollout);
  }

  private async isRolledOut(event: WaitingEvent, rollout: Rollout): Promise<IsCompleteResult> {
    const elapsed = this.surroundings.now() - event.Since;
    if (event.Awaits === undefined || event.Awaits === 'removal') { return { IsComplete: true }; }
    const limit = (event.Awaits === 'devices' ? rollout.waitSeconds : rollout.uninstallSeconds) * 1000;
    if (elapsed < limit && elapsed > EAGER_MS && elapsed % LAZY_MS > TICK_MS) { return { IsComplete: false }; } // many devices are many calls
    return event.Awaits === 'devices' ? this.awaitDevices(rollout, elapsed >= limit) : this.awaitUninstall(rollout, event.Revision ?? '', elapsed >= limit);
  }

  private async awaitDevices(rollout: Rollout, late: boolean): Promise<IsCompleteResult> {
    const { DeploymentId: id, ThingGroupName: group } = rollout;
    const progress = await progressOf(this.surroundings, group, id, rollout.things);
    if (progress.failed.length > 0) {
      throw new Error(`deployment ${id} failed on ${progress.failed.length} of ${count(progress)} devices of ${group}: ${shown(progress.failed, '; ')} (see logs/greengrass.log and the components' logs on the device)`);
    }
    if (progress.pending.length === 0) { return this.awaitHealth(rollout, progress, late); }
    const { deploymentStatus } = await this.surroundings.greengrass.getDeployment({ deploymentId: id });
    if (deploymentStatus !== 'ACTIVE' && deploymentStatus !== 'COMPLETED') {
      throw new Error(`deployment ${id} is ${deploymentStatus ?? 'without a status'} before ${progress.pending.length} of ${count(progress)} devices of ${group} have it: another deployment to this thing group, or an abort criterion, has stopped it`);
    }
    if (late) {
      throw new Error(`deployment ${id} did not reach ${progress.pending.length} of ${count(progress)} devices of ${group} within ${rollout.waitSeconds} seconds: ${shown(progress.pending, ', ')}; are they connected, and do they run Greengrass?`);
    }
    return { IsComplete: false };
  }

  /** A deployment may succeed, and a component that it brought end a little later. */
  private async awaitHealth({ DeploymentId: id, ThingGroupName: group }: Rollout, { done }: Progress, late: boolean): Promise<IsCompleteResult> {
    const { unsure, unhealthy } = await healthOf(this.surroundings, done, late);
    const sick = late ? [...unhealthy, ...unsure] : unhealthy;
    if (sick.length > 0) {
      throw new Error(`deployment ${id} succeeded, but ${sick.length} of ${done.length} core devices of ${group} are not HEALTHY: ${shown(sick, '; ')} ('aws greengrassv2 list-installed-components --core-device-thing-name <name>' says which component is BROKEN, its log in /greengrass/v2/logs why)`);
    }
    return { IsComplete: unsure.length === 0 };
  }

  /** On a rollback the deployment is an earlier one, which the failed one has replaced on its target: the devices get it anew. */
  private async giveBack(event: ResourceEvent, rollout: Rollout, id: string): Promise<boolean> {
    let earlier: Partial<GetDeploymentCommandOutput>;
    try {
      earlier = await this.surroundings.greengrass.getDeployment({ deploymentId: rollout.DeploymentId });
    } catch (error) {
      if (isNotFound(error)) { return true; } // there is nothing to give back
      throw error;
    }
    if (earlier.isLatestForTarget !== false) { return false; }
    const { deploymentId } = await this.surroundings.greengrass.createDeployment({ ...revisionOf(earlier, rollout), tags: { [REVISION]: id }, clientToken: event.RequestId });
    log('the revision before is deployed again', { deployment: rollout.DeploymentId, revision: deploymentId });
    return true;
  }

  private async uninstall(event: ResourceEvent, rollout: Rollout, started: Started): Promise<Started> {
    const ended = { ...started, PhysicalResourceId: event.PhysicalResourceId ?? started.PhysicalResourceId };
    if (rollout.uninstallSeconds === 0) { return this.tidied(ended, rollout); }
    try {
      const { deploymentId } = await this.surroundings.greengrass.createDeployment({
        targetArn: rollout.TargetArn, deploymentName: 'uninstall', components: {}, clientToken: event.RequestId,
      });
      return await this.tidied({ ...ended, Awaits: 'uninstall', Revision: deploymentId ?? '' }, rollout);
    } catch (error) {
      if (isNotFound(error)) { return ended; } // the thing group is gone
      throw error;
    }
  }

  /** Ends when each device has answered, or the time is up: a device that cannot be reached must not keep a stack from being deleted. */
  private async awaitUninstall({ ThingGroupName: group }: Rollout, deploymentId: string, late: boolean): Promise<IsCompleteResult> {
    if (!late) {
      try {
        const { pending } = await progressOf(this.surroundings, group, deploymentId);
        if (pending.length > 0) { return { IsComplete: false }; }
      } catch (error) {
        if (!isNotFound(error)) { throw error; } // the thing group is gone
      }
    }
    return { IsComplete: await this.remove(deploymentId) };
  }

  private async tidied(started: Started, rollout: Rollout): Promise<Started> {
    return await this.tidy(rollout, started.PhysicalResourceId) ? started : { ...started, Tidy: true };
  }

  /** Another deployment has taken their place, and CloudFormation does not know the revisions that rollbacks gave back. Whether they are gone. */
  private async tidy({ TargetArn: targetArn }: Rollout, id: string): Promise<boolean> {
    let gone = true;
    let nextToken: string | undefined;
    do {
      const page = await this.surroundings.greengrass.listDeployments({ targetArn, historyFilter: 'ALL', ...(nextToken === undefined ? {} : { nextToken }) });
      for (const { deploymentId } of page.deployments ?? []) {
        if (deploymentId !== undefined && await this.isGivenBack(deploymentId, id)) { gone = await this.remove(deploymentId) && gone; }
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return gone;
  }

  private async isGivenBack(deploymentId: string, id: string): Promise<boolean> {
    try {
      const { tags } = await this.surroundings.greengrass.getDeployment({ deploymentId });
      return tags?.[REVISION] === id;
    } catch (error) {
      if (isNotFound(error)) { return false; }
      throw error;
    }
  }

  /** Whether it is gone: one that is being cancelled takes a while. */
  private async remove(deploymentId: string): Promise<boolean> {
    try {
      await this.surroundings.greengrass.cancelDeployment({ deploymentId });
      await this.surroundings.greengrass.deleteDeployment({ deploymentId });
    } catch (error) {
      if (serviceError(error).name === 'ConflictException') { return false; }
      if (!isNotFound(error)) { throw error; }
    }
    return true;
  }
}

/** One for a target: a new deployment to it is an update, and another target's old one is uninstalled after the new one is there. */
function physicalId({ StackId, LogicalResourceId }: ResourceEvent, { TargetArn }: Rollout): string {
  return `rollout-${createHash('sha256').update([StackId, LogicalResourceId, TargetArn].join('\n')).digest('hex').slice(0, 32)}`;
}

function revisionOf(earlier: Partial<GetDeploymentCommandOutput>, { TargetArn }: Rollout): CreateDeploymentCommandInput {
  const { deploymentName, components, deploymentPolicies, iotJobConfiguration, parentTargetArn } = earlier;
  return { targetArn: TargetArn, deploymentName, components, deploymentPolicies, iotJobConfiguration, parentTargetArn };
}

function count({ done, pending, failed }: Progress): number {
  return done.length + pending.length + failed.length;
}

function shown(items: readonly string[], separator: string): string {
  return items.slice(0, SHOWN).join(separator) + (items.length > SHOWN ? `${separator}and ${items.length - SHOWN} more` : '');
}
