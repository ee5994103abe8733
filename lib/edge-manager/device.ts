import { aws_sagemaker as sagemaker, Resource, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ICaptureBucket } from '../capture/capture-bucket';
import type { IDeviceCertificate } from '../identity/device-certificate';
import type { IEdgeDevice } from '../identity/edge-device';
import { EdgeDeviceBase } from '../identity/edge-device-base';
import type { IRoleAlias } from '../identity/role-alias';
import type { IThing } from '../identity/thing';
import { Thing } from '../identity/thing';
import { identifyBy } from '../identity/private/logical-ids';
import { deviceName, shortHash } from '../private/naming';
import type { TextRule } from '../private/validation';
import { ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import type { IDeviceFleet } from './device-fleet';
import { validateEdgeRegion } from './service-retired';

const DESCRIPTION: TextRule = { min: 1, max: 40, pattern: /^[-a-zA-Z0-9_.,;:! ]*$/, wanted: 'letters, digits, blanks and - _ . , ; : !' };
const TAG_VALUE: TextRule = {
  min: 1,
  max: 256,
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
  wanted: 'letters, digits, blanks and _ . : / = + - @',
};

/** What a device is, as tags that people search a fleet by. Nothing reads them to choose a model. */
export interface DevicePlatform {
  /**
   * The operating system, as `linux`.
   *
   * @default - no tag `os`
   */
  readonly os?: string;

  /**
   * The processor architecture, as `x86_64`.
   *
   * @default - no tag `arch`
   */
  readonly arch?: string;

  /**
   * The accelerator, as `nvidia`.
   *
   * @default - no tag `accelerator`
   */
  readonly accelerator?: string;
}

/** Options for a device of a fleet. */
export interface DeviceOptions {
  /**
   * The name of the device: 1 to 63 letters, digits and hyphens. It is the thing's name too. A change of the name replaces the device:
   * the old one is deregistered.
   *
   * @default - the thing's name, or else the fleet's name and the construct's id
   */
  readonly deviceName?: string;

  /**
   * The thing of the device.
   *
   * @default - a thing with the device's name and the fleet's thing type is created
   */
  readonly thing?: IThing;

  /**
   * The description of the device: 1 to 40 letters, digits, blanks and `- _ . , ; : !`.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * What the device is, as tags `os`, `arch` and `accelerator`. Other tags: `Tags.of(device)`.
   *
   * @default - no such tags
   */
  readonly platform?: DevicePlatform;
}

/** Properties of a `Device`. */
export interface DeviceProps extends DeviceOptions {
  /** The fleet that the device is registered in. */
  readonly deviceFleet: IDeviceFleet;
}

/** Attributes of an existing device. */
export interface DeviceAttributes {
  /** The name of the device, which is its thing's name. */
  readonly deviceName: string;

  /** The fleet that the device is registered in. */
  readonly deviceFleet: IDeviceFleet;

  /**
   * The certificate with which the device authenticates itself.
   *
   * @default - the certificate is not known here
   */
  readonly certificate?: IDeviceCertificate;
}

/**
 * Defines a device of an Edge Manager fleet: a thing and a registration of one name.
 *
 * A registration is never renamed or moved in place: CloudFormation knows it by its fleet's name alone. So a change of the name or the
 * fleet creates another resource, and the old one is deregistered.
 */
export class Device extends EdgeDeviceBase {
  /** Import an existing device of its fleet's account and region. */
  public static fromDeviceAttributes(scope: Construct, id: string, attrs: DeviceAttributes): IEdgeDevice {
    validateText(scope, 'deviceName', attrs.deviceName, ENTITY_NAME);
    const { account, region } = attrs.deviceFleet.env;
    class Import extends Resource implements IEdgeDevice {
      public readonly deviceName = attrs.deviceName;
      public readonly thing = Thing.fromThingArn(this, 'Thing', Stack.of(scope).formatArn({
        service: 'iot', resource: 'thing', resourceName: attrs.deviceName, account, region,
      }));
      public readonly fleetName = attrs.deviceFleet.deviceFleetName;
      public readonly roleAlias = attrs.deviceFleet.roleAlias;
      public readonly captureBucket = attrs.deviceFleet.captureBucket;
      public readonly certificate = attrs.certificate;
    }
    return new Import(scope, id, { account, region });
  }

  public readonly fleetName: string;
  public readonly roleAlias: IRoleAlias;
  public readonly captureBucket?: ICaptureBucket;

  public constructor(scope: Construct, id: string, props: DeviceProps) {
    const fleet = props.deviceFleet;
    const fleetName = literalFleetName(fleet);
    super(scope, id, {
      deviceName: props.deviceName, thing: props.thing, thingType: fleet.thingType, defaultName: deviceName(scope, fleetName, id),
    });
    validateEdgeRegion(this);
    this.validateEnvironment(fleet);
    validateText(this, 'description', props.description, DESCRIPTION);
    this.fleetName = fleet.deviceFleetName;
    this.roleAlias = fleet.roleAlias;
    this.captureBucket = fleet.captureBucket;

    const identity = [fleetName ?? fleet.node.addr, Token.isUnresolved(this.deviceName) ? this.thing.node.addr : this.deviceName];
    const resource = new sagemaker.CfnDevice(this, `Resource${shortHash(identity.join('/'))}`, {
      deviceFleetName: fleet.deviceFleetName,
      device: { deviceName: this.deviceName, description: props.description, iotThingName: this.thing.thingName },
    });
    this.node.defaultChild = resource;
    identifyBy(resource, 'DeviceRegistration', fleetName, this.deviceName);
    this.tag(resource, { ...props.platform });
  }

  /** A registration names its fleet without account and region. */
  private validateEnvironment({ env }: IDeviceFleet): void {
    for (const what of ['region', 'account'] as const) {
      const [wanted, got] = [env[what], this.env[what]];
      if (!Token.isUnresolved(wanted) && !Token.isUnresolved(got) && wanted !== got) {
        throw new ValidationError(this, `a device must be in the ${what} of its fleet, ${wanted}, got a stack in ${got}`);
      }
    }
  }

  private tag(resource: sagemaker.CfnDevice, platform: DevicePlatform): void {
    const tags = { os: platform.os, arch: platform.arch, accelerator: platform.accelerator };
    for (const [key, value] of Object.entries(tags)) {
      validateText(this, `platform.${key}`, value, TAG_VALUE);
      if (value !== undefined) {
        resource.tags.setTag(key, value);
      }
    }
  }
}

/** The name that a fleet has in the template, where it is known at synth. */
function literalFleetName(fleet: IDeviceFleet): string | undefined {
  const resource = fleet.node.defaultChild;
  const name = sagemaker.CfnDeviceFleet.isCfnDeviceFleet(resource) ? resource.deviceFleetName : fleet.deviceFleetName;
  return Token.isUnresolved(name) ? undefined : name;
}
