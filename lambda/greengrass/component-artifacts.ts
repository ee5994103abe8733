import type { DescribeComponentCommandOutput } from '@aws-sdk/client-greengrassv2';
import type { ComponentArtifactsProperties, RetainedTag } from '../../lib/private/greengrass-contract';
import { isNotFound } from '../shared/errors';
import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import { log } from '../shared/log';
import type { Surroundings } from './clients';
import type { Handler, Started, WaitingEvent } from './events';
import { parseArtifacts } from './parse';

const RETAINED: RetainedTag = 'cdk-sagemaker-edge:retained';
const REMOVAL_MS = 10 * 60_000;

/**
 * Puts the artefacts of a component version in their place before CloudFormation makes the version: the service reads them then.
 *
 * A version that a stack retained stays, and is marked so when the stack lets go of it. Should its content come back (a model is taken back to the one
 * before, a stack is made again), CloudFormation could not make the version another time: the marked one is removed to make way. Only after a whole
 * update or deletion is a version marked, so that no rollback finds its own version gone.
 */
export class ComponentArtifactsHandler implements Handler {
  public constructor(private readonly surroundings: Surroundings) {}

  public async onEvent(event: ResourceEvent): Promise<Started> {
    const properties = parseArtifacts(event.ResourceProperties);
    const started = { PhysicalResourceId: versionId(properties), Since: this.surroundings.now() };
    if (event.RequestType === 'Delete') {
      await this.markRetained(properties);
      return { ...started, PhysicalResourceId: event.PhysicalResourceId ?? started.PhysicalResourceId };
    }
    const old = event.OldResourceProperties && parseArtifacts(event.OldResourceProperties);
    if (JSON.stringify(old) === JSON.stringify(properties)) { return started; }
    await this.copy(properties);
    const sameVersion = old !== undefined && versionId(old) === started.PhysicalResourceId; // it is the stack's own
    return !sameVersion && await this.makeWay(properties) ? { ...started, Awaits: 'removal' } : started;
  }

  public async isComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    if (event.Awaits !== 'removal') { return { IsComplete: true }; }
    const properties = parseArtifacts(event.ResourceProperties);
    if (!await this.describe(properties)) { return { IsComplete: true }; }
    if (this.surroundings.now() - event.Since > REMOVAL_MS) {
      throw new Error(`component version ${versionId(properties)}, which an earlier deployment left, was asked to go and is still there: delete it, or give another componentVersion`);
    }
    return { IsComplete: false };
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

  /** Whether a version that no stack has any more was asked to go. */
  private async makeWay(properties: ComponentArtifactsProperties): Promise<boolean> {
    const component = await this.describe(properties);
    if (!component) { return false; }
    // A version that failed can be nobody's: its creation was not successful.
    if (component.tags?.[RETAINED] !== 'true' && component.status?.componentState !== 'FAILED') { return false; }
    log('removing a version that was left', { component: versionId(properties) });
    await this.ignoringNotFound(() => this.surroundings.greengrass.deleteComponent({ arn: versionArn(properties) }));
    return true;
  }

  private async markRetained(properties: ComponentArtifactsProperties): Promise<void> {
    if (!await this.describe(properties)) { return; } // CloudFormation has deleted it
    await this.ignoringNotFound(() => this.surroundings.greengrass.tagResource({ resourceArn: versionArn(properties), tags: { [RETAINED]: 'true' } }));
  }

  private async describe(properties: ComponentArtifactsProperties): Promise<Pick<DescribeComponentCommandOutput, 'status' | 'tags'> | undefined> {
    return this.ignoringNotFound(() => this.surroundings.greengrass.describeComponent({ arn: versionArn(properties) }));
  }

  private async ignoringNotFound<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (isNotFound(error)) { return undefined; }
      throw error;
    }
  }
}

function versionId({ ComponentName, ComponentVersion }: ComponentArtifactsProperties): string {
  return `${ComponentName}:${ComponentVersion}`;
}

function versionArn({ ComponentArn, ComponentVersion }: ComponentArtifactsProperties): string {
  return `${ComponentArn}:versions:${ComponentVersion}`;
}
