import type { IResource, Size } from 'aws-cdk-lib';
import { aws_greengrassv2 as greengrass, aws_iam as iam, CustomResource, Duration, Lazy, Resource, Stack, type aws_iot as iot } from 'aws-cdk-lib';
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

/** A deployment of Greengrass components. */
export interface IFleetDeployment extends IResource, greengrass.IDeploymentRef {
  /**
   * The id of the deployment; each change makes a new one.
   * @attribute
   */
  readonly deploymentId: string;
}

/** What a device does when the deployment fails on it. */
export enum DeploymentFailurePolicy {
  /** It goes back to what it had before, which then runs on. */
  ROLLBACK = 'ROLLBACK',
  /** It stays as it is. */
  DO_NOTHING = 'DO_NOTHING',
}

/** How a component is deployed. */
export interface DeployedComponentOptions {
  /**
   * Configuration that is merged over the component's own. Numbers become text, since the nucleus makes 2.0 of the number 2.
   *
   * @default - the component's own configuration
   */
  readonly configuration?: Record<string, unknown>;

  /**
   * JSON pointers of configuration that goes back to the component's own before the merge; '' is all of it. A merge stays on a device, and wins over
   * the defaults of later versions, unless it is reset.
   *
   * @default - all of it, so that the template says what a device has; nothing for AWS's own components, whose configuration is the device's
   */
  readonly resetConfiguration?: string[];

  /**
   * The user, or `user:group`, that the component runs as on Linux.
   *
   * @default - the device's default user
   */
  readonly runAs?: string;

  /**
   * The most memory that the component may use, on nucleus classic.
   *
   * @default - no limit
   */
  readonly memoryLimit?: Size;

  /**
   * The most CPU time that the component may use, in CPUs, on nucleus classic.
   *
   * @default - no limit
   */
  readonly cpuLimit?: number;
}

/** Properties of a `FleetDeployment`. */
export interface FleetDeploymentProps {
  /** The devices. A thing group has one deployment. */
  readonly fleet: IGreengrassFleet;

  /**
   * Components to deploy as they are; see `addComponent` for more. What they depend on is deployed with them. A component that an earlier deployment
   * had and this one has not is removed from the devices.
   *
   * @default - those that are added
   */
  readonly components?: IGreengrassComponent[];

  /**
   * The name: 1 to 256 characters.
   *
   * @default - Greengrass names it
   */
  readonly deploymentName?: string;

  /**
   * How fast the deployment reaches the devices.
   *
   * @default DeploymentRollout.allAtOnce()
   */
  readonly rollout?: DeploymentRollout;

  /**
   * When the deployment is cancelled for the devices that have not begun with it.
   *
   * @default - never
   */
  readonly abort?: DeploymentAbort[];

  /**
   * How long a device may take: whole minutes, up to a week.
   *
   * @default - as long as it wants
   */
  readonly deviceTimeout?: Duration;

  /**
   * What a device does when the deployment fails on it.
   *
   * @default DeploymentFailurePolicy.ROLLBACK
   */
  readonly failurePolicy?: DeploymentFailurePolicy;

  /**
   * How long components may put off their update, if they ask for that.
   *
   * @default Duration.seconds(60)
   */
  readonly updateTimeout?: Duration;

  /**
   * How long the stack waits until each device that is in the thing group by then has carried the deployment out and is healthy: up to 55 minutes. A
   * device that fails, is not done by then, or has a component that breaks in the ten seconds after, fails the stack, which goes back to the deployment
   * before.
   *
   * @default - the stack does not wait
   */
  readonly waitForDevices?: Duration;

  /**
   * The devices that are waited for, by their things, where others of the thing group may be off: at least one, members of the fleet. The deployment
   * reaches the others all the same.
   *
   * @default - each device that is in the thing group by then
   */
  readonly waitForThings?: iot.IThingRef[];

  /**
   * Whether the components are removed from the devices when the deployment is deleted.
   *
   * @default false - they stay, and run on
   */
  readonly uninstallOnDestroy?: boolean;

  /**
   * How long the devices have for that: up to 55 minutes. A device that is not connected keeps its components.
   *
   * @default Duration.minutes(10)
   */
  readonly uninstallTimeout?: Duration;
}

/**
 * Defines what runs on the devices of a fleet.
 *
 * Each change is a new revision for all devices. CloudFormation itself neither waits for devices nor, when an update fails later on, gives them back
 * the revision before; a custom resource does both. The deployment is made after the fleet's devices and the components, and deleted before them.
 */
export class FleetDeployment extends Resource implements IFleetDeployment {
  /** A deployment made elsewhere. */
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
    this.resource = new greengrass.CfnDeployment(this, 'Resource', { ...content, tags: { ['cdk-sagemaker-edge:revision' satisfies RevisionTag]: revision } });
    StackDeployments.of(this).add(this, props.fleet, this.resource);
    if (GreengrassFleet.isGreengrassFleet(props.fleet)) { this.resource.node.addDependency(props.fleet.ready); }
    this.deploymentId = this.resource.attrDeploymentId;
    for (const component of props.components ?? []) { this.addComponent(component); }
    this.followRollout(props, revision);
  }

  public get deploymentRef(): greengrass.DeploymentReference {
    return { deploymentId: this.deploymentId };
  }

  /** Deploys a component, in exactly its version, and what it depends on. */
  public addComponent(component: IGreengrassComponent, options: DeployedComponentOptions = {}): void {
    for (const added of this.components.add(component, options)) {
      this.resource.node.addDependency(added);
      if (this.fleet.role) { ComponentGrants.fromComponent(added).readArtifacts(this.fleet.role).applyBefore(this.resource); }
    }
  }

  private checkWaiting({ waitForDevices, waitForThings }: FleetDeploymentProps): void {
    if (!waitForThings) { return; }
    if (waitForThings.length === 0) { throw new ValidationError(this, 'waitForThings must name at least one thing, got none: leave it out to wait for all'); }
    if (!waitForDevices) { throw new ValidationError(this, 'waitForDevices must say how long waitForThings are waited for, got nothing'); }
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
    const before = new CustomResource(owner, 'Revision', {
      resourceType: 'Custom::SageMakerEdge-FleetRevision' satisfies FleetRevisionType,
      serviceToken: provider.serviceToken, serviceTimeout: provider.serviceTimeout,
      properties: { ...identity, Revision: revision } satisfies FleetRevisionProperties,
    });
    before.node.addDependency(rights, provider.grantRollouts());
    this.resource.node.addDependency(before);
    const rollout = new CustomResource(owner, 'Resource', {
      resourceType: 'Custom::SageMakerEdge-FleetRollout' satisfies FleetRolloutType,
      serviceToken: provider.serviceToken, serviceTimeout: provider.serviceTimeout,
      properties: {
        ...identity, DeploymentId: this.deploymentId, ThingGroupName: thingGroupName,
        ...props.waitForThings ? { ThingNames: props.waitForThings.map(({ thingRef }) => thingRef.thingName) } : {},
        WaitSeconds: String(props.waitForDevices?.toSeconds() ?? 0), UninstallSeconds: String(uninstall.toSeconds()),
      } satisfies FleetRolloutProperties,
    });
    rollout.node.addDependency(rights, provider.grantRollouts());
  }
}
