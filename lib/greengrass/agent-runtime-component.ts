import { aws_ec2 as ec2, Resource, type aws_greengrassv2 as greengrass, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { AgentRelease } from '../agent/agent-release';
import { objectArtifact, type BoundArtifact } from './private/artifact';
import { defineComponent, fileManifests } from './private/component';
import { shortHash } from '../private/naming';
import { ValidationError } from '../private/validation';
import { ComponentArchitecture, ComponentPlatform } from './component-platform';
import type { ComponentOptions, IGreengrassComponent } from './greengrass-component';

/** Properties of an `AgentRuntimeComponent`. */
export interface AgentRuntimeComponentProps extends ComponentOptions {
  /** The release of the agent. */
  readonly release: AgentRelease;
  /** The architectures of the devices. */
  readonly architectures: ComponentArchitecture[];
}

/**
 * The agent's program and the ONNX Runtime, without what a deployment changes.
 * @internal
 */
export class AgentRuntimeComponent extends Resource implements IGreengrassComponent {
  public readonly componentName: string;
  public readonly componentVersion: string;
  public readonly componentVersionArn: string;
  public readonly artifactBucket?: s3.IBucket;
  public readonly dependencies: IGreengrassComponent[] = [];

  public constructor(scope: Construct, id: string, props: AgentRuntimeComponentProps) {
    super(scope, id);
    this.componentName = props.componentName ?? id;
    const component = defineComponent(this, {
      ...props,
      componentName: this.componentName,
      description: 'Program of the edge agent of cdk-sagemaker-edge',
      manifests: props.architectures.flatMap((architecture) => fileManifests(
        ComponentPlatform.linux(architecture), ComponentPlatform.nucleusLite(architecture), [this.bind(props.release, architecture)],
      )),
    });
    this.componentVersion = component.componentVersion;
    this.componentVersionArn = component.resource.attrArn;
    this.artifactBucket = component.artifactBucket;
  }

  public get componentVersionRef(): greengrass.ComponentVersionReference {
    return { componentVersionArn: this.componentVersionArn };
  }

  /** The folder on a device, below the root folder of the nucleus, in which there is one release: `agent-<architecture>`. */
  public get releasePath(): string {
    return `packages/artifacts-unarchived/${this.componentName}/${this.componentVersion}`;
  }

  private bind(release: AgentRelease, architecture: ComponentArchitecture): BoundArtifact {
    if (architecture !== ComponentArchitecture.AMD64 && architecture !== ComponentArchitecture.AARCH64) {
      throw new ValidationError(this, `architectures must be AMD64 or AARCH64, for which there is an ONNX Runtime, got ${architecture}`);
    }
    const processor = architecture === ComponentArchitecture.AMD64 ? ec2.InstanceArchitecture.X86_64 : ec2.InstanceArchitecture.ARM_64;
    const bound = release._bind(new Construct(this, architecture), processor);
    const { bucket, objectKey, sha256, files } = bound;
    if (!objectKey.endsWith('.zip')) {
      throw new ValidationError(this, `release must be a folder or a zip, which is all that Greengrass unpacks, got ${objectKey}`);
    }
    return {
      ...objectArtifact(bucket, objectKey, sha256 ?? shortHash(JSON.stringify(files ?? objectKey), 64), {
        // Nothing of this component runs, so its files stay root's: readable by all, or by nobody who needs them.
        fileName: `agent-${architecture}.zip`, unarchive: true, read: 'ALL', execute: 'NONE',
      }),
      grantRead: (grantee) => bound.grantRead(grantee),
    };
  }
}
