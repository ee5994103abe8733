import {
  AddTagsCommand, DeleteTagsCommand, DeregisterDevicesCommand, DescribeDeviceCommand, RegisterDevicesCommand,
  SageMakerClient, UpdateDevicesCommand, type Device,
} from '@aws-sdk/client-sagemaker';
import { FLEET_NOT_FOUND } from './device-fleet';
import { isNamed, optionalText, record, tagChanges, tags, text, type Outcome, type Properties, type ResourceHandler } from './resource';

const DEVICE_NOT_FOUND = /No device with name|Device with name/i;

/**
 * AWS::SageMaker::Device. Its `Ref` is the fleet's name, as on AWS, so all devices of a fleet have one physical id;
 * which device is meant is in the properties. A new device name or fleet is therefore no replacement to CloudFormation:
 * the update registers the new device and takes the old one away.
 */
export class DeviceHandler implements ResourceHandler {
  private readonly sageMaker = new SageMakerClient();

  public async create(properties: Properties): Promise<Outcome> {
    const { DeviceFleetName, device } = read(properties);
    if (await this.arn(DeviceFleetName, device.DeviceName) !== undefined) {
      throw new Error(`the device ${device.DeviceName} is already registered in the fleet ${DeviceFleetName}`);
    }
    const given = tags(properties);
    await this.sageMaker.send(new RegisterDevicesCommand({
      DeviceFleetName,
      Devices: [device],
      ...(given.length > 0 ? { Tags: given } : {}),
    }));
    return { physicalId: DeviceFleetName };
  }

  public async update(physicalId: string, properties: Properties, old: Properties): Promise<Outcome> {
    const [now, before] = [read(properties), read(old)];
    if (now.DeviceFleetName !== before.DeviceFleetName) { // another physical id: a Delete follows
      return this.create(properties);
    }
    if (now.device.DeviceName !== before.device.DeviceName) {
      if (await this.arn(now.DeviceFleetName, now.device.DeviceName) === undefined) {
        await this.create(properties);
      }
      await this.deregister(before.DeviceFleetName, before.device.DeviceName);
      return { physicalId };
    }
    await this.sageMaker.send(new UpdateDevicesCommand({ DeviceFleetName: now.DeviceFleetName, Devices: [now.device] }));
    const { set, removed } = tagChanges(properties, old);
    if (set.length > 0 || removed.length > 0) {
      const ResourceArn = await this.arn(now.DeviceFleetName, now.device.DeviceName);
      if (set.length > 0) {
        await this.sageMaker.send(new AddTagsCommand({ ResourceArn, Tags: set }));
      }
      if (removed.length > 0) {
        await this.sageMaker.send(new DeleteTagsCommand({ ResourceArn, TagKeys: removed }));
      }
    }
    return { physicalId };
  }

  public async delete(_physicalId: string, properties: Properties): Promise<void> {
    const { DeviceFleetName, device } = read(properties);
    await this.deregister(DeviceFleetName, device.DeviceName);
  }

  private async deregister(DeviceFleetName: string, name: string): Promise<void> {
    try {
      await this.sageMaker.send(new DeregisterDevicesCommand({ DeviceFleetName, DeviceNames: [name] }));
    } catch (error) {
      if (!isNamed(error, 'ValidationException', FLEET_NOT_FOUND) && !isNamed(error, 'ValidationException', DEVICE_NOT_FOUND)) {
        throw error;
      }
    }
  }

  private async arn(DeviceFleetName: string, DeviceName: string): Promise<string | undefined> {
    try {
      return (await this.sageMaker.send(new DescribeDeviceCommand({ DeviceFleetName, DeviceName }))).DeviceArn;
    } catch (error) {
      if (isNamed(error, 'ValidationException', DEVICE_NOT_FOUND) || isNamed(error, 'ResourceNotFound')) {
        return undefined;
      }
      throw error;
    }
  }
}

function read(properties: Properties): { readonly DeviceFleetName: string; readonly device: Device & { DeviceName: string } } {
  const device = record(properties, 'Device');
  const description = optionalText(device, 'Description');
  const thing = optionalText(device, 'IotThingName');
  return {
    DeviceFleetName: text(properties, 'DeviceFleetName'),
    device: {
      DeviceName: text(device, 'DeviceName'),
      ...(description === undefined ? {} : { Description: description }), ...(thing === undefined ? {} : { IotThingName: thing }),
    },
  };
}
