import type { aws_iot as iot } from 'aws-cdk-lib';
import { Resource, Token } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import type { ICaptureBucket } from '../capture/capture-bucket';
import { literalThingName } from '../private/thing-name';
import { deviceName } from '../private/naming';
import { childOf, ENTITY_NAME, validateText } from '../private/validation';
import type { IDeviceCertificate } from './device-certificate';
import { EdgeDeviceBase } from './edge-device-base';
import { IdentityProvider } from './private/provider';
import type { IRoleAlias } from './role-alias';
import type { IThing } from './thing';

/** A device that models can be deployed to: a thing with a role alias, in a fleet. */
export interface IEdgeDevice extends IConstruct {
  /** The name of the device: its thing's name. */
  readonly deviceName: string;

  /** The thing. */
  readonly thing: IThing;

  /** The name of the fleet, which is part of where its captures are. */
  readonly fleetName: string;

  /** The role alias through which the device obtains AWS credentials. */
  readonly roleAlias: IRoleAlias;

  /**
   * The certificate with which the device authenticates itself.
   * @default - none was added yet
   */
  readonly certificate?: IDeviceCertificate;

  /**
   * The bucket that the device writes captures to.
   * @default - captures go to the device's own disk or nowhere
   */
  readonly captureBucket?: ICaptureBucket;
}

/** Attributes of an existing device. */
export interface EdgeDeviceAttributes {
  /** The thing: its name is the device's. */
  readonly thing: IThing;

  /** The name of the fleet: 1 to 63 letters, digits and hyphens. */
  readonly fleetName: string;

  /** The role alias through which the device obtains AWS credentials. */
  readonly roleAlias: IRoleAlias;

  /**
   * The certificate with which the device authenticates itself.
   *
   * @default - the certificate is not known here
   */
  readonly certificate?: IDeviceCertificate;

  /**
   * The bucket that the device writes captures to.
   *
   * @default - no capture to S3
   */
  readonly captureBucket?: ICaptureBucket;
}

/** Properties of an `EdgeDevice`. */
export interface EdgeDeviceProps {
  /**
   * The name of the fleet: 1 to 63 letters, digits and hyphens. Without Edge Manager a fleet is only this name. It is part of the
   * prefix of captures, and of the default names of devices.
   */
  readonly fleetName: string;

  /** The role alias through which the device obtains AWS credentials. */
  readonly roleAlias: IRoleAlias;

  /**
   * The name of the device: 1 to 63 letters, digits and hyphens. It is the thing's name too. A change of the name replaces the device.
   *
   * @default - the thing's name, or else the fleet's name and the construct's id
   */
  readonly deviceName?: string;

  /**
   * The thing of the device.
   *
   * @default - a thing with the device's name is created
   */
  readonly thing?: IThing;

  /**
   * The type of the thing that is created.
   *
   * @default - the thing has no type
   */
  readonly thingType?: iot.IThingTypeRef;

  /**
   * The bucket that the device writes captures to. The role of the role alias must have write access: see
   * `DeviceRoleProps.captureBucket`.
   *
   * @default - no capture to S3
   */
  readonly captureBucket?: ICaptureBucket;
}

/** Defines a device without Edge Manager, which works on AWS today. */
export class EdgeDevice extends EdgeDeviceBase {
  /** Import an existing device. */
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
    if (!Token.isUnresolved(props.fleetName)) {
      IdentityProvider.shareRightsByName(scope, `${props.fleetName}-`); // the default names of its devices
    }
    super(scope, id, {
      deviceName: props.deviceName, thing: props.thing, thingType: props.thingType, defaultName: deviceName(scope, props.fleetName, id),
    });
    this.fleetName = props.fleetName;
    this.roleAlias = props.roleAlias;
    this.captureBucket = props.captureBucket;
  }
}
