import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import type { Surroundings } from './clients';
import type { Handler, Started, WaitingEvent } from './events';
import { parseRevision } from './parse';
import { ownerOf, Revisions, type Target } from './revisions';

/**
 * Comes before a deployment, and changes with its content. A deployment that replaces another takes the target from it at once, and CloudFormation,
 * which takes the earlier one for still there, does nothing in a rollback: this is updated by then, whatever it was that failed, so it hears of it.
 */
export class RevisionHandler implements Handler {
  private readonly revisions: Revisions;

  public constructor(private readonly surroundings: Surroundings) {
    this.revisions = new Revisions(surroundings.greengrass);
  }

  public async onEvent(event: ResourceEvent): Promise<Started> {
    const { TargetArn: targetArn, Owner, Revision } = parseRevision(event.ResourceProperties);
    const target = { targetArn, owner: ownerOf(event.StackId, Owner, targetArn) };
    const id = event.RequestType === 'Delete' ? event.PhysicalResourceId : undefined;
    const started: Started = { PhysicalResourceId: id ?? `revision-of-${target.owner}`, Since: this.surroundings.now() };
    const old = event.OldResourceProperties && parseRevision(event.OldResourceProperties);
    if (event.RequestType !== 'Update' || old?.TargetArn !== targetArn || old.Revision === Revision) { return started; }
    return await this.mend(target, Revision, old.Revision) ? { ...started, Tidy: true } : started;
  }

  public async isComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    if (event.Tidy !== true) { return { IsComplete: true }; }
    const { TargetArn: targetArn, Owner } = parseRevision(event.ResourceProperties);
    return { IsComplete: await this.revisions.tidy({ targetArn, owner: ownerOf(event.StackId, Owner, targetArn) }, { keepLatest: true }) };
  }

  /** Whether this is a rollback. */
  private async mend(target: Target, revision: string, old: string): Promise<boolean> {
    const all = await this.revisions.of(target);
    const wanted = all.find((deployment) => this.revisions.isRevision(deployment, revision));
    const failed = all.find((deployment) => this.revisions.isRevision(deployment, old));
    if (!wanted || !failed) { return false; } // on the way there, the wanted one is yet to be made
    if (all.some((deployment) => deployment.isLatestForTarget === true && this.revisions.hasRevision(deployment, revision))) { return false; }
    await this.revisions.giveBack(target, wanted, failed);
    return true;
  }
}
