import type { aws_greengrassv2 as greengrass, aws_s3 as s3 } from 'aws-cdk-lib';
import { Duration, Resource, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AgentConfig } from '../agent/agent-config';
import { AgentRelease } from '../agent/agent-release';
import type { ICaptureBucket } from '../capture/capture-bucket';
import { classicLifecycle, liteLifecycle, START_MARGIN } from './private/agent';
import { zipArtifact } from './private/artifact';
import { defineComponent } from './private/component';
import { launcherFiles, THING_NAME_PLACEHOLDER } from './private/launcher';
import { componentNameOf, dependencyMap } from './private/names';
import type { TextRule } from '../private/validation';
import { ENTITY_NAME, validateInteger, validateText, ValidationError } from '../private/validation';
import { AgentRuntimeComponent } from './agent-runtime-component';
import { ComponentGrants } from './component-grants';
import { ComponentArchitecture, ComponentPlatform } from './component-platform';
import { DependencyType, GreengrassComponent, type ComponentOptions, type IGreengrassComponent } from './greengrass-component';
import type { IModelComponent } from './model-component';

const SOCKET = 'agent.sock';
/** Of nucleus lite. Classic's `/greengrass/v2` is shorter. */
const LONGEST_ROOT = '/var/lib/greengrass';
/** Bytes of a Unix socket's path: unix(7), `sun_path` less its end. */
const LONGEST_SOCKET_PATH = 107;
const LONGEST_NAME = LONGEST_SOCKET_PATH - `${LONGEST_ROOT}/work//${SOCKET}`.length;

/** It stands in a recipe and in a script: it must mean nothing to either. */
const NODE_PATH: TextRule = {
  min: 2, max: 512, pattern: /^\/[^\s{}$"']+$/, wanted: 'an absolute path without blanks, quotes, braces or $',
};

/** Properties of an `AgentComponent`. */
export interface AgentComponentProps extends ComponentOptions {
  /** The models that the agent serves, each under its own name: at least one. */
  readonly models: IModelComponent[];

  /** The name of the fleet: 1 to 63 letters, digits and hyphens. It is part of the keys of captures. */
  readonly fleetName: string;

  /**
   * The bucket that devices write captures to, each under its own prefix. The role that devices assume must have write
   * access to it. The role of a `GreengrassFleet` with this bucket has.
   *
   * @default - captures stay on the disks of the devices
   */
  readonly captureBucket?: ICaptureBucket;

  /**
   * The configuration of the agent. A deployment can override its values, under the key `agent` of the component's configuration.
   *
   * @default - the defaults of `AgentConfig`
   */
  readonly config?: AgentConfig;

  /**
   * The release of the agent: a folder or a zip, because Greengrass unpacks nothing else.
   *
   * @default - the release that comes with this library
   */
  readonly release?: AgentRelease;

  /**
   * The architectures of the devices: AMD64, AARCH64 or both. A release of your own supports one of them.
   *
   * @default - AMD64 and AARCH64
   */
  readonly architectures?: ComponentArchitecture[];

  /**
   * The absolute path of Node.js 20 or later on the devices. The user of the component must be able to run it.
   *
   * @default - `node-24`, or else `node`, on the path of the device
   */
  readonly nodePath?: string;

  /**
   * Whether devices may have nucleus lite. Its limit for the size of a recipe is the smaller one: leave it out for an agent with
   * more models than fit.
   *
   * @default true
   */
  readonly nucleusLite?: boolean;

  /**
   * How long the agent may take to load its models: 30 seconds to 24 hours. After that the deployment fails. Nucleus lite 2.6.0
   * waits 5 minutes for a component, in which it tries three times.
   *
   * @default Duration.minutes(5)
   */
  readonly startTimeout?: Duration;

  /**
   * The version of `aws.greengrass.TokenExchangeService`, through which the agent obtains AWS credentials.
   *
   * @default '2.0.3'
   */
  readonly tokenExchangeVersion?: string;
}

/**
 * Define the edge agent as a Greengrass component, with the models that it serves.
 *
 * The deployment succeeds on a device when the agent has loaded all of its models. If the agent cannot load a model,
 * the deployment fails and the device rolls back. Greengrass says "Service <component> in broken state after deployment".
 * The agent's own words are in `/greengrass/v2/logs/<component>.log` on the device. An agent that ends is started again by its
 * supervisor, and a supervisor that ends by the nucleus.
 *
 * Nucleus lite does not roll back. There the models are first loaded into a second agent, for which the device needs memory. If one
 * cannot be loaded, the deployment fails, and the agent of the version before goes on until it ends or the device restarts. The words
 * are in the journal: `journalctl -t <component>`.
 *
 * The program of the agent is a component of its own, so that a new model does not bring a new copy of it to the devices.
 */
export class AgentComponent extends Resource implements IGreengrassComponent {
  public readonly componentName: string;
  public readonly componentVersion: string;
  public readonly componentVersionArn: string;
  public readonly artifactBucket?: s3.IBucket;
  public readonly dependencies: IGreengrassComponent[];

  /** The path of the agent's socket, for the recipes of components that call the agent. It contains a recipe variable. */
  public readonly socketPath: string;

  public constructor(scope: Construct, id: string, props: AgentComponentProps) {
    super(scope, id);
    const { models, architectures = [ComponentArchitecture.AMD64, ComponentArchitecture.AARCH64] } = props;
    const startSeconds = (props.startTimeout ?? Duration.minutes(5)).toSeconds();
    this.validate(props, startSeconds);
    this.componentName = componentNameOf(scope, id, props.componentName, LONGEST_NAME);
    this.validateSocket();
    this.socketPath = `{kernel:rootPath}/work/${this.componentName}/${SOCKET}`;

    const runtime = new AgentRuntimeComponent(this, 'Runtime', {
      ...props, componentName: `${this.componentName}.runtime`, release: props.release ?? AgentRelease.bundled(), architectures,
    });
    const tokenExchange = GreengrassComponent.fromComponentVersion(
      this, 'TokenExchange', 'aws.greengrass.TokenExchangeService', props.tokenExchangeVersion ?? '2.0.3',
    );
    this.dependencies = [...models, runtime, tokenExchange];
    const config = props.config ?? new AgentConfig();
    const launcher = zipArtifact(this, 'Launcher', launcherFiles(config.signingRoots), {
      fileName: 'launcher.zip', read: 'OWNER', execute: 'NONE',
    });
    const start = { models, releasePath: runtime.releasePath, socketPath: this.socketPath, startSeconds };
    const architecture = architectures.length === 1 ? architectures[0] : undefined; // the component of the program names them all
    const component = defineComponent(this, {
      ...props,
      artifactBucket: runtime.artifactBucket,
      componentName: this.componentName,
      description: `Edge agent of cdk-sagemaker-edge with ${models.map(({ modelName }) => modelName).join(', ')}`,
      dependencies: dependencyMap([
        // The agent names its files by version, and needs no process of theirs. Nucleus lite would end the agent with such a process.
        ...[...models, runtime].map((component) => ({ component, dependencyType: DependencyType.SOFT })),
        { component: tokenExchange }, // nucleus classic sets the variables of a component that waits for it
      ]),
      configuration: { agent: this.agentConfiguration(config, props), node: props.nodePath ?? '' },
      manifests: [
        { platform: ComponentPlatform.nucleusLite(architecture)._render(), lifecycle: liteLifecycle(start), artifacts: [launcher] },
        { platform: ComponentPlatform.linux(architecture)._render(), lifecycle: classicLifecycle(start), artifacts: [launcher] },
      ].slice(props.nucleusLite === false ? 1 : 0),
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
    validateText(this, 'nodePath', props.nodePath, NODE_PATH);
    if (props.architectures?.length === 0) {
      throw new ValidationError(this, 'architectures must name at least one, got none');
    }
    if (props.models.length === 0) {
      throw new ValidationError(this, 'models must have at least one, got none');
    }
    const names = props.models.map(({ modelName }) => modelName);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new ValidationError(this, `models must have different names, since the agent loads each under its name, got '${twice}' twice`);
    }
  }

  /** The agent of a longer name would not start on the device. */
  private validateSocket(): void {
    if (Token.isUnresolved(this.componentName)) {
      return;
    }
    const socket = `${LONGEST_ROOT}/work/${this.componentName}/${SOCKET}`;
    const bytes = Buffer.byteLength(socket);
    if (bytes > LONGEST_SOCKET_PATH) {
      throw new ValidationError(
        this,
        `componentName must leave the path of the agent's socket at most ${LONGEST_SOCKET_PATH} bytes, got ${bytes} in '${socket}': `
        + `give a name of at most ${LONGEST_NAME} characters`,
      );
    }
  }

  private agentConfiguration(config: AgentConfig, { fleetName, captureBucket }: AgentComponentProps): Record<string, unknown> {
    return {
      ...config._renderShared(this, { fleetName, captureBucket }),
      // The role of the device may write under this prefix. The agent adds fleet, model and hour.
      sagemaker_edge_core_folder_prefix: captureBucket ? captureBucket.devicePrefix(THING_NAME_PLACEHOLDER) : THING_NAME_PLACEHOLDER,
    };
  }
}
