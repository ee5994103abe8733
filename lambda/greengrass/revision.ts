import type { PollEvent, ResourceEvent, Started } from '../shared/events';
import { PropertyReader } from '../shared/properties';
import { done, type Outcome, type ResourceHandler } from '../shared/resource-handler';
import { areRightsSpreading } from '../shared/rights';
import type { Dependencies } from './dependencies';
import { parseRevision } from './parse';
import { ownerOf, Revisions, type Target } from './revisions';

interface RevisionStarted extends Started {
  /** Copies that earlier rollbacks deployed are still being removed. */
  readonly RemovesCopies?: true;
}

/**
 * Comes before a deployment, and changes with its content. A deployment that replaces another takes the target from it at once.
 * CloudFormation takes the earlier one for still there, and does nothing in a rollback. This resource is updated by then, whatever
 * it was that failed, so it hears of the rollback.
 */
export class RevisionHandler implements ResourceHandler<RevisionStarted> {
  private readonly revisions: Revisions;

  public constructor(private readonly dependencies: Dependencies) {
    this.revisions = new Revisions(dependencies.greengrass);
  }

  public async onEvent(event: ResourceEvent): Promise<RevisionStarted> {
    const { Revision: revision } = parseRevision(new PropertyReader(event.ResourceProperties));
    const target = targetOf(event);
    const id = event.RequestType === 'Delete' ? event.PhysicalResourceId : undefined;
    const started = { PhysicalResourceId: id ?? `revision-of-${target.owner}`, Since: this.dependencies.now() };
    const old = event.OldResourceProperties && parseRevision(new PropertyReader(event.OldResourceProperties));
    if (event.RequestType !== 'Update' || old?.TargetArn !== target.targetArn || old.Revision === revision) {
      return started;
    }
    return await this.redeployIfRolledBack(target, revision, old.Revision) ? { ...started, RemovesCopies: true } : started;
  }

  public async isComplete(event: PollEvent<RevisionStarted>): Promise<Outcome> {
    return event.RemovesCopies === true ? this.revisions.remove(targetOf(event), { keepLatest: true }) : done();
  }

  public isRetryable(error: unknown, event: PollEvent): boolean {
    return areRightsSpreading(error, this.dependencies.now() - event.Since);
  }

  /** Whether this is a rollback. */
  private async redeployIfRolledBack(target: Target, revision: string, old: string): Promise<boolean> {
    const all = await this.revisions.of(target);
    const wanted = all.find((deployment) => this.revisions.isRevision(deployment, revision));
    const failed = all.find((deployment) => this.revisions.isRevision(deployment, old));
    if (!wanted || !failed) { // on the way there, the wanted one is yet to be made
      return false;
    }
    if (all.some((deployment) => deployment.isLatestForTarget === true && this.revisions.hasRevision(deployment, revision))) {
      return false;
    }
    await this.revisions.redeploy(target, wanted, failed);
    return true;
  }
}

function targetOf({ StackId, ResourceProperties }: ResourceEvent): Target {
  const { TargetArn: targetArn, Owner } = parseRevision(new PropertyReader(ResourceProperties));
  return { targetArn, owner: ownerOf(StackId, Owner, targetArn) };
}
