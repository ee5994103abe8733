import { createHash } from 'node:crypto';
import type { GetDeploymentCommandOutput } from '@aws-sdk/client-greengrassv2';
import type { CopyTag, RevisionTag, RolloutTag } from '../../lib/greengrass/private/contract';
import { ignoringNotFound, isNotFound, serviceError } from '../shared/errors';
import { log } from '../shared/log';
import { done, waiting, type Outcome } from '../shared/resource-handler';
import type { GreengrassCalls } from './dependencies';

const ROLLOUT: RolloutTag = 'cdk-sagemaker-edge:rollout';
const COPY_OF: CopyTag = 'cdk-sagemaker-edge:copy-of';
const REVISION: RevisionTag = 'cdk-sagemaker-edge:revision';

/** A deployment as the service tells of it. */
type Deployment = Partial<GetDeploymentCommandOutput>;

/** A target, and whose revisions of it are meant. */
export interface Target {
  readonly targetArn: string;
  readonly owner: string;
}

/** The owner's name in the tags of what it makes: one for a target. */
export function ownerOf(stackId: string, owner: string, targetArn: string): string {
  return `rollout-${createHash('sha256').update([stackId, owner, targetArn].join('\n')).digest('hex').slice(0, 32)}`;
}

/** Revisions of a target that CloudFormation does not know: copies that rollbacks redeployed, and empty ones that uninstall. */
export class Revisions {
  public constructor(private readonly greengrass: GreengrassCalls) {}

  /** Undefined where it is gone. */
  public find(deploymentId: string): Promise<Deployment | undefined> {
    return ignoringNotFound(() => this.greengrass.getDeployment({ deploymentId }));
  }

  /** All of a target, the newest first. */
  public async of({ targetArn }: Target): Promise<Deployment[]> {
    const found: Deployment[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.greengrass.listDeployments({
        targetArn,
        historyFilter: 'ALL',
        ...(nextToken === undefined ? {} : { nextToken }),
      });
      for (const { deploymentId } of page.deployments ?? []) {
        const deployment = deploymentId === undefined ? undefined : await this.find(deploymentId);
        if (deployment) {
          found.push(deployment);
        }
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found.sort((a, b) => createdAt(b) - createdAt(a));
  }

  /** The one that the target has. */
  public async latestOf(target: Target): Promise<Deployment | undefined> {
    return (await this.of(target)).find(({ isLatestForTarget }) => isLatestForTarget === true);
  }

  public isOwn({ tags }: Deployment, { owner }: Target): boolean {
    return tags?.[ROLLOUT] === owner;
  }

  /** Whether it is CloudFormation's own deployment of this content. */
  public isRevision(deployment: Deployment, revision: string): boolean {
    return deployment.tags?.[ROLLOUT] === undefined && this.hasRevision(deployment, revision);
  }

  /** Whether it is one of this content, a copy included. */
  public hasRevision({ tags }: Deployment, revision: string): boolean {
    return tags?.[REVISION] === revision;
  }

  /**
   * The devices get an earlier deployment anew, which the later one had replaced: an update was rolled back. Not when it is the other
   * way round: the event of an update that was rolled back meanwhile may come late, or a second time.
   */
  public async redeploy(target: Target, earlier: Deployment, later: Deployment | undefined): Promise<void> {
    const isLate = later !== undefined && createdAt(later) < createdAt(earlier);
    if (earlier.isLatestForTarget !== false || isLate || await this.hasCopy(target, earlier)) {
      return;
    }
    const { deploymentId: original = '', deploymentName, components, deploymentPolicies, iotJobConfiguration, parentTargetArn } = earlier;
    const { deploymentId } = await this.greengrass.createDeployment({
      targetArn: target.targetArn, deploymentName, components, deploymentPolicies, iotJobConfiguration, parentTargetArn,
      tags: copyTags(target, earlier),
      clientToken: token(target.owner, original, later?.deploymentId ?? ''), // whoever asks, and however often
    });
    log('the revision before is deployed again', { deployment: original, revision: deploymentId });
  }

  /**
   * Deploys an empty revision, so that the devices remove what they have.
   *
   * @returns its id. Undefined where the target is gone.
   */
  public async uninstall({ targetArn, owner }: Target, clientToken: string): Promise<string | undefined> {
    const made = await ignoringNotFound(() => this.greengrass.createDeployment({
      targetArn, deploymentName: 'uninstall', components: {}, tags: { [ROLLOUT]: owner }, clientToken,
    }));
    return made?.deploymentId;
  }

  /** Removes the owner's, but for the one that the target has where that is to stay. */
  public async remove(target: Target, { keepLatest }: { readonly keepLatest: boolean }): Promise<Outcome> {
    let gone = true;
    for (const deployment of await this.of(target)) {
      if (!this.isOwn(deployment, target) || (keepLatest && deployment.isLatestForTarget === true)) {
        continue;
      }
      gone = await this.removeOne(deployment.deploymentId ?? '') && gone;
    }
    return gone ? done() : waiting('the deployments of earlier rollbacks to be cancelled');
  }

  /** Whether the target has a copy of this deployment already. */
  private async hasCopy(target: Target, { deploymentId = '' }: Deployment): Promise<boolean> {
    const latest = await this.latestOf(target);
    return latest !== undefined && this.isOwn(latest, target) && latest.tags?.[COPY_OF] === deploymentId;
  }

  /** Whether it is gone. One that is being cancelled takes a while. */
  private async removeOne(deploymentId: string): Promise<boolean> {
    await this.attempt(() => this.greengrass.cancelDeployment({ deploymentId })); // it may have been cancelled, or replaced
    return this.attempt(() => this.greengrass.deleteDeployment({ deploymentId }));
  }

  private async attempt(call: () => Promise<unknown>): Promise<boolean> {
    try {
      await call();
    } catch (error) {
      if (serviceError(error).name === 'ConflictException') {
        return false;
      }
      if (!isNotFound(error)) {
        throw error;
      }
    }
    return true;
  }
}

function copyTags({ owner }: Target, { deploymentId = '', tags }: Deployment): Record<string, string> {
  const revision = tags?.[REVISION];
  return { [ROLLOUT]: owner, [COPY_OF]: deploymentId, ...(revision === undefined ? {} : { [REVISION]: revision }) };
}

function createdAt({ creationTimestamp }: Deployment): number {
  return creationTimestamp?.getTime() ?? 0;
}

function token(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}
