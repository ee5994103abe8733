import type { aws_greengrassv2 as greengrass, aws_s3 as s3, IResource, RemovalPolicy } from 'aws-cdk-lib';
import { ArnFormat, Resource, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { defineComponent } from './private/component';
import { componentNameOf, dependencyMap } from './private/names';
import { checkVersion } from './private/recipe-check';
import { renderLifecycle } from './private/render';
import type { TextRule } from '../private/validation';
import { childOf, validateText } from '../private/validation';
import type { ComponentArtifact } from './component-artifact';
import { ComponentGrants } from './component-grants';
import type { ComponentLifecycle } from './component-lifecycle';
import { ComponentPlatform } from './component-platform';

/** Of any component, AWS's own too. */
const ANY_COMPONENT: TextRule = { min: 1, max: 128, pattern: /^[a-zA-Z0-9_.-]+$/, wanted: 'letters, digits and _ . -' };

/** A version of a Greengrass component. */
export interface IGreengrassComponent extends IResource, greengrass.IComponentVersionRef {
  /**
   * The name of the component.
   * @attribute
   */
  readonly componentName: string;

  /**
   * The version: three parts.
   * @attribute
   */
  readonly componentVersion: string;

  /**
   * The ARN of this version of the component.
   * @attribute
   */
  readonly componentVersionArn: string;

  /**
   * The bucket with the artefacts, under `<component>/<version>/`.
   * @default - not known: the devices' role has to be given the right to read what artefacts there are
   */
  readonly artifactBucket?: s3.IBucket;

  /** The components that this one needs. A deployment pins their versions with its own. */
  readonly dependencies: IGreengrassComponent[];
}

/** What a dependency means on the device. */
export enum DependencyType {
  /** The component waits for the other one, and restarts when it changes. */
  HARD = 'HARD',
  /** The component waits for the other one once. */
  SOFT = 'SOFT',
}

/** A component that another one needs. */
export interface ComponentDependency {
  /** The other component, in exactly its version. */
  readonly component: IGreengrassComponent;

  /**
   * What the dependency means on the device.
   *
   * @default DependencyType.HARD
   */
  readonly dependencyType?: DependencyType;
}

/** What a component is on one kind of device. */
export interface ComponentManifest {
  /**
   * The devices that this manifest is for. The first manifest that matches is the one.
   *
   * @default - any device
   */
  readonly platform?: ComponentPlatform;

  /**
   * What runs, and when.
   *
   * @default - nothing: the component brings its artefacts alone, which then must be readable by all
   */
  readonly lifecycle?: ComponentLifecycle;

  /**
   * The files that come with the component.
   *
   * @default - none
   */
  readonly artifacts?: ComponentArtifact[];
}

/** What all components of this library have in common. */
export interface ComponentOptions {
  /**
   * The name, unique in the account and region: 1 to 128 letters, digits and `_ . -`, not beginning with `aws.greengrass`. For use in the variables
   * of other components, leave hyphens out.
   *
   * @default - made of the stack's name and the path of the construct
   */
  readonly componentName?: string;

  /**
   * The bucket for the artefacts, under `<component>/<version>/`. In the stack's region, with a name without dots, and versioned.
   *
   * @default - one is made for this component
   */
  readonly artifactBucket?: s3.IBucket;

  /**
   * What happens to the version, and to a bucket made by default, when it is replaced or leaves the stack. A retained version is there for devices
   * that come later; should the same content come back, it is replaced by the new one.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Properties of a `GreengrassComponent`. */
export interface GreengrassComponentProps extends ComponentOptions {
  /**
   * The version: three parts. A version cannot be changed: with new content, give a new one.
   *
   * @default - 1.0 and a third part derived from recipe and artefacts, so that new content is a new version; it does not order them
   */
  readonly componentVersion?: string;

  /**
   * What the component is, for people.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * Who made it, for people.
   *
   * @default 'cdk-sagemaker-edge'
   */
  readonly publisher?: string;

  /** What the component is on each kind of device; at least one. */
  readonly manifests: ComponentManifest[];

  /**
   * Default configuration. Numbers become text, since the nucleus makes 2.0 of the number 2.
   *
   * @default - none
   */
  readonly configuration?: Record<string, unknown>;

  /**
   * Components that this one needs, in exactly their versions.
   *
   * @default - none
   */
  readonly dependencies?: ComponentDependency[];
}

abstract class GreengrassComponentBase extends Resource implements IGreengrassComponent {
  public abstract readonly componentName: string;
  public abstract readonly componentVersion: string;
  public abstract readonly componentVersionArn: string;
  public abstract readonly artifactBucket?: s3.IBucket;
  public abstract readonly dependencies: IGreengrassComponent[];

  /** Grants on the component. */
  public get grants(): ComponentGrants {
    return ComponentGrants.fromComponent(this);
  }

  public get componentVersionRef(): greengrass.ComponentVersionReference {
    return { componentVersionArn: this.componentVersionArn };
  }
}

/**
 * Defines a version of a Greengrass component, for nucleus classic and nucleus lite.
 *
 * The recipe is checked at synth, for what a nucleus would refuse and for what it would silently not do.
 */
export class GreengrassComponent extends GreengrassComponentBase {
  /**
   * A component version made elsewhere, in this account and region, or one of AWS's.
   * @param componentName for example `aws.greengrass.Nucleus`
   * @param componentVersion three parts
   */
  public static fromComponentVersion(scope: Construct, id: string, componentName: string, componentVersion: string): IGreengrassComponent {
    validateText(childOf(scope, id), 'componentName', componentName, ANY_COMPONENT);
    if (!Token.isUnresolved(componentVersion)) { checkVersion(childOf(scope, id), componentVersion); }
    class Import extends GreengrassComponentBase {
      public readonly componentName = componentName;
      public readonly componentVersion = componentVersion;
      public readonly componentVersionArn = Stack.of(scope).formatArn({
        service: 'greengrass', resource: 'components', resourceName: `${componentName}:versions:${componentVersion}`, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
      public readonly artifactBucket = undefined;
      public readonly dependencies = [];
    }
    return new Import(scope, id);
  }

  public readonly componentName: string;
  public readonly componentVersion: string;
  public readonly componentVersionArn: string;
  public readonly artifactBucket?: s3.IBucket;
  public readonly dependencies: IGreengrassComponent[];

  public constructor(scope: Construct, id: string, props: GreengrassComponentProps) {
    super(scope, id);
    this.componentName = componentNameOf(scope, id, props.componentName);
    this.dependencies = (props.dependencies ?? []).map(({ component }) => component);
    const component = defineComponent(this, {
      ...props,
      componentName: this.componentName,
      dependencies: dependencyMap(props.dependencies),
      manifests: props.manifests.map(({ platform, lifecycle, artifacts = [] }, index) => ({
        platform: (platform ?? ComponentPlatform.any())._render(),
        lifecycle: renderLifecycle(lifecycle ?? {}),
        artifacts: artifacts.map((artifact, position) => artifact._bind(this, `Artifact${index}-${position}`)),
      })),
    });
    this.componentVersion = component.componentVersion;
    this.componentVersionArn = component.resource.attrArn;
    this.artifactBucket = component.artifactBucket;
  }
}
