import type { aws_greengrassv2 as greengrass, aws_s3 as s3 } from 'aws-cdk-lib';
import { Duration, Resource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AgentConfig } from '../agent/agent-config';
import { AgentRelease } from '../agent/agent-release';
import type { ICaptureBucket } from '../capture/capture-bucket';
import { agentLifecycle, START_MARGIN } from './private/agent';
import { zipArtifact } from './private/artifact';
import { defineComponent } from './private/component';
import { launcherFiles, THING_NAME_PLACEHOLDER } from './private/launcher';
import { componentNameOf, dependencyMap } from './private/names';
import { ENTITY_NAME, validateInteger, validateText, ValidationError } from '../private/validation';
import { AgentRuntimeComponent } from './agent-runtime-component';
import { ComponentGrants } from './component-grants';
import { ComponentArchitecture, ComponentPlatform } from './component-platform';
import { GreengrassComponent, type ComponentOptions, type IGreengrassComponent } from './greengrass-component';
import type { IModelComponent } from './model-component';

/** Linux takes 107 bytes for the path of a socket. */
const SOCKET = 'agent.sock';
const LONGEST_NAME = 107 - '/greengrass/v2/work//'.length - SOCKET.length;

/** Properties of an `AgentComponent`. */
export interface AgentComponentProps extends ComponentOptions {
  /** The models that the agent serves, each under its name; at least one. */
  readonly models: IModelComponent[];

  /** The name of the fleet, which is part of where captures are: 1 to 63 letters, digits and hyphens. */
  readonly fleetName: string;

  /**
   * Where devices write what they capture, each under its own prefix. The devices' role must have the right to, as that of a `GreengrassFleet` with
   * this bucket has.
   *
   * @default - captures go to the devices' own disks
   */
  readonly captureBucket?: ICaptureBucket;

  /**
   * The configuration of the agent. A deployment can merge other values over it, under the key `agent`.
   *
   * @default - the defaults of `AgentConfig`
   */
  readonly config?: AgentConfig;

  /**
   * The agent: a folder or a zip, since Greengrass unpacks nothing else.
   *
   * @default - the one that comes with this library
   */
  readonly release?: AgentRelease;

  /**
   * The processors of the devices. A release of your own fits one.
   *
   * @default - AMD64 and AARCH64
   */
  readonly architectures?: ComponentArchitecture[];

  /**
   * The path of Node.js on the devices, version 20 or later. The user of the component must be able to run it.
   *
   * @default - `node-24` or `node` on the path
   */
  readonly nodePath?: string;

  /**
   * How long the agent may take to load its models: at least 30 seconds. Then the deployment fails.
   *
   * @default Duration.minutes(5)
   */
  readonly startTimeout?: Duration;

  /**
   * The version of `aws.greengrass.TokenExchangeService`, by which the agent gets its credentials.
   *
   * @default '2.0.3'
   */
  readonly tokenExchangeVersion?: string;
}

/**
 * Defines the edge agent as a Greengrass component, with the models that it serves.
 *
 * The deployment succeeds on a device when the agent has loaded all of its models, and fails with the agent's own words when it cannot: the device then
 * goes back to what it had. An agent that dies is started again. The agent itself is a component of its own, so that a new model does not bring a new
 * copy of it to the devices.
 */
export class AgentComponent extends Resource implements IGreengrassComponent {
  public readonly componentName: string;
  public readonly componentVersion: string;
  public readonly componentVersionArn: string;
  public readonly artifactBucket?: s3.IBucket;
  public readonly dependencies: IGreengrassComponent[];

  /** The agent's socket, for the recipes of components that call it; with a recipe variable. */
  public readonly socketPath: string;

  public constructor(scope: Construct, id: string, props: AgentComponentProps) {
    super(scope, id);
    const { models, architectures = [ComponentArchitecture.AMD64, ComponentArchitecture.AARCH64] } = props;
    const startSeconds = (props.startTimeout ?? Duration.minutes(5)).toSeconds();
    this.validate(props, startSeconds);
    this.componentName = componentNameOf(scope, id, props.componentName);
    validateText(this, 'componentName', this.componentName, { max: LONGEST_NAME });
    this.socketPath = `{kernel:rootPath}/work/${this.componentName}/${SOCKET}`;

    const runtime = new AgentRuntimeComponent(this, 'Runtime', {
      ...props, componentName: `${this.componentName}.runtime`, release: props.release ?? AgentRelease.bundled(), architectures,
    });
    const tokenExchange = GreengrassComponent.fromComponentVersion(this, 'TokenExchange', 'aws.greengrass.TokenExchangeService', props.tokenExchangeVersion ?? '2.0.3');
    this.dependencies = [...models, runtime, tokenExchange];
    const config = props.config ?? new AgentConfig();
    const launcher = zipArtifact(this, 'Launcher', launcherFiles(config.signingRoots), { fileName: 'launcher.zip', read: 'OWNER', execute: 'NONE' });
    const component = defineComponent(this, {
      ...props,
      artifactBucket: runtime.artifactBucket,
      componentName: this.componentName,
      description: `Edge agent of cdk-sagemaker-edge with ${models.map(({ modelName }) => modelName).join(', ')}`,
      dependencies: dependencyMap(this.dependencies.map((dependency) => ({ component: dependency }))),
      configuration: { agent: this.agentConfiguration(config, props), node: props.nodePath ?? '' },
      manifests: architectures.map((architecture) => ({
        platform: ComponentPlatform.linux(architecture)._render(),
        lifecycle: agentLifecycle({ models, releasePath: runtime.releasePath(architecture), socketPath: this.socketPath, startSeconds }),
        artifacts: [launcher],
      })),
    });
    this.componentVersion = component.componentVersion;
    this.componentVersionArn = component.resource.attrArn;
    this.artifactBucket = component.artifactBucket;
  }

  public get componentVersionRef(): greengrass.ComponentVersionReference {
    return { componentVersionArn: this.componentVersionArn };
  }

  /** Grants on the component. */
  public get grants(): ComponentGrants {
    return ComponentGrants.fromComponent(this);
  }

  private validate(props: AgentComponentProps, startSeconds: number): void {
    validateText(this, 'fleetName', props.fleetName, ENTITY_NAME);
    validateInteger(this, 'startTimeout in seconds', startSeconds, START_MARGIN, 24 * 3600);
    validateText(this, 'nodePath', props.nodePath, { min: 2, max: 512, pattern: /^\/[^\s{}$"']+$/, wanted: 'an absolute path without blanks, quotes, braces or $' });
    if (props.architectures?.length === 0) { throw new ValidationError(this, 'architectures must name at least one, got none'); }
    if (props.models.length === 0) { throw new ValidationError(this, 'models must have at least one, got none'); }
    const names = props.models.map(({ modelName }) => modelName);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) { throw new ValidationError(this, `models must have different names, since the agent loads each under its name, got '${twice}' twice`); }
  }

  private agentConfiguration(config: AgentConfig, { fleetName, captureBucket }: AgentComponentProps): Record<string, unknown> {
    return {
      ...config._renderShared(this, { fleetName, captureBucket }),
      // The prefix under which the device's role may write: the agent adds fleet, model and hour.
      sagemaker_edge_core_folder_prefix: captureBucket ? captureBucket.devicePrefix(THING_NAME_PLACEHOLDER) : THING_NAME_PLACEHOLDER,
    };
  }
}
