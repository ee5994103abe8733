import { isNotFound } from '../shared/errors';
import type { PollEvent, ResourceEvent, Started } from '../shared/events';
import { PropertyReader } from '../shared/properties';
import { done, waiting, type Outcome, type ResourceHandler, type WaitLimit } from '../shared/resource-handler';
import { areRightsSpreading } from '../shared/rights';
import type { Dependencies } from './dependencies';
import { progressOf, type Progress } from './devices';
import { healthOf } from './health';
import { parseRollout, type Rollout } from './parse';
import { ownerOf, Revisions, type Target } from './revisions';

/** A message names no more devices than this. */
const SHOWN = 5;
const EAGER_MS = 120_000;
const LAZY_MS = 30_000;
/** The interval between polls, and what a poll takes. One poll in each slow interval falls into this. */
const TICK_MS = 7_500;

interface RolloutStarted extends Started {
  /** What is waited for. Absent where there is nothing. */
  readonly WaitsFor?: Wait;
  /** Copies that earlier rollbacks deployed are still being removed. */
  readonly RemovesCopies?: true;
}

type Wait =
  /** The devices carry the deployment out, and are healthy. */
  | { readonly Kind: 'devices' }
  /** The devices carry an empty deployment out. */
  | { readonly Kind: 'uninstall'; readonly DeploymentId: string };

/** A rollout, and the target that it is for. */
interface Work {
  readonly rollout: Rollout;
  readonly target: Target;
}

/**
 * What CloudFormation does not do for a deployment. It waits until the devices have carried it out and are healthy. It redeploys the
 * revision before when an update is rolled back, which CloudFormation takes for still there. It removes the components when the
 * deployment goes.
 */
export class RolloutHandler implements ResourceHandler<RolloutStarted> {
  private readonly revisions: Revisions;

  public constructor(private readonly dependencies: Dependencies) {
    this.revisions = new Revisions(dependencies.greengrass);
  }

  public onEvent(event: ResourceEvent): Promise<RolloutStarted> {
    const work = workOf(event);
    switch (event.RequestType) {
      case 'Create': return Promise.resolve(this.begin(work));
      case 'Update': return this.update(event, work);
      case 'Delete': return this.uninstall(event, work);
    }
  }

  public async isComplete(event: PollEvent<RolloutStarted>): Promise<Outcome> {
    const work = workOf(event);
    const { WaitsFor: wait } = event;
    if (event.RemovesCopies === true) {
      // Others have been replaced. The one that the target has is a rollback's, which came before this, or the empty
      // one that is waited for.
      const keepLatest = event.RequestType !== 'Delete' || wait?.Kind === 'uninstall';
      const removed = await this.revisions.remove(work.target, { keepLatest });
      if (removed.state === 'waiting') {
        return removed;
      }
    }
    switch (wait?.Kind) {
      case undefined: return done();
      case 'devices': return this.awaitDevices(event, work.rollout);
      case 'uninstall': return this.awaitUninstall(event, work, wait.DeploymentId);
    }
  }

  public isRetryable(error: unknown, event: PollEvent): boolean {
    return areRightsSpreading(error, this.dependencies.now() - event.Since);
  }

  private begin({ rollout, target }: Work): RolloutStarted {
    const started = { PhysicalResourceId: target.owner, Since: this.dependencies.now() };
    return rollout.waitSeconds > 0 ? { ...started, WaitsFor: { Kind: 'devices' } } : started;
  }

  private async update(event: ResourceEvent, work: Work): Promise<RolloutStarted> {
    const { rollout, target } = work;
    const old = event.OldResourceProperties && parseRollout(new PropertyReader(event.OldResourceProperties));
    if (old === undefined) {
      return this.begin(work);
    }
    const started = { PhysicalResourceId: target.owner, Since: this.dependencies.now() };
    if (old.DeploymentId === rollout.DeploymentId) {
      return started;
    }
    if (await this.isRollback(target, rollout, old)) {
      return { ...started, RemovesCopies: true };
    }
    return { ...this.begin(work), RemovesCopies: true };
  }

  private async uninstall(event: ResourceEvent, { rollout, target }: Work): Promise<RolloutStarted> {
    const started: RolloutStarted = { PhysicalResourceId: event.PhysicalResourceId ?? target.owner, Since: this.dependencies.now() };
    const ended: RolloutStarted = { ...started, RemovesCopies: true };
    if (rollout.uninstallSeconds === 0 || !await this.isOnTarget(rollout, target)) {
      return ended;
    }
    const deploymentId = await this.revisions.uninstall(target, event.RequestId);
    if (deploymentId === undefined) { // the target is gone
      return started;
    }
    return { ...ended, WaitsFor: { Kind: 'uninstall', DeploymentId: deploymentId } };
  }

  /** Whether this is a rollback. Then the deployment is an earlier one, which the failed one has replaced: the devices get it anew. */
  private async isRollback(target: Target, rollout: Rollout, old: Rollout): Promise<boolean> {
    const wanted = await this.revisions.find(rollout.DeploymentId);
    if (!wanted) { // there is nothing to redeploy
      return true;
    }
    if (wanted.isLatestForTarget !== false) {
      return false;
    }
    await this.revisions.redeploy(target, wanted, await this.revisions.find(old.DeploymentId));
    return true;
  }

  private async awaitDevices({ Since: since }: PollEvent, rollout: Rollout): Promise<Outcome> {
    const { DeploymentId: id, ThingGroupName: group, waitSeconds } = rollout;
    const end = since + waitSeconds * 1000;
    if (!this.isDue(since, end)) {
      return waiting(`the devices of ${group} to carry out deployment ${id}`);
    }
    const progress = await progressOf(this.dependencies, group, id, rollout.things);
    const { failed, pending } = progress;
    if (failed.length > 0) {
      throw new Error(`deployment ${id} failed on ${failed.length} of ${count(progress)} devices of ${group}: ${shown(failed, '; ')} `
        + logHint(failed));
    }
    if (pending.length === 0) {
      return this.awaitHealth(rollout, progress, end);
    }
    await this.checkActive(rollout, progress);
    return waiting(`${pending.length} of ${count(progress)} devices to carry out deployment ${id}`, {
      at: end,
      reason: `deployment ${id} did not reach ${pending.length} of ${count(progress)} devices of ${group} within ${waitSeconds} seconds: `
        + `${shown(pending, ', ')}; are they connected, and do they run Greengrass?`,
    });
  }

  /** Throws where the devices that are waited for will never get the deployment. */
  private async checkActive({ DeploymentId: id, ThingGroupName: group }: Rollout, progress: Progress): Promise<void> {
    const { deploymentStatus: status } = await this.dependencies.greengrass.getDeployment({ deploymentId: id });
    if (status === 'ACTIVE' || status === 'COMPLETED') {
      return;
    }
    throw new Error(`deployment ${id} is ${status ?? 'without a status'} before ${progress.pending.length} of ${count(progress)} `
      + `devices of ${group} have it: another deployment to this thing group, or an abort criterion, has stopped it`);
  }

  /** A deployment may succeed, and a component that it brought end a little later. */
  private async awaitHealth(rollout: Rollout, { done: devices }: Progress, end: number): Promise<Outcome> {
    const { DeploymentId: id, ThingGroupName: group } = rollout;
    const late = this.dependencies.now() >= end;
    const { unsure, unhealthy } = await healthOf(this.dependencies, devices, late);
    const limit = (sick: readonly string[]): WaitLimit => ({
      at: end,
      reason: `deployment ${id} succeeded, but ${sick.length} of ${devices.length} core devices of ${group} are not HEALTHY: `
        + `${shown(sick, '; ')} `
        + '(\'aws greengrassv2 list-installed-components --core-device-thing-name <name>\' says which component is BROKEN, '
        + 'its log in /greengrass/v2/logs why)',
    });
    if (unhealthy.length > 0) {
      throw new Error(limit(late ? [...unhealthy, ...unsure] : unhealthy).reason);
    }
    if (unsure.length === 0) {
      return done();
    }
    return waiting(`${unsure.length} of ${devices.length} devices to say that they are healthy`, limit(unsure));
  }

  /** A device that cannot be reached must not keep a stack from being deleted, so there is a limit. */
  private async awaitUninstall({ Since: since }: PollEvent, { rollout, target }: Work, deploymentId: string): Promise<Outcome> {
    const end = since + rollout.uninstallSeconds * 1000;
    if (!this.isDue(since, end)) {
      return waiting('the devices to remove the components');
    }
    if (this.dependencies.now() < end && !await this.isUninstalled(rollout, deploymentId)) {
      return waiting('the devices to remove the components');
    }
    return this.revisions.remove(target, { keepLatest: false });
  }

  /** Many devices are many calls: after two minutes they are asked less often. */
  private isDue(since: number, end: number): boolean {
    const now = this.dependencies.now();
    const elapsed = now - since;
    return now >= end || elapsed <= EAGER_MS || elapsed % LAZY_MS <= TICK_MS;
  }

  /** A target that another deployment has taken, of another stack or under another name, has what that one says. */
  private async isOnTarget(rollout: Rollout, target: Target): Promise<boolean> {
    const latest = await this.revisions.latestOf(target);
    return latest === undefined || latest.deploymentId === rollout.DeploymentId || this.revisions.isOwn(latest, target);
  }

  /** Whether each device has answered. */
  private async isUninstalled({ ThingGroupName: group }: Rollout, deploymentId: string): Promise<boolean> {
    try {
      return (await progressOf(this.dependencies, group, deploymentId)).pending.length === 0;
    } catch (error) {
      if (!isNotFound(error)) {
        throw error;
      }
      return true; // the thing group is gone
    }
  }
}

/** A new deployment to the target is an update, and another target's old one is uninstalled after the new one is there. */
function workOf({ StackId, ResourceProperties }: ResourceEvent): Work {
  const rollout = parseRollout(new PropertyReader(ResourceProperties));
  return { rollout, target: { targetArn: rollout.TargetArn, owner: ownerOf(StackId, rollout.Owner, rollout.TargetArn) } };
}

function count({ done: finished, pending, failed }: Progress): number {
  return finished.length + pending.length + failed.length;
}

function shown(items: readonly string[], separator: string): string {
  return items.slice(0, SHOWN).join(separator) + (items.length > SHOWN ? `${separator}and ${items.length - SHOWN} more` : '');
}

/** Where the words of a failed component are: they stay on the device. Greengrass says "Service X in broken state after deployment". */
function logHint(failed: readonly string[]): string {
  const [, component] = /Service (\S+) in broken state/.exec(failed.join('\n')) ?? [];
  return component === undefined
    ? '(see /greengrass/v2/logs/greengrass.log and the components\' logs on the device; on nucleus lite: journalctl -t ggdeploymentd)'
    : `(why: /greengrass/v2/logs/${component}.log on the device; on nucleus lite: journalctl -t ${component})`;
}
