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

/** The names of all components, those of AWS included. */
const ANY_COMPONENT: TextRule = { min: 1, max: 128, pattern: /^[a-zA-Z0-9_.-]+$/, wanted: 'letters, digits and _ . -' };

/** A version of a Greengrass component. */
export interface IGreengrassComponent extends IResource, greengrass.IComponentVersionRef {
  /**
   * The name of the component.
   * @attribute
   */
  readonly componentName: string;

  /**
   * The version of the component: three numbers.
   * @attribute
   */
  readonly componentVersion: string;

  /**
   * The ARN of this version of the component.
   * @attribute
   */
  readonly componentVersionArn: string;

  /**
   * The bucket that holds the artifacts, under `<component>/<version>/`.
   * @default - unknown: grant the role that devices assume read access to the artifacts yourself
   */
  readonly artifactBucket?: s3.IBucket;

  /** The components that this component depends on. A deployment pins their versions. */
  readonly dependencies: IGreengrassComponent[];
}

/** The type of a dependency: how it acts on the device. */
export enum DependencyType {
  /** The component starts after its dependency, and restarts when the dependency changes. */
  HARD = 'HARD',
  /** The component starts after its dependency, and does not restart with it. */
  SOFT = 'SOFT',
}

/** A dependency of a component. */
export interface ComponentDependency {
  /** The component to depend on, in exactly its version. */
  readonly component: IGreengrassComponent;

  /**
   * The type of the dependency.
   *
   * @default DependencyType.HARD
   */
  readonly dependencyType?: DependencyType;
}

/** The manifest of a component for one platform. */
export interface ComponentManifest {
  /**
   * The platform that this manifest is for. A device takes the first manifest that matches.
   *
   * @default - any device
   */
  readonly platform?: ComponentPlatform;

  /**
   * The scripts that the nucleus runs, and when.
   *
   * @default - none: the component only brings artifacts, which must then be readable by all
   */
  readonly lifecycle?: ComponentLifecycle;

  /**
   * The artifacts of the component: files that the device downloads.
   *
   * @default - none
   */
  readonly artifacts?: ComponentArtifact[];
}

/** Options that all components of this library share. */
export interface ComponentOptions {
  /**
   * The name of the component, unique in the account and region: 1 to 128 letters, digits and `_ . -`. It must not
   * begin with `aws.greengrass`. Leave hyphens out where recipe variables of other components name this one.
   *
   * @default - generated from the name of the stack and the path of the construct
   */
  readonly componentName?: string;

  /**
   * The bucket for the artifacts, which are placed under `<component>/<version>/`. It must be in the region of the
   * stack, have a name without dots, and be versioned.
   *
   * @default - a new bucket for this component
   */
  readonly artifactBucket?: s3.IBucket;

  /**
   * The removal policy of the component version, and of the bucket that is created by default. A retained version
   * serves devices that come later. If the same content comes back, then the new version replaces the retained one.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Properties of a `GreengrassComponent`. */
export interface GreengrassComponentProps extends ComponentOptions {
  /**
   * The version of the component: three numbers. A version cannot be changed: give new content a new version.
   *
   * @default - 1.0 and a third number derived from the recipe and the artifacts: new content has a new version. Derived
   * versions have no order
   */
  readonly componentVersion?: string;

  /**
   * The description of the component.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * The publisher of the component.
   *
   * @default 'cdk-sagemaker-edge'
   */
  readonly publisher?: string;

  /** The manifests of the component, one for each platform: at least one. */
  readonly manifests: ComponentManifest[];

  /**
   * The default configuration. Numbers become text, because the nucleus turns the number 2 into 2.0.
   *
   * @default - no configuration
   */
  readonly configuration?: Record<string, unknown>;

  /**
   * The components that this component depends on, in exactly their versions.
   *
   * @default - no dependencies
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
 * Define a version of a Greengrass component.
 *
 * Nucleus lite 2.6.0 reads the same recipe as nucleus classic, but not in the same way: it refuses a component without a lifecycle
 * step, and does not run each step. Give it a manifest of its own: see `ComponentPlatform.nucleusLite`.
 *
 * The recipe is checked at synth: for what a nucleus would refuse, and for what a nucleus would ignore without an error.
 */
export class GreengrassComponent extends GreengrassComponentBase {
  /**
   * Import an existing component version of this account and region, or one that AWS provides.
   * @param componentName the name of the component, for example `aws.greengrass.Nucleus`
   * @param componentVersion the version of the component: three numbers
   */
  public static fromComponentVersion(scope: Construct, id: string, componentName: string, componentVersion: string): IGreengrassComponent {
    validateText(childOf(scope, id), 'componentName', componentName, ANY_COMPONENT);
    if (!Token.isUnresolved(componentVersion)) {
      checkVersion(childOf(scope, id), componentVersion);
    }
    class Import extends GreengrassComponentBase {
      public readonly componentName = componentName;
      public readonly componentVersion = componentVersion;
      public readonly componentVersionArn = Stack.of(scope).formatArn({
        service: 'greengrass',
        resource: 'components',
        resourceName: `${componentName}:versions:${componentVersion}`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
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
