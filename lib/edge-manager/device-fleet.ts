import type { IResource, RemovalPolicy } from 'aws-cdk-lib';
import { ArnFormat, Aws, aws_iam as iam, aws_iot as iot, aws_kms as kms, aws_sagemaker as sagemaker, Resource, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CaptureBucket, type ICaptureBucket } from '../capture/capture-bucket';
import { DeviceRole } from '../identity/device-role';
import type { IRoleAlias } from '../identity/role-alias';
import { RoleAlias } from '../identity/role-alias';
import { ThingType } from '../identity/thing-type';
import { identifyFleetBy } from '../identity/private/logical-ids';
import { IdentityProvider } from '../identity/private/provider';
import { entityName, generatedName, shortHash } from '../private/naming';
import { claimName } from '../private/physical-names';
import { validateTrust } from '../private/trust';
import { childOf, ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import type { DeviceOptions } from './device';
import { Device } from './device';
import { checkManagedPolicyNames, scopedPolicy } from './device-fleet-rights';
import { validateEdgeRegion, warnServiceRetired } from './service-retired';

/** Edge Manager knows the role alias of a fleet by this name. */
const ROLE_ALIAS_PREFIX = 'SageMakerEdge-';

/** A fleet of SageMaker Edge Manager. */
export interface IDeviceFleet extends IResource, sagemaker.IDeviceFleetRef {
  /**
   * The name of the fleet.
   * @attribute
   */
  readonly deviceFleetName: string;

  /**
   * The ARN of the fleet.
   * @attribute
   */
  readonly deviceFleetArn: string;

  /** The role alias through which the devices of the fleet obtain AWS credentials. */
  readonly roleAlias: IRoleAlias;

  /**
   * The type of the things that are created for its devices.
   * @default - not known, for an import that does not name it
   */
  readonly thingType?: iot.IThingTypeRef;

  /**
   * The bucket that the fleet's devices write captures to.
   * @default - not known, for an import that does not name it
   */
  readonly captureBucket?: ICaptureBucket;

  /** Add a device to the fleet, and register it. */
  addDevice(id: string, options?: DeviceOptions): Device;
}

/** Attributes of an existing fleet. */
export interface DeviceFleetAttributes {
  /** The name of the fleet. */
  readonly deviceFleetName: string;

  /**
   * The role alias through which the devices of the fleet obtain AWS credentials.
   *
   * @default - the role alias `SageMakerEdge-<fleet>`
   */
  readonly roleAlias?: IRoleAlias;

  /**
   * The type of the things that are created for devices added here.
   *
   * @default - things without a type
   */
  readonly thingType?: iot.IThingTypeRef;

  /**
   * The bucket that the fleet's devices write captures to.
   *
   * @default - not known here
   */
  readonly captureBucket?: ICaptureBucket;
}

/** Properties of a `DeviceFleet`. */
export interface DeviceFleetProps {
  /**
   * The name of the fleet: 1 to 63 letters, digits and hyphens (no underscore). A change of the name replaces the fleet.
   *
   * @default - made of the stack's name and the construct's path
   */
  readonly deviceFleetName?: string;

  /**
   * The description of the fleet: 1 to 800 letters, digits, blanks and `- _ . , ; : !`.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * The role of Edge Manager and of all devices of the fleet. It must trust `credentials.iot.amazonaws.com` and
   * `sagemaker.amazonaws.com`. The permissions that the fleet needs are added to it.
   *
   * @default - the role of `roleAlias`, or else one is created
   */
  readonly role?: iam.IRole;

  /**
   * The role alias through which devices obtain AWS credentials. Edge Manager looks for a role alias named `SageMakerEdge-<fleet>`.
   * Without one it would create it and leave it behind. So where the given one has another name, that one is created here too, and is
   * deleted with the fleet.
   *
   * @default - one is created, with the name that Edge Manager looks for
   */
  readonly roleAlias?: IRoleAlias;

  /**
   * The type of the things that are created for devices.
   *
   * @default - one is created
   */
  readonly thingType?: iot.IThingTypeRef;

  /**
   * The bucket that devices write captures to, each under its own prefix.
   *
   * @default - one is created
   */
  readonly captureBucket?: ICaptureBucket;

  /**
   * What happens to the default capture bucket when it is removed from the stack. `DESTROY` also deletes its objects.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The KMS key that Edge Manager encrypts the fleet's output with. It is not the key of the capture bucket: that is a property of the
   * bucket.
   *
   * @default - no key
   */
  readonly outputKey?: kms.IKeyRef;

  /**
   * Uses AWS's managed policy `AmazonSageMakerEdgeDeviceFleetPolicy` in place of the scoped one. Then the names of role
   * and capture bucket must contain `sagemaker`, and a device may write to every such bucket of the account and report
   * for every device.
   *
   * @default false
   */
  readonly useManagedPolicy?: boolean;
}

abstract class DeviceFleetBase extends Resource implements IDeviceFleet {
  public abstract readonly deviceFleetName: string;
  public abstract readonly deviceFleetArn: string;
  public abstract readonly roleAlias: IRoleAlias;
  public abstract readonly thingType?: iot.IThingTypeRef;
  public abstract readonly captureBucket?: ICaptureBucket;

  public get deviceFleetRef(): sagemaker.DeviceFleetReference {
    return { deviceFleetName: this.deviceFleetName };
  }

  public addDevice(id: string, options: DeviceOptions = {}): Device {
    return new Device(this, id, { ...options, deviceFleet: this });
  }
}

/**
 * Defines a fleet of SageMaker Edge Manager, with the role, role alias, thing type and capture bucket that it needs.
 *
 * AWS switched Edge Manager off on 2024-04-26: a fleet deploys only against a stand-in of the service. The warning
 * `cdk-sagemaker-edge:DeviceFleet.serviceRetired` says so at synth. Acknowledge it where that is what you want.
 *
 * The stack is deleted in the order that the services want: devices, fleet, role alias, certificates, things, thing
 * type, role.
 */
export class DeviceFleet extends DeviceFleetBase {
  /** Import an existing fleet of this account and region. */
  public static fromDeviceFleetName(scope: Construct, id: string, deviceFleetName: string): IDeviceFleet {
    return DeviceFleet.fromDeviceFleetAttributes(scope, id, { deviceFleetName });
  }

  /** Import an existing fleet. Its role alias is the one that Edge Manager looks for. */
  public static fromDeviceFleetArn(scope: Construct, id: string, deviceFleetArn: string): IDeviceFleet {
    const deviceFleetName = Stack.of(scope).splitArn(deviceFleetArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
    return DeviceFleet.fromParts(scope, id, deviceFleetArn, { deviceFleetName });
  }

  /** Import an existing fleet of this account and region. */
  public static fromDeviceFleetAttributes(scope: Construct, id: string, attrs: DeviceFleetAttributes): IDeviceFleet {
    validateText(childOf(scope, id), 'deviceFleetName', attrs.deviceFleetName, ENTITY_NAME);
    return DeviceFleet.fromParts(scope, id, fleetArn(scope, attrs.deviceFleetName), attrs);
  }

  private static fromParts(scope: Construct, id: string, arn: string, attrs: DeviceFleetAttributes): IDeviceFleet {
    class Import extends DeviceFleetBase {
      public readonly deviceFleetArn = arn;
      public readonly deviceFleetName = attrs.deviceFleetName;
      public readonly roleAlias = attrs.roleAlias ?? RoleAlias.fromRoleAliasArn(this, 'RoleAlias', Stack.of(scope).formatArn({
        service: 'iot', resource: 'rolealias', resourceName: `${ROLE_ALIAS_PREFIX}${attrs.deviceFleetName}`,
        region: this.env.region, account: this.env.account,
      }));
      public readonly thingType = attrs.thingType;
      public readonly captureBucket = attrs.captureBucket;
    }
    return new Import(scope, id, { environmentFromArn: arn });
  }

  public readonly deviceFleetName: string;
  public readonly deviceFleetArn: string;
  public readonly roleAlias: IRoleAlias;
  public readonly thingType?: iot.IThingTypeRef;
  public readonly captureBucket?: ICaptureBucket;

  /** The role that Edge Manager and the fleet's devices assume. */
  public readonly role: iam.IRole;

  public constructor(scope: Construct, id: string, props: DeviceFleetProps = {}) {
    const name = props.deviceFleetName ?? generatedName(scope, id);
    super(scope, id, { physicalName: name });
    validateEdgeRegion(this);
    validateText(this, 'deviceFleetName', name, ENTITY_NAME);
    claimName(this, 'device fleet', name);
    validateText(this, 'description', props.description, {
      min: 1, max: 800, pattern: /^[-a-zA-Z0-9_.,;:! ]*$/, wanted: 'letters, digits, blanks and - _ . , ; : !',
    });
    warnServiceRetired(this, 'DeviceFleet');

    const managed = props.useManagedPolicy ?? false;
    const captureBucket = props.captureBucket ?? this.makeCaptureBucket(name, managed, props.removalPolicy);
    this.captureBucket = captureBucket;
    this.role = this.chooseRole(name, props);
    validateTrust(this, 'role', this.role, ['credentials.iot.amazonaws.com', 'sagemaker.amazonaws.com']);
    const serviceAlias = this.serviceAlias(`${ROLE_ALIAS_PREFIX}${name}`, props.roleAlias);
    this.roleAlias = props.roleAlias ?? serviceAlias;
    this.thingType = props.thingType ?? new ThingType(this, 'ThingType');
    const rights = { deviceFleetName: name, role: this.role, roleAlias: serviceAlias, captureBucket, outputKey: props.outputKey };
    if (managed) {
      checkManagedPolicyNames(this, props.role ?? props.roleAlias?.role, props.captureBucket);
      this.role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonSageMakerEdgeDeviceFleetPolicy'));
      if (props.outputKey) {
        kms.KeyGrants.fromKey(props.outputKey).encrypt(this.role);
      }
    }

    const resource = new sagemaker.CfnDeviceFleet(this, 'Resource', {
      deviceFleetName: this.physicalName,
      description: props.description,
      roleArn: this.role.roleArn,
      // An id: CloudFormation's pattern admits no slash, so neither an ARN nor an alias.
      outputConfig: { s3OutputLocation: captureBucket.captureUri, kmsKeyId: props.outputKey?.keyRef.keyId },
    });
    identifyFleetBy(this, 'DeviceFleet', name);
    resource.node.addDependency(this.roleAlias, serviceAlias, this.role, ...managed ? [] : [scopedPolicy(this, rights)]);
    this.deviceFleetName = this.getResourceNameAttribute(resource.ref);
    this.deviceFleetArn = fleetArn(this, this.deviceFleetName);
    IdentityProvider.shareRights(this, `${name}-`); // the default names of its devices
  }

  private chooseRole(name: string, props: DeviceFleetProps): iam.IRole {
    const given = props.role ?? props.roleAlias?.role;
    if (given) {
      return given;
    }
    if (props.roleAlias) {
      throw new ValidationError(this, 'role must be given with a roleAlias whose role is not known, got roleAlias alone');
    }
    return new DeviceRole(this, 'Role', {
      roleName: props.useManagedPolicy ? entityName(['SageMaker', name], 64) : undefined,
      trustedServices: ['sagemaker.amazonaws.com'],
    });
  }

  /** The one that Edge Manager looks for: a given one is taken for it unless its name is known to be another. */
  private serviceAlias(name: string, given: IRoleAlias | undefined): IRoleAlias {
    const resource = given?.node.defaultChild;
    // undefined where CloudFormation makes it
    const givenName: unknown = Stack.of(this).resolve(
      iot.CfnRoleAlias.isCfnRoleAlias(resource) ? resource.roleAlias : given?.roleAliasName,
    );
    if (given && (givenName === name || typeof givenName === 'object')) {
      return given;
    }
    return new RoleAlias(this, 'RoleAlias', { roleAliasName: name, role: this.role });
  }

  private makeCaptureBucket(name: string, managed: boolean, removalPolicy?: RemovalPolicy): CaptureBucket {
    return new CaptureBucket(this, 'CaptureBucket', {
      bucketName: managed ? `sagemaker-edge-${shortHash(name)}-${Aws.ACCOUNT_ID}-${Aws.REGION}` : undefined,
      removalPolicy,
    });
  }
}

function fleetArn(scope: Construct, deviceFleetName: string): string {
  return Stack.of(scope).formatArn({ service: 'sagemaker', resource: 'device-fleet', resourceName: deviceFleetName });
}
