import type { DescribeComponentCommandOutput } from '@aws-sdk/client-greengrassv2';
import type { ComponentArtifactsProperties, OwnerTag, RetainedTag } from '../../lib/greengrass/private/contract';
import { deletingObject, ignoringNotFound } from '../shared/errors';
import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import { log } from '../shared/log';
import type { Surroundings } from './clients';
import { begun, LONGEST_MS, type Handler, type Started, type WaitingEvent } from './events';
import { parseArtifacts } from './parse';

const RETAINED: RetainedTag = 'cdk-sagemaker-edge:retained';
const OWNER: OwnerTag = 'cdk-sagemaker-edge:owner';
const REMOVAL_MS = 10 * 60_000;

type Component = Pick<DescribeComponentCommandOutput, 'status' | 'tags'>;

/**
 * Puts the artefacts of a component version in their place before CloudFormation makes the version: the service reads them then. They go with a version
 * that goes.
 *
 * A version that a stack retained stays, and is marked so when the stack lets go of it. Should its content come back (a model is taken back to the one
 * before, a stack is made again), CloudFormation could not make the version another time: the marked one is removed to make way. Only after a whole
 * update or deletion is a version marked, so that no rollback finds its own version gone; and only by its owner, so that a stack that could not make a
 * version, since another has it, leaves that one alone.
 *
 * A copy that an update makes after it was cancelled and rolled back stays in the bucket: nothing tells the rollback whether it has to be waited for.
 */
export class ComponentArtifactsHandler implements Handler {
  public constructor(private readonly surroundings: Surroundings) {}

  public onEvent(event: ResourceEvent): Promise<Started> {
    const id = versionId(parseArtifacts(event.ResourceProperties));
    const revokes = event.RequestType === 'Update' && event.PhysicalResourceId === id;
    return Promise.resolve({ ...begun(event, id, this.surroundings.now(), LONGEST_MS), ...(revokes ? { Revokes: true } : {}) });
  }

  public async isComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    const properties = parseArtifacts(event.ResourceProperties);
    if (event.RequestType === 'Delete') {
      await this.letGo(properties);
      return { IsComplete: this.surroundings.now() >= (event.SettleUntil ?? 0) };
    }
    const old = event.OldResourceProperties && parseArtifacts(event.OldResourceProperties);
    if (JSON.stringify(old) === JSON.stringify(properties)) { return { IsComplete: true }; }
    if (old && versionId(old) === versionId(properties)) { // it is the stack's own
      await this.copy(properties);
      return { IsComplete: true };
    }
    if (old && event.Revokes === true) { await this.letGo(old); }
    return { IsComplete: await this.place(properties, event.Since) };
  }

  /** Whether the artefacts are in their place: a version that an earlier deployment left makes way first. */
  private async place(properties: ComponentArtifactsProperties, since: number): Promise<boolean> {
    const component = await this.describe(properties);
    if (component && !isLeft(component)) {
      const owner = component.tags?.[OWNER];
      if (owner === properties.Owner) { return true; } // a rollback: the version has what it needs
      throw new Error(`component version ${versionId(properties)} exists already, and was made elsewhere${owner === undefined ? '' : `, by ${owner}`}: give another componentName or componentVersion`);
    }
    if (!component) {
      await this.copy(properties);
      return true;
    }
    if (this.surroundings.now() - since > REMOVAL_MS) {
      throw new Error(`component version ${versionId(properties)}, which an earlier deployment left, was asked to go and is still there: delete it, or give another componentVersion`);
    }
    if (!isGoing(component)) {
      log('removing a version that was left', { component: versionId(properties) });
      await ignoringNotFound(() => this.surroundings.greengrass.deleteComponent({ arn: versionArn(properties) }));
    }
    return false;
  }

  private async copy({ Copies }: ComponentArtifactsProperties): Promise<void> {
    for (const { SourceBucket, SourceKey, SourceVersion, Bucket, Key } of Copies) {
      const source = `${SourceBucket}/${SourceKey.split('/').map(encodeURIComponent).join('/')}`;
      await this.surroundings.objects.copyObject({
        Bucket, Key, CopySource: SourceVersion === undefined ? source : `${source}?versionId=${encodeURIComponent(SourceVersion)}`,
        TaggingDirective: 'REPLACE', // without tags: to read them would take another right
      });
      log('artifact copied', { bucket: Bucket, key: Key });
    }
  }

  /** A version that stays is marked; the artefacts of one that is gone, or was never made, serve nobody. */
  private async letGo(properties: ComponentArtifactsProperties): Promise<void> {
    const component = await this.describe(properties);
    if (component === undefined || isGoing(component)) {
      for (const { Bucket, Key } of properties.Copies) { await deletingObject(() => this.surroundings.objects.deleteObject({ Bucket, Key })); }
    } else if (component.tags?.[OWNER] === properties.Owner) {
      await ignoringNotFound(() => this.surroundings.greengrass.tagResource({ resourceArn: versionArn(properties), tags: { [RETAINED]: 'true' } }));
    }
  }

  private describe(properties: ComponentArtifactsProperties): Promise<Component | undefined> {
    return ignoringNotFound(() => this.surroundings.greengrass.describeComponent({ arn: versionArn(properties) }));
  }
}

/** No stack has it: a stack said so, it is being deleted, or its creation failed. */
function isLeft(component: Component): boolean {
  return component.tags?.[RETAINED] === 'true' || component.status?.componentState === 'FAILED' || isGoing(component);
}

function isGoing({ status }: Component): boolean {
  return status?.vendorGuidance === 'DELETED';
}

function versionId({ ComponentName, ComponentVersion }: ComponentArtifactsProperties): string {
  return `${ComponentName}:${ComponentVersion}`;
}

function versionArn({ ComponentArn, ComponentVersion }: ComponentArtifactsProperties): string {
  return `${ComponentArn}:versions:${ComponentVersion}`;
}
