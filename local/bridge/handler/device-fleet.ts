import {
  AddTagsCommand, CreateDeviceFleetCommand, DeleteDeviceFleetCommand, DeleteTagsCommand, DescribeDeviceFleetCommand,
  SageMakerClient, UpdateDeviceFleetCommand,
  type EdgeOutputConfig,
} from '@aws-sdk/client-sagemaker';
import { ignoring, optionalText, record, tagChanges, tags, text, type Outcome, type Properties, type ResourceHandler } from './resource';

/** AWS::SageMaker::DeviceFleet. */
export class DeviceFleetHandler implements ResourceHandler {
  private readonly sageMaker = new SageMakerClient();

  public async create(properties: Properties): Promise<Outcome> {
    const name = text(properties, 'DeviceFleetName');
    const given = tags(properties);
    await this.sageMaker.send(new CreateDeviceFleetCommand({ ...settings(properties), ...(given.length > 0 ? { Tags: given } : {}) }));
    return { physicalId: name };
  }

  public async update(physicalId: string, properties: Properties, old: Properties): Promise<Outcome> {
    if (text(properties, 'DeviceFleetName') !== physicalId) {
      return this.create(properties);
    }
    await this.sageMaker.send(new UpdateDeviceFleetCommand(settings(properties)));
    const { set, removed } = tagChanges(properties, old);
    if (set.length > 0 || removed.length > 0) {
      const { DeviceFleetArn: ResourceArn } = await this.sageMaker.send(new DescribeDeviceFleetCommand({ DeviceFleetName: physicalId }));
      if (set.length > 0) {
        await this.sageMaker.send(new AddTagsCommand({ ResourceArn, Tags: set }));
      }
      if (removed.length > 0) {
        await this.sageMaker.send(new DeleteTagsCommand({ ResourceArn, TagKeys: removed }));
      }
    }
    return { physicalId };
  }

  public async delete(physicalId: string): Promise<void> {
    const call = async (): Promise<unknown> => this.sageMaker.send(new DeleteDeviceFleetCommand({ DeviceFleetName: physicalId }));
    await ignoring('ValidationException', call, FLEET_NOT_FOUND);
  }
}

/** SageMaker has no error of its own for a fleet that is not there. */
export const FLEET_NOT_FOUND = /No device ?fleet with name|Device ?Fleet with name/i;

/** `EnableIotRoleAlias` is left out, as CloudFormation's handler does, which has no such property. */
function settings(properties: Properties): {
  DeviceFleetName: string;
  RoleArn: string;
  Description?: string;
  OutputConfig: EdgeOutputConfig;
} {
  const output = record(properties, 'OutputConfig');
  const description = optionalText(properties, 'Description');
  const key = optionalText(output, 'KmsKeyId');
  return {
    DeviceFleetName: text(properties, 'DeviceFleetName'), RoleArn: text(properties, 'RoleArn'),
    OutputConfig: { S3OutputLocation: text(output, 'S3OutputLocation'), ...(key === undefined ? {} : { KmsKeyId: key }) },
    ...(description === undefined ? {} : { Description: description }),
  };
}
