import type { IResource, RemovalPolicy } from 'aws-cdk-lib';
import { ArnFormat, Aws, aws_iam as iam, aws_iot as iot, Resource, Stack } from 'aws-cdk-lib';
import { Construct, DependencyGroup, type IDependable } from 'constructs';
import { CaptureBucket, type ICaptureBucket } from '../capture/capture-bucket';
import { CaptureBucketGrants } from '../capture/capture-bucket-grants';
import { DeviceCertificate, type DeviceCertificateOptions } from '../identity/device-certificate';
import { DeviceRole } from '../identity/device-role';
import { EdgeDevice, type IEdgeDevice } from '../identity/edge-device';
import { RoleAlias, type IRoleAlias } from '../identity/role-alias';
import type { IThing } from '../identity/thing';
import { coreDevicePolicy } from './private/core-policy';
import { joinGroup } from './private/membership';
import { identifyBy, identifyFleetBy } from '../identity/private/logical-ids';
import { IdentityProvider } from '../identity/private/provider';
import { generatedName } from '../private/naming';
import { claimName } from '../private/physical-names';
import { literalThingName } from '../private/thing-name';
import { childOf, ENTITY_NAME, validateText, ValidationError, type TextRule } from '../private/validation';
import { acknowledgeWildcards } from '../private/nag/acknowledge';

/** The names of all thing groups. */
const GROUP_NAME: TextRule = { min: 1, max: 128, pattern: /^[a-zA-Z0-9:_-]+$/, wanted: 'letters, digits and : _ -' };

const FLEET_SYMBOL = Symbol.for('cdk-sagemaker-edge.GreengrassFleet');

/** A fleet of Greengrass core devices that get the same deployment: an IoT thing group. */
export interface IGreengrassFleet extends IResource, iot.IThingGroupRef {
  /**
   * The name of the fleet, which is the name of its thing group.
   * @attribute
   */
  readonly fleetName: string;

  /**
   * The ARN of the thing group.
   * @attribute
   */
  readonly thingGroupArn: string;

  /**
   * The role that devices assume. A deployment grants it read access to the artifacts.
   * @default - unknown: grant the role read access to the artifacts yourself
   */
  readonly role?: iam.IRole;
}

/** Attributes of an existing fleet. */
export interface GreengrassFleetAttributes {
  /** The name of the thing group. */
  readonly fleetName: string;

  /**
   * The role that devices assume.
   *
   * @default - unknown: grant the role read access to the artifacts yourself
   */
  readonly role?: iam.IRole;
}

/** Options for adding a device to a fleet. */
export interface GreengrassDeviceOptions extends DeviceCertificateOptions {
  /**
   * The name of the device: 1 to 63 letters, digits and hyphens. The thing and the core device have the same name. A
   * new name replaces the device.
   *
   * @default - the name of the thing, or, without a thing, the name of the fleet and the construct ID
   */
  readonly deviceName?: string;

  /**
   * The thing of the device.
   *
   * @default - a new thing with the name of the device
   */
  readonly thing?: IThing;
}

/** Properties of a `GreengrassFleet`. */
export interface GreengrassFleetProps {
  /**
   * The name of the fleet: 1 to 63 letters, digits and hyphens. The thing group has the same name, and it is part of
   * the keys of captures. A new name replaces the fleet.
   *
   * @default - generated from the name of the stack and the path of the construct
   */
  readonly fleetName?: string;

  /**
   * The role that devices assume: the token exchange role of Greengrass. It must trust `credentials.iot.amazonaws.com`.
   *
   * @default - the role of `roleAlias`, or a new role
   */
  readonly role?: iam.IRole;

  /**
   * The role alias through which the devices obtain AWS credentials.
   *
   * @default - a new role alias
   */
  readonly roleAlias?: IRoleAlias;

  /**
   * The bucket that devices write captures to, each under its own prefix.
   *
   * @default - a new bucket
   */
  readonly captureBucket?: ICaptureBucket;

  /**
   * The removal policy of the capture bucket that is created by default. `DESTROY` also deletes its objects.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The type of the things that are created for devices.
   *
   * @default - things have no type
   */
  readonly thingType?: iot.IThingTypeRef;

  /**
   * Whether to grant devices write access to CloudWatch Logs, under `/aws/greengrass/`. The component `aws.greengrass.LogManager` needs it.
   *
   * @default false
   */
  readonly uploadLogs?: boolean;
}

abstract class GreengrassFleetBase extends Resource implements IGreengrassFleet {
  public abstract readonly fleetName: string;
  public abstract readonly thingGroupArn: string;
  public abstract readonly role?: iam.IRole;

  public get thingGroupRef(): iot.ThingGroupReference {
    return { thingGroupName: this.fleetName, thingGroupArn: this.thingGroupArn };
  }
}

/**
 * Define a fleet of Greengrass V2 core devices.
 *
 * It has a thing group, the token exchange role with its role alias, a capture bucket, and the things, certificates and
 * IoT policies of its devices.
 */
export class GreengrassFleet extends GreengrassFleetBase {
  /** Whether `x` is a `GreengrassFleet` that this app defines, and not an import. */
  public static isGreengrassFleet(x: unknown): x is GreengrassFleet {
    return typeof x === 'object' && x !== null && FLEET_SYMBOL in x;
  }

  /** Import an existing fleet of this account and region. */
  public static fromGreengrassFleetAttributes(scope: Construct, id: string, attrs: GreengrassFleetAttributes): IGreengrassFleet {
    validateText(childOf(scope, id), 'fleetName', attrs.fleetName, GROUP_NAME);
    class Import extends GreengrassFleetBase {
      public readonly fleetName = attrs.fleetName;
      public readonly thingGroupArn = groupArn(scope, attrs.fleetName);
      public readonly role = attrs.role;
    }
    return new Import(scope, id);
  }

  public readonly fleetName: string;
  public readonly thingGroupArn: string;
  public readonly role?: iam.IRole;

  /** The role alias through which the devices obtain AWS credentials. */
  public readonly roleAlias: IRoleAlias;

  /** The bucket that devices write captures to, each under its own prefix. */
  public readonly captureBucket: ICaptureBucket;

  /** What a deployment depends on: the devices with their certificates and memberships. */
  public readonly ready: IDependable;

  private readonly parts = new DependencyGroup();
  private readonly thingType?: iot.IThingTypeRef;
  private readonly name: string;

  public constructor(scope: Construct, id: string, props: GreengrassFleetProps = {}) {
    const name = props.fleetName ?? generatedName(scope, id);
    super(scope, id, { physicalName: name });
    Object.defineProperty(this, FLEET_SYMBOL, { value: true });
    validateText(this, 'fleetName', name, ENTITY_NAME);
    claimName(this, 'thing group', name);
    this.name = name;
    this.thingType = props.thingType;
    this.ready = this.parts;
    this.captureBucket = props.captureBucket ?? new CaptureBucket(this, 'CaptureBucket', { removalPolicy: props.removalPolicy });
    const role = this.chooseRole(props);
    this.role = role;
    this.roleAlias = props.roleAlias ?? new RoleAlias(this, 'RoleAlias', { role });
    const grant = CaptureBucketGrants.fromCaptureBucket(this.captureBucket).deviceWrite(role);
    if (props.uploadLogs === true) {
      this.allowLogs(role);
    }

    const resource = new iot.CfnThingGroup(this, 'Resource', { thingGroupName: this.physicalName });
    identifyFleetBy(this, 'GreengrassFleet', name);
    this.thingGroupArn = this.getResourceArnAttribute(resource.attrArn, {
      service: 'iot', resource: 'thinggroup', resourceName: this.physicalName,
    });
    // Ref is not used: documentation and emulators differ on whether it gives the name or the ID.
    const { resourceName } = Stack.of(this).splitArn(resource.attrArn, ArnFormat.SLASH_RESOURCE_NAME);
    this.fleetName = this.getResourceNameAttribute(resourceName ?? name);
    this.parts.add(resource, this.roleAlias);
    grant.applyBefore(resource);
    IdentityProvider.shareRights(this, `${name}-`); // the default names of its devices
  }

  /**
   * Add a new device: a thing, its certificate with the policies of a core device, and its membership in the thing group.
   *
   * When a device is deleted whose thing was created here, its core device in Greengrass is deleted too.
   */
  public addDevice(id: string, options: GreengrassDeviceOptions = {}): EdgeDevice {
    const { deviceName, thing, ...certificate } = options;
    const device = new EdgeDevice(this, id, {
      fleetName: this.name, roleAlias: this.roleAlias, captureBucket: this.captureBucket, deviceName, thing, thingType: this.thingType,
    });
    device.addCertificate(certificate);
    this.join(device, thing === undefined);
    return device;
  }

  /**
   * Add an existing device to the fleet. It must have a certificate.
   *
   * The membership of a device of another stack belongs to the stack of the device. A deployment to the fleet does not wait
   * for such a device: Greengrass gives it the deployment as soon as it is a member.
   */
  public addMember(device: IEdgeDevice): void {
    this.join(device, false);
  }

  /** @param forget whether the core device of Greengrass is deleted too */
  private join(device: IEdgeDevice, forget: boolean): void {
    const { certificate, thing } = device;
    if (!certificate) {
      throw new ValidationError(this, `device '${device.deviceName}' must have a certificate, to which the policy of a core device is attached, `
        + 'got none: call addCertificate first');
    }
    // A member of another stack usually needs this one, for the role alias: what joins it to the fleet belongs to its own stack.
    const stack = Stack.of(device);
    const isElsewhere = stack !== Stack.of(this);
    const owner = isElsewhere ? this.membersIn(stack) : this;
    const membership = joinGroup({ owner, group: this, prefix: `${this.name}-`, groupName: this.name }, thing, forget);
    const policy = new iot.CfnPolicy(membership, 'CorePolicy', { policyDocument: coreDevicePolicy(this, thing.thingName) });
    const attachment = new iot.CfnPolicyPrincipalAttachment(membership, 'CorePolicyAttachment', {
      policyName: policy.ref, principal: certificate.certificateArn,
    });
    identifyBy(policy, 'CorePolicy', this.name, literalThingName(thing));
    const serial = certificate instanceof DeviceCertificate ? certificate._serial : []; // a renewed one has its own, deleted before it
    identifyBy(attachment, 'CorePolicyAttachment', this.name, literalThingName(thing), ...serial);
    attachment.node.addDependency(certificate); // the attachment is deleted before the certificate is revoked
    // It is deleted before the membership, too: a device that may still report would become a core device again.
    if (membership.node.defaultChild) {
      attachment.node.addDependency(membership.node.defaultChild);
    }
    if (!isElsewhere) {
      this.parts.add(membership, certificate);
    }
  }

  /** What joins the devices of another stack to this fleet. */
  private membersIn(stack: Stack): Construct {
    const id = `cdk-sagemaker-edge.MembersOf${this.node.addr}`;
    const folder = stack.node.tryFindChild(id);
    return folder instanceof Construct ? folder : new Construct(stack, id);
  }

  private chooseRole(props: GreengrassFleetProps): iam.IRole {
    const given = props.role ?? props.roleAlias?.role;
    if (given) {
      return given;
    }
    if (props.roleAlias) {
      throw new ValidationError(this, 'role must be given with a roleAlias whose role is not known, got roleAlias alone');
    }
    return new DeviceRole(this, 'Role');
  }

  private allowLogs(role: iam.IRole): void {
    const arn = (resourceName: string): string => Stack.of(this).formatArn({
      service: 'logs', resource: 'log-group', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const groups = arn(`/aws/greengrass/*/${Aws.REGION}/*`);
    acknowledgeWildcards(role, 'the log manager of Greengrass has a log group for each component', groups);
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      // The log manager has a log group for each component. The name has the type of the component, the region and its name.
      resources: [groups],
    }));
  }
}

function groupArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 'iot', resource: 'thinggroup', resourceName: name });
}
