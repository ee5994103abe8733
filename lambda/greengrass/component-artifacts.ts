import { isDeepStrictEqual } from 'node:util';
import type { DescribeComponentCommandOutput } from '@aws-sdk/client-greengrassv2';
import type { ComponentArtifactsProperties, OwnerTag, RetainedTag } from '../../lib/greengrass/private/contract';
import { deletingObject, ignoringNotFound } from '../shared/errors';
import type { PollEvent } from '../shared/events';
import { log } from '../shared/log';
import type { PropertyReader } from '../shared/properties';
import { done, waiting, type Outcome } from '../shared/resource-handler';
import { RevertingHandler, type RevertingStarted } from '../shared/reverting-handler';
import type { Dependencies } from './dependencies';
import { COPY_MS } from './limits';
import { parseArtifacts } from './parse';

const RETAINED: RetainedTag = 'cdk-sagemaker-edge:retained';
const OWNER: OwnerTag = 'cdk-sagemaker-edge:owner';
const REMOVAL_MS = 10 * 60_000;

type Component = Pick<DescribeComponentCommandOutput, 'status' | 'tags'>;

/**
 * Puts the artifacts of a component version in their place before CloudFormation makes the version: the service reads them then.
 * They go with a version that goes.
 *
 * A version that a stack retained stays, and is marked so when the stack lets go of it. Its content may come back: a model is taken
 * back to the one before, or a stack is made again. CloudFormation could not make the version another time, so the marked one is
 * removed to make way. A version is marked only after a whole update or deletion, so that no rollback finds its own version gone. It
 * is marked only by its owner, so that a stack that could not make a version, since another has it, leaves that one alone.
 *
 * A copy that an update makes after it was cancelled and rolled back stays in the bucket: nothing tells the rollback whether it has
 * to be waited for.
 */
export class ComponentArtifactsHandler extends RevertingHandler<ComponentArtifactsProperties> {
  protected override readonly longestMs = COPY_MS;

  public constructor(private readonly dependencies: Dependencies) {
    super(dependencies);
  }

  protected parse(properties: PropertyReader): ComponentArtifactsProperties {
    return parseArtifacts(properties);
  }

  protected id(properties: ComponentArtifactsProperties): string {
    return versionId(properties);
  }

  protected async apply(properties: ComponentArtifactsProperties, event: PollEvent<RevertingStarted>): Promise<Outcome> {
    const old = event.OldResourceProperties && this.read(event.OldResourceProperties);
    if (old === undefined) {
      return this.place(properties, event.Since);
    }
    if (isDeepStrictEqual(old, properties)) {
      return done();
    }
    if (versionId(old) === versionId(properties)) { // it is the stack's own
      await this.copy(properties);
      return done();
    }
    if (event.RevertsUnanswered === true) {
      await this.letGo(old);
    }
    return this.place(properties, event.Since);
  }

  protected async remove(properties: ComponentArtifactsProperties): Promise<Outcome> {
    await this.letGo(properties);
    return done();
  }

  /** Puts the artifacts in their place. A version that an earlier deployment left makes way first. */
  private async place(properties: ComponentArtifactsProperties, since: number): Promise<Outcome> {
    const component = await this.describe(properties);
    if (component === undefined) {
      await this.copy(properties);
      return done();
    }
    if (isLeft(component)) {
      return this.makeWay(properties, component, since);
    }
    const owner = component.tags?.[OWNER];
    if (owner === properties.Owner) { // a rollback: the version has what it needs
      return done();
    }
    throw new Error(`component version ${versionId(properties)} exists already, and was made elsewhere`
      + `${owner === undefined ? '' : `, by ${owner}`}: give another componentName or componentVersion`);
  }

  private async makeWay(properties: ComponentArtifactsProperties, component: Component, since: number): Promise<Outcome> {
    if (!isGoing(component)) {
      log('removing a version that was left', { component: versionId(properties) });
      await ignoringNotFound(() => this.dependencies.greengrass.deleteComponent({ arn: versionArn(properties) }));
    }
    return waiting(`component version ${versionId(properties)}, which an earlier deployment left, to go`, {
      at: since + REMOVAL_MS,
      reason: `component version ${versionId(properties)}, which an earlier deployment left, was asked to go and is still there: `
        + 'delete it, or give another componentVersion',
    });
  }

  private async copy({ Copies }: ComponentArtifactsProperties): Promise<void> {
    for (const { SourceBucket, SourceKey, SourceVersion, Bucket, Key } of Copies) {
      const source = `${SourceBucket}/${SourceKey.split('/').map(encodeURIComponent).join('/')}`;
      await this.dependencies.objects.copyObject({
        Bucket, Key, CopySource: SourceVersion === undefined ? source : `${source}?versionId=${encodeURIComponent(SourceVersion)}`,
        TaggingDirective: 'REPLACE', // without tags: to read them would take another right
      });
      log('artifact copied', { bucket: Bucket, key: Key });
    }
  }

  /** Marks a version that stays. The artifacts of one that is gone, or was never made, serve nobody: they are deleted. */
  private async letGo(properties: ComponentArtifactsProperties): Promise<void> {
    const component = await this.describe(properties);
    if (component === undefined || isGoing(component)) {
      for (const { Bucket, Key } of properties.Copies) {
        await deletingObject(() => this.dependencies.objects.deleteObject({ Bucket, Key }));
      }
    } else if (component.tags?.[OWNER] === properties.Owner) {
      await ignoringNotFound(() => this.dependencies.greengrass.tagResource({
        resourceArn: versionArn(properties),
        tags: { [RETAINED]: 'true' },
      }));
    }
  }

  private describe(properties: ComponentArtifactsProperties): Promise<Component | undefined> {
    return ignoringNotFound(() => this.dependencies.greengrass.describeComponent({ arn: versionArn(properties) }));
  }
}

/** Whether no stack has it: a stack said so, it is being deleted, or its creation failed. */
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
