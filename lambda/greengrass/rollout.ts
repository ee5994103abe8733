import { isNotFound } from '../shared/errors';
import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import type { Surroundings } from './clients';
import { progressOf, type Progress } from './devices';
import type { Handler, Started, WaitingEvent } from './events';
import { healthOf } from './health';
import { parseRollout, type Rollout } from './parse';
import { ownerOf, Revisions, type Target } from './revisions';

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
  private readonly revisions: Revisions;

  public constructor(private readonly surroundings: Surroundings) {
    this.revisions = new Revisions(surroundings.greengrass);
  }

  public async onEvent(event: ResourceEvent): Promise<Started> {
    const rollout = parseRollout(event.ResourceProperties);
    const target = targetOf(event, rollout);
    const started = { PhysicalResourceId: target.owner, Since: this.surroundings.now() };
    if (event.RequestType === 'Delete') { return this.uninstall(event, { rollout, target, started }); }
    const old = event.OldResourceProperties && parseRollout(event.OldResourceProperties);
    if (old?.DeploymentId === rollout.DeploymentId) { return started; }
    if (old && await this.isRollback(target, rollout, old)) { return { ...started, Tidy: true }; }
    return { ...started, ...(rollout.waitSeconds > 0 ? { Awaits: 'devices' } : {}), ...(old ? { Tidy: true } : {}) };
  }

  public async isComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    const rollout = parseRollout(event.ResourceProperties);
    const target = targetOf(event, rollout);
    // Others have been replaced. The one that the target has is a rollback's, which came before this, or the empty one that is waited for.
    const keepLatest = event.RequestType !== 'Delete' || event.Awaits === 'uninstall';
    if (event.Tidy === true && !await this.revisions.tidy(target, { keepLatest })) { return { IsComplete: false }; }
    if (event.Awaits === undefined) { return { IsComplete: true }; }
    const elapsed = this.surroundings.now() - event.Since;
    const limit = (event.Awaits === 'devices' ? rollout.waitSeconds : rollout.uninstallSeconds) * 1000;
    if (elapsed < limit && elapsed > EAGER_MS && elapsed % LAZY_MS > TICK_MS) { return { IsComplete: false }; } // many devices are many calls
    if (event.Awaits === 'devices') { return this.awaitDevices(rollout, elapsed >= limit); }
    const done = elapsed >= limit || await this.isUninstalled(rollout, event.Revision ?? '');
    return { IsComplete: done && await this.revisions.tidy(target, { keepLatest: false }) };
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
  private async isRollback(target: Target, rollout: Rollout, old: Rollout): Promise<boolean> {
    const wanted = await this.revisions.find(rollout.DeploymentId);
    if (!wanted) { return true; } // there is nothing to give back
    if (wanted.isLatestForTarget !== false) { return false; }
    await this.revisions.giveBack(target, wanted, await this.revisions.find(old.DeploymentId));
    return true;
  }

  private async uninstall(event: ResourceEvent, { rollout, target, started }: { rollout: Rollout; target: Target; started: Started }): Promise<Started> {
    const ended: Started = { ...started, PhysicalResourceId: event.PhysicalResourceId ?? started.PhysicalResourceId, Tidy: true };
    if (rollout.uninstallSeconds === 0 || !await this.isOnTarget(rollout, target)) { return ended; }
    const revision = await this.revisions.uninstall(target, event.RequestId);
    return revision === undefined ? started : { ...ended, Awaits: 'uninstall', Revision: revision };
  }

  /** A target that another deployment has taken, of another stack or under another name, has what that one says. */
  private async isOnTarget(rollout: Rollout, target: Target): Promise<boolean> {
    const latest = (await this.revisions.of(target)).find(({ isLatestForTarget }) => isLatestForTarget === true);
    return latest === undefined || latest.deploymentId === rollout.DeploymentId || this.revisions.isOwn(latest, target);
  }

  /** When each device has answered: one that cannot be reached must not keep a stack from being deleted, so there is a limit. */
  private async isUninstalled({ ThingGroupName: group }: Rollout, deploymentId: string): Promise<boolean> {
    try {
      return (await progressOf(this.surroundings, group, deploymentId)).pending.length === 0;
    } catch (error) {
      if (!isNotFound(error)) { throw error; }
      return true; // the thing group is gone
    }
  }
}

/** A new deployment to the target is an update, and another target's old one is uninstalled after the new one is there. */
function targetOf({ StackId }: ResourceEvent, { TargetArn: targetArn, Owner }: Rollout): Target {
  return { targetArn, owner: ownerOf(StackId, Owner, targetArn) };
}

function count({ done, pending, failed }: Progress): number {
  return done.length + pending.length + failed.length;
}

function shown(items: readonly string[], separator: string): string {
  return items.slice(0, SHOWN).join(separator) + (items.length > SHOWN ? `${separator}and ${items.length - SHOWN} more` : '');
}
