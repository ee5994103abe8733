import type { aws_iot as iot } from 'aws-cdk-lib';
import { Resource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ICaptureBucket } from '../capture/capture-bucket';
import { claimName } from '../private/physical-names';
import { literalThingName } from '../private/thing-name';
import { ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import type { DeviceCertificateOptions, IDeviceCertificate } from './device-certificate';
import { DeviceCertificate } from './device-certificate';
import type { IEdgeDevice } from './edge-device';
import type { IRoleAlias } from './role-alias';
import type { IThing } from './thing';
import { Thing } from './thing';

/** What a device is named by. A device and its thing have one name. */
export interface NamedThing {
  /** The given name. */
  readonly deviceName: string | undefined;
  /** The given thing: its name is the device's. */
  readonly thing: IThing | undefined;
  /** The type of a thing that is made. */
  readonly thingType: iot.IThingTypeRef | undefined;
  /** Taken where neither a name nor a thing is given. */
  readonly defaultName: string;
}

/**
 * What devices with Edge Manager and devices without it have in common.
 * @internal
 */
export abstract class EdgeDeviceBase extends Resource implements IEdgeDevice {
  /**
   * The name of the device: its thing's name.
   * @attribute
   */
  public readonly deviceName: string;

  /** The thing. */
  public readonly thing: IThing;

  /** The name of the fleet. */
  public abstract readonly fleetName: string;

  /** The role alias through which the device obtains AWS credentials. */
  public abstract readonly roleAlias: IRoleAlias;

  /** The bucket that the device writes captures to. */
  public abstract readonly captureBucket?: ICaptureBucket;

  private ownCertificate?: DeviceCertificate;

  public constructor(scope: Construct, id: string, naming: NamedThing) {
    super(scope, id);
    const given = naming.thing && (literalThingName(naming.thing) ?? naming.thing.thingName);
    const name = given ?? naming.deviceName ?? naming.defaultName;
    if (naming.deviceName !== undefined && naming.deviceName !== name) {
      throw new ValidationError(this, `deviceName must be the name of its thing, '${name}', got '${naming.deviceName}'`);
    }
    validateText(this, 'deviceName', name, ENTITY_NAME);
    claimName(this, 'device', name);
    this.deviceName = name;
    this.thing = naming.thing ?? new Thing(this, 'Thing', { thingName: name, thingType: naming.thingType });
  }

  /** The certificate of the device. Undefined until one is added. */
  public get certificate(): IDeviceCertificate | undefined {
    return this.ownCertificate;
  }

  /** Add a certificate to the device, for its thing and its role alias alone. A device has at most one. */
  public addCertificate(options: DeviceCertificateOptions = {}): DeviceCertificate {
    if (this.ownCertificate) {
      throw new ValidationError(this, `addCertificate may be called once, device '${this.deviceName}' has a certificate`);
    }
    this.ownCertificate = new DeviceCertificate(this, 'Certificate', { ...options, thing: this.thing, roleAlias: this.roleAlias });
    return this.ownCertificate;
  }
}
