import type { IResource, Size } from 'aws-cdk-lib';
import { aws_greengrassv2 as greengrass, aws_iam as iam, Duration, Lazy, Resource, Stack, type aws_iot as iot } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { FleetRevisionProperties, FleetRevisionType, FleetRolloutProperties, FleetRolloutType, RevisionTag } from './private/contract';
import { DeployedComponents } from './private/deployed';
import { renderJob } from './private/job';
import { GreengrassProvider, MAX_WAIT } from './private/provider';
import { StackDeployments } from './private/targets';
import { shortHash } from '../private/naming';
import { validateInteger, validateText, ValidationError } from '../private/validation';
import { ComponentGrants } from './component-grants';
import type { DeploymentAbort, DeploymentRollout } from './deployment-rollout';
import type { IGreengrassComponent } from './greengrass-component';
import { GreengrassFleet, type IGreengrassFleet } from './greengrass-fleet';

/** A deployment of Greengrass components to a fleet. */
export interface IFleetDeployment extends IResource, greengrass.IDeploymentRef {
  /**
   * The ID of the deployment. Each change creates a new deployment, with a new ID.
   * @attribute
   */
  readonly deploymentId: string;
}

/** What a device does when the deployment fails on it. */
export enum DeploymentFailurePolicy {
  /** The device goes back to the components that it had before, and runs them. */
  ROLLBACK = 'ROLLBACK',
  /** The device stays in the state that the failed deployment left. */
  DO_NOTHING = 'DO_NOTHING',
}

/** Options of a component in a deployment. */
export interface DeployedComponentOptions {
  /**
   * The configuration to merge over the component's default configuration. Numbers become text, because the nucleus
   * turns the number 2 into 2.0.
   *
   * @default - the component's own configuration
   */
  readonly configuration?: Record<string, unknown>;

  /**
   * The configuration to reset to the component's defaults before the merge, as JSON pointers. An empty string stands
   * for the whole configuration. A merged value stays on a device. It overrides the defaults of later versions until it
   * is reset.
   *
   * @default - the whole configuration, so that the template says what a device has. Nothing for components of AWS,
   * whose configuration holds what the device was set up with
   */
  readonly resetConfiguration?: string[];

  /**
   * The user, or `user:group`, that runs the component on Linux.
   *
   * @default - the default user of the device's nucleus
   */
  readonly runAs?: string;

  /**
   * The most memory that the component may use. Nucleus classic alone limits it.
   *
   * @default - no limit
   */
  readonly memoryLimit?: Size;

  /**
   * The most CPU time that the component may use, in CPUs. Nucleus classic alone limits it.
   *
   * @default - no limit
   */
  readonly cpuLimit?: number;
}

/** Properties of a `FleetDeployment`. */
export interface FleetDeploymentProps {
  /** The fleet to deploy to. A thing group has one deployment. */
  readonly fleet: IGreengrassFleet;

  /**
   * The components to deploy without options. Their dependencies are deployed with them. A component that the previous
   * deployment had, and this one does not have, is removed from the devices.
   *
   * @default - only the components that `addComponent` adds
   */
  readonly components?: IGreengrassComponent[];

  /**
   * The name of the deployment: 1 to 256 characters.
   *
   * @default - Greengrass generates a name
   */
  readonly deploymentName?: string;

  /**
   * The rate at which the deployment reaches the devices.
   *
   * @default DeploymentRollout.allAtOnce()
   */
  readonly rollout?: DeploymentRollout;

  /**
   * The criteria that cancel the deployment on the devices that have not begun with it.
   *
   * @default - the deployment is never cancelled
   */
  readonly abort?: DeploymentAbort[];

  /**
   * How long a device may take for the deployment: whole minutes, from 1 minute to 7 days.
   *
   * @default - no limit
   */
  readonly deviceTimeout?: Duration;

  /**
   * What a device does when the deployment fails on it.
   *
   * @default DeploymentFailurePolicy.ROLLBACK
   */
  readonly failurePolicy?: DeploymentFailurePolicy;

  /**
   * How long a component may defer its update, if it asks for that.
   *
   * @default Duration.seconds(60)
   */
  readonly updateTimeout?: Duration;

  /**
   * How long the stack waits until each device of the thing group has completed the deployment and is healthy: up to 55
   * minutes. If a device fails, times out, or has a component break within ten seconds of success, then the deployment
   * fails, and the stack rolls back to the previous one.
   *
   * @default - the stack does not wait
   */
  readonly waitForDevices?: Duration;

  /**
   * The things of the devices to wait for: at least one, each a member of the fleet. Use it where other devices of the
   * fleet may be offline. The deployment reaches those as well.
   *
   * @default - each device that is in the thing group when the stack begins to wait
   */
  readonly waitForThings?: iot.IThingRef[];

  /**
   * Whether to remove the components from the devices when the deployment is deleted.
   *
   * @default false - the components stay, and continue to run
   */
  readonly uninstallOnDestroy?: boolean;

  /**
   * How long the stack waits for `uninstallOnDestroy`: up to 55 minutes. A device that is not connected keeps its components.
   *
   * @default Duration.minutes(10)
   */
  readonly uninstallTimeout?: Duration;
}

/**
 * Define the components that run on the devices of a fleet.
 *
 * Each change is a new revision for all devices. CloudFormation does not wait for devices, and does not give them back
 * the previous revision when an update fails later: a custom resource does both. The deployment is created after the
 * devices of the fleet and the components, and is deleted before them.
 */
export class FleetDeployment extends Resource implements IFleetDeployment {
  /** Import an existing deployment by its ID. */
  public static fromDeploymentId(scope: Construct, id: string, deploymentId: string): IFleetDeployment {
    class Import extends Resource implements IFleetDeployment {
      public readonly deploymentId = deploymentId;
      public readonly deploymentRef = { deploymentId };
    }
    return new Import(scope, id);
  }

  public readonly deploymentId: string;
  private readonly resource: greengrass.CfnDeployment;
  private readonly fleet: IGreengrassFleet;
  private readonly components = new DeployedComponents(this);

  public constructor(scope: Construct, id: string, props: FleetDeploymentProps) {
    super(scope, id);
    validateText(this, 'deploymentName', props.deploymentName, { min: 1, max: 256 });
    validateInteger(this, 'waitForDevices in seconds', props.waitForDevices?.toSeconds(), 1, MAX_WAIT.toSeconds());
    validateInteger(this, 'uninstallTimeout in seconds', props.uninstallTimeout?.toSeconds(), 1, MAX_WAIT.toSeconds());
    this.checkWaiting(props);
    this.fleet = props.fleet;
    this.node.addValidation({ validate: () => this.components.validate() });

    const content = {
      targetArn: props.fleet.thingGroupRef.thingGroupArn,
      deploymentName: props.deploymentName,
      components: Lazy.any({ produce: () => this.components.render(this) }),
      deploymentPolicies: {
        failureHandlingPolicy: props.failurePolicy ?? DeploymentFailurePolicy.ROLLBACK,
        componentUpdatePolicy: props.updateTimeout && { action: 'NOTIFY_COMPONENTS', timeoutInSeconds: props.updateTimeout.toSeconds() },
      },
      iotJobConfiguration: renderJob(this, props),
    };
    const revision = Lazy.string({ produce: () => shortHash(JSON.stringify(Stack.of(this).resolve(content)), 32) });
    this.resource = new greengrass.CfnDeployment(this, 'Resource', {
      ...content,
      tags: { ['cdk-sagemaker-edge:revision' satisfies RevisionTag]: revision },
    });
    StackDeployments.of(this).add(this, props.fleet, this.resource);
    if (GreengrassFleet.isGreengrassFleet(props.fleet)) {
      this.resource.node.addDependency(props.fleet.ready);
    }
    this.deploymentId = this.resource.attrDeploymentId;
    for (const component of props.components ?? []) {
      this.addComponent(component);
    }
    this.followRollout(props, revision);
  }

  public get deploymentRef(): greengrass.DeploymentReference {
    return { deploymentId: this.deploymentId };
  }

  /** Add a component to the deployment, in exactly its version, with its dependencies. */
  public addComponent(component: IGreengrassComponent, options: DeployedComponentOptions = {}): void {
    for (const added of this.components.add(component, options)) {
      this.resource.node.addDependency(added);
      if (this.fleet.role) {
        ComponentGrants.fromComponent(added).readArtifacts(this.fleet.role).applyBefore(this.resource);
      }
    }
  }

  private checkWaiting({ waitForDevices, waitForThings }: FleetDeploymentProps): void {
    if (!waitForThings) {
      return;
    }
    if (waitForThings.length === 0) {
      throw new ValidationError(this, 'waitForThings must name at least one thing, got none: leave it out to wait for all');
    }
    if (!waitForDevices) {
      throw new ValidationError(this, 'waitForDevices must say how long waitForThings are waited for, got nothing');
    }
  }

  private followRollout(props: FleetDeploymentProps, revision: string): void {
    const { thingGroupArn, thingGroupName } = props.fleet.thingGroupRef;
    const uninstall = props.uninstallOnDestroy === true ? props.uninstallTimeout ?? Duration.minutes(10) : Duration.seconds(0);
    const provider = GreengrassProvider.getOrCreate(this);
    const owner = new Construct(this, 'Rollout');
    const rights = provider.grant(owner, 'Rights', new iam.PolicyStatement({
      actions: ['iot:ListThingsInThingGroup', 'iot:DescribeThingGroup', 'iot:CreateJob'], resources: [thingGroupArn],
    }));
    const identity = { TargetArn: thingGroupArn, Owner: shortHash(this.node.addr) };
    const before = provider.customResource(owner, 'Revision', {
      resourceType: 'Custom::SageMakerEdge-FleetRevision' satisfies FleetRevisionType,
      serviceTimeout: provider.serviceTimeout,
      properties: { ...identity, Revision: revision } satisfies FleetRevisionProperties,
    });
    before.node.addDependency(rights, provider.grantRollouts());
    this.resource.node.addDependency(before);
    const rollout = provider.customResource(owner, 'Resource', {
      resourceType: 'Custom::SageMakerEdge-FleetRollout' satisfies FleetRolloutType,
      serviceTimeout: provider.serviceTimeout,
      properties: {
        ...identity, DeploymentId: this.deploymentId, ThingGroupName: thingGroupName,
        ...props.waitForThings ? { ThingNames: props.waitForThings.map(({ thingRef }) => thingRef.thingName) } : {},
        WaitSeconds: String(props.waitForDevices?.toSeconds() ?? 0), UninstallSeconds: String(uninstall.toSeconds()),
      } satisfies FleetRolloutProperties,
    });
    rollout.node.addDependency(rights, provider.grantRollouts());
  }
}
