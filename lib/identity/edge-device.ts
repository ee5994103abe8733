import type { aws_iot as iot } from 'aws-cdk-lib';
import { Resource } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import type { ICaptureBucket } from '../capture/capture-bucket';
import { literalThingName } from '../private/thing-name';
import { deviceName } from '../private/naming';
import { childOf, ENTITY_NAME, validateText } from '../private/validation';
import type { IDeviceCertificate } from './device-certificate';
import { EdgeDeviceBase } from './edge-device-base';
import type { IRoleAlias } from './role-alias';
import type { IThing } from './thing';

/** A device that models can be brought to: a thing with a role alias, in a fleet, with a certificate once it has one. */
export interface IEdgeDevice extends IConstruct {
  /** The name of the device: its thing's name. */
  readonly deviceName: string;

  /** The thing. */
  readonly thing: IThing;

  /** The name of the fleet, which is part of where its captures are. */
  readonly fleetName: string;

  /** By this the device gets its credentials. */
  readonly roleAlias: IRoleAlias;

  /**
   * By this the device shows who it is.
   * @default - none was added yet
   */
  readonly certificate?: IDeviceCertificate;

  /**
   * Where the device writes what it captures.
   * @default - to its own disk or not at all
   */
  readonly captureBucket?: ICaptureBucket;
}

/** A device made elsewhere. */
export interface EdgeDeviceAttributes {
  /** The thing: its name is the device's. */
  readonly thing: IThing;

  /** The name of the fleet: 1 to 63 letters, digits and hyphens. */
  readonly fleetName: string;

  /** By this the device gets its credentials. */
  readonly roleAlias: IRoleAlias;

  /**
   * By this the device shows who it is.
   *
   * @default - the certificate is not known here
   */
  readonly certificate?: IDeviceCertificate;

  /**
   * Where the device writes what it captures.
   *
   * @default - no capture to S3
   */
  readonly captureBucket?: ICaptureBucket;
}

/** Properties of an `EdgeDevice`. */
export interface EdgeDeviceProps {
  /**
   * The name of the fleet: 1 to 63 letters, digits and hyphens. Without Edge Manager a fleet is no more than this name:
   * it is part of where captures are, and of the default names of devices.
   */
  readonly fleetName: string;

  /** By this the device gets its credentials. */
  readonly roleAlias: IRoleAlias;

  /**
   * The name: 1 to 63 letters, digits and hyphens. It is the thing's name too. Another name is another device.
   *
   * @default - the thing's name, or else the fleet's name and the construct's id
   */
  readonly deviceName?: string;

  /**
   * The thing.
   *
   * @default - one is made, with the device's name
   */
  readonly thing?: IThing;

  /**
   * The type of the thing that is made.
   *
   * @default - the thing has no type
   */
  readonly thingType?: iot.IThingTypeRef;

  /**
   * Where the device writes what it captures. The role behind the role alias must have the right to: see
   * `DeviceRoleProps.captureBucket`.
   *
   * @default - no capture to S3
   */
  readonly captureBucket?: ICaptureBucket;
}

/** Defines a device without Edge Manager: what works on AWS today. */
export class EdgeDevice extends EdgeDeviceBase {
  /** A device made elsewhere. */
  public static fromEdgeDeviceAttributes(scope: Construct, id: string, attrs: EdgeDeviceAttributes): IEdgeDevice {
    validateText(childOf(scope, id), 'fleetName', attrs.fleetName, ENTITY_NAME);
    class Import extends Resource implements IEdgeDevice {
      public readonly deviceName = literalThingName(attrs.thing) ?? attrs.thing.thingName;
      public readonly thing = attrs.thing;
      public readonly fleetName = attrs.fleetName;
      public readonly roleAlias = attrs.roleAlias;
      public readonly certificate = attrs.certificate;
      public readonly captureBucket = attrs.captureBucket;
    }
    return new Import(scope, id);
  }

  public readonly fleetName: string;
  public readonly roleAlias: IRoleAlias;
  public readonly captureBucket?: ICaptureBucket;

  public constructor(scope: Construct, id: string, props: EdgeDeviceProps) {
    validateText(childOf(scope, id), 'fleetName', props.fleetName, ENTITY_NAME);
    super(scope, id, {
      deviceName: props.deviceName, thing: props.thing, thingType: props.thingType, defaultName: deviceName(scope, props.fleetName, id),
    });
    this.fleetName = props.fleetName;
    this.roleAlias = props.roleAlias;
    this.captureBucket = props.captureBucket;
  }
}
