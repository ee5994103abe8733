import type { IResource, RemovalPolicy } from 'aws-cdk-lib';
import { ArnFormat, Aws, aws_iam as iam, aws_iot as iot, Resource, Stack } from 'aws-cdk-lib';
import { DependencyGroup, type Construct, type IDependable } from 'constructs';
import type { ICaptureBucket } from '../capture/capture-bucket';
import { CaptureBucket } from '../capture/capture-bucket';
import { CaptureBucketGrants } from '../capture/capture-bucket-grants';
import type { DeviceCertificateOptions } from '../identity/device-certificate';
import { DeviceRole } from '../identity/device-role';
import { EdgeDevice, type IEdgeDevice } from '../identity/edge-device';
import { RoleAlias, type IRoleAlias } from '../identity/role-alias';
import type { IThing } from '../identity/thing';
import { coreDevicePolicy } from './private/core-policy';
import { joinGroup } from './private/membership';
import { IdentityProvider } from '../identity/private/provider';
import { generatedName } from '../private/naming';
import { childOf, ENTITY_NAME, validateText, ValidationError } from '../private/validation';

const FLEET_SYMBOL = Symbol.for('cdk-sagemaker-edge.GreengrassFleet');

/** Devices that get the same deployment: an IoT thing group of Greengrass core devices. */
export interface IGreengrassFleet extends IResource, iot.IThingGroupRef {
  /**
   * The name of the fleet, which is its thing group's name.
   * @attribute
   */
  readonly fleetName: string;

  /**
   * The ARN of the thing group.
   * @attribute
   */
  readonly thingGroupArn: string;

  /**
   * The role whose credentials the devices get: a deployment lets it read the artefacts.
   * @default - not known: it has to be given these rights elsewhere
   */
  readonly role?: iam.IRole;
}

/** A fleet made elsewhere. */
export interface GreengrassFleetAttributes {
  /** The name of the thing group. */
  readonly fleetName: string;

  /**
   * The role whose credentials the devices get.
   *
   * @default - not known: it has to be given the right to read artefacts elsewhere
   */
  readonly role?: iam.IRole;
}

/** Options of a device that is added to a fleet. */
export interface GreengrassDeviceOptions extends DeviceCertificateOptions {
  /**
   * The name: 1 to 63 letters, digits and hyphens. It is the thing's name and the core device's. Another name is another device.
   *
   * @default - the thing's name, or else the fleet's name and the id
   */
  readonly deviceName?: string;

  /**
   * The thing.
   *
   * @default - one is made, with the device's name
   */
  readonly thing?: IThing;
}

/** Properties of a `GreengrassFleet`. */
export interface GreengrassFleetProps {
  /**
   * The name: 1 to 63 letters, digits and hyphens. It is the thing group's name, and part of where captures are. Another name is another fleet.
   *
   * @default - made of the stack's name and the construct's path
   */
  readonly fleetName?: string;

  /**
   * The token-exchange role: what the devices' components may do on AWS. It must trust `credentials.iot.amazonaws.com`.
   *
   * @default - the role of `roleAlias`, or else one is made
   */
  readonly role?: iam.IRole;

  /**
   * By this the devices get their credentials.
   *
   * @default - one is made
   */
  readonly roleAlias?: IRoleAlias;

  /**
   * Where devices write what they capture, each under its own prefix.
   *
   * @default - one is made
   */
  readonly captureBucket?: ICaptureBucket;

  /**
   * What happens to the capture bucket that is made by default when it leaves the stack. `DESTROY` empties it too.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The type of the things that are made for devices.
   *
   * @default - things without a type
   */
  readonly thingType?: iot.IThingTypeRef;

  /**
   * Whether devices may write logs to CloudWatch, under `/aws/greengrass/`: wanted by the component `aws.greengrass.LogManager`.
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
 * Defines a fleet of Greengrass V2 core devices: a thing group, the token-exchange role and its role alias, the capture bucket, and the devices' things,
 * certificates and IoT policies.
 */
export class GreengrassFleet extends GreengrassFleetBase {
  /** Whether `x` is a fleet that this app makes. */
  public static isGreengrassFleet(x: unknown): x is GreengrassFleet {
    return typeof x === 'object' && x !== null && FLEET_SYMBOL in x;
  }

  /** A fleet made elsewhere, in this account and region. */
  public static fromGreengrassFleetAttributes(scope: Construct, id: string, attrs: GreengrassFleetAttributes): IGreengrassFleet {
    validateText(childOf(scope, id), 'fleetName', attrs.fleetName, { min: 1, max: 128, pattern: /^[a-zA-Z0-9:_-]+$/, wanted: 'letters, digits and : _ -' });
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

  /** By this the devices get their credentials. */
  public readonly roleAlias: IRoleAlias;

  /** Where devices write what they capture, each under its own prefix. */
  public readonly captureBucket: ICaptureBucket;

  /** What has to be there before a deployment: the devices with their certificates and memberships. */
  public readonly ready: IDependable;

  private readonly parts = new DependencyGroup();
  private readonly thingType?: iot.IThingTypeRef;
  private readonly name: string;

  public constructor(scope: Construct, id: string, props: GreengrassFleetProps = {}) {
    const name = props.fleetName ?? generatedName(scope, id);
    super(scope, id, { physicalName: name });
    Object.defineProperty(this, FLEET_SYMBOL, { value: true });
    validateText(this, 'fleetName', name, ENTITY_NAME);
    this.name = name;
    this.thingType = props.thingType;
    this.ready = this.parts;
    this.captureBucket = props.captureBucket ?? new CaptureBucket(this, 'CaptureBucket', { removalPolicy: props.removalPolicy });
    const role = this.chooseRole(props);
    this.role = role;
    this.roleAlias = props.roleAlias ?? new RoleAlias(this, 'RoleAlias', { role });
    const grant = CaptureBucketGrants.fromCaptureBucket(this.captureBucket).deviceWrite(role);
    if (props.uploadLogs === true) { this.allowLogs(role); }

    const resource = new iot.CfnThingGroup(this, 'Resource', { thingGroupName: this.physicalName });
    this.thingGroupArn = this.getResourceArnAttribute(resource.attrArn, { service: 'iot', resource: 'thinggroup', resourceName: this.physicalName });
    // Not the reference, which documents and emulators take for the name here and for the id there.
    this.fleetName = this.getResourceNameAttribute(Stack.of(this).splitArn(resource.attrArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? name);
    this.parts.add(resource, this.roleAlias);
    grant.applyBefore(resource);
    IdentityProvider.shareRights(this, `${name}-`); // the default names of its devices
  }

  /**
   * Makes a device: a thing, its certificate with the policies of a core device, and its membership. What Greengrass knows of a device whose thing is
   * made here goes with the device.
   */
  public addDevice(id: string, options: GreengrassDeviceOptions = {}): EdgeDevice {
    const device = new EdgeDevice(this, id, {
      fleetName: this.name, roleAlias: this.roleAlias, captureBucket: this.captureBucket,
      deviceName: options.deviceName, thing: options.thing, thingType: this.thingType,
    });
    device.addCertificate({ certificateSigningRequest: options.certificateSigningRequest });
    this.join(device, options.thing === undefined);
    return device;
  }

  /** Takes a device that was made otherwise into the fleet. It must have its certificate by then. */
  public addMember(device: IEdgeDevice): void {
    this.join(device, false);
  }

  private join(device: IEdgeDevice, forget: boolean): void {
    const { certificate, thing } = device;
    if (!certificate) { throw new ValidationError(this, `device '${device.deviceName}' must have a certificate, to which the policy of a core device is attached, got none: call addCertificate first`); }
    const membership = joinGroup({ owner: this, group: this, prefix: `${this.name}-` }, thing, forget);
    const policy = new iot.CfnPolicy(membership, 'CorePolicy', { policyDocument: coreDevicePolicy(this, thing.thingName) });
    const attachment = new iot.CfnPolicyPrincipalAttachment(membership, 'CorePolicyAttachment', { policyName: policy.ref, principal: certificate.certificateArn });
    attachment.node.addDependency(certificate); // deleted before the certificate is taken back
    // And before the membership: a device that may still report would be a core device again as soon as it is forgotten.
    if (membership.node.defaultChild) { attachment.node.addDependency(membership.node.defaultChild); }
    this.parts.add(membership, certificate);
  }

  private chooseRole(props: GreengrassFleetProps): iam.IRole {
    const given = props.role ?? props.roleAlias?.role;
    if (given) { return given; }
    if (props.roleAlias) { throw new ValidationError(this, 'role must be given with a roleAlias whose role is not known, got roleAlias alone'); }
    return new DeviceRole(this, 'Role');
  }

  private allowLogs(role: iam.IRole): void {
    const arn = (resourceName: string): string => Stack.of(this).formatArn({
      service: 'logs', resource: 'log-group', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      // Log groups of the log manager: one a component, named after its type, the region and itself.
      resources: [arn(`/aws/greengrass/*/${Aws.REGION}/*`)],
    }));
  }
}

function groupArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 'iot', resource: 'thinggroup', resourceName: name });
}
