import {
  DescribeInstancesCommand, EC2Client, RunInstancesCommand, TerminateInstancesCommand, type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { callDeviceHost } from './device-host';
import { ignoring, optionalText, tags, text, type Outcome, type Properties, type ResourceHandler } from './resource';

/** Properties whose change is another instance. Others change in place, which a machine here does not notice. */
const REPLACING = ['AvailabilityZone', 'BlockDeviceMappings', 'ImageId', 'KeyName', 'SubnetId'];

/** AWS::EC2::Instance: on the emulator's books, and a machine of the device host if its user data makes it a device. */
export class InstanceHandler implements ResourceHandler {
  private readonly ec2 = new EC2Client();

  public async create(properties: Properties): Promise<Outcome> {
    const given = tags(properties);
    const profile = text(properties, 'IamInstanceProfile').split('/').at(-1) ?? ''; // the emulator's Ref is the profile's ARN, on AWS it is the name
    const { Instances: [instance] = [] } = await this.ec2.send(new RunInstancesCommand({
      ImageId: text(properties, 'ImageId'), MinCount: 1, MaxCount: 1, UserData: optionalText(properties, 'UserData'),
      InstanceType: text(properties, 'InstanceType') as RunInstancesCommandInput['InstanceType'],
      SubnetId: optionalText(properties, 'SubnetId'), SecurityGroupIds: texts(properties, 'SecurityGroupIds'),
      IamInstanceProfile: { Name: profile },
      ...given.length > 0 ? { TagSpecifications: [{ ResourceType: 'instance', Tags: given }] } : {},
    }));
    if (instance?.InstanceId === undefined) {
      throw new Error('RunInstances gave no instance');
    }
    try {
      const userData = Buffer.from(optionalText(properties, 'UserData') ?? '', 'base64').toString('utf8');
      await callDeviceHost('PUT', `/machines/${instance.InstanceId}`, { instanceProfile: profile, userData });
    } catch (error) { // the emulator sends no Delete for a create that failed
      await this.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance.InstanceId] }));
      throw error;
    }
    return this.outcome(instance.InstanceId);
  }

  public async update(physicalId: string, properties: Properties, old: Properties): Promise<Outcome> {
    const replaced = REPLACING.some((name) => JSON.stringify(properties[name]) !== JSON.stringify(old[name]));
    return replaced ? this.create(properties) : this.outcome(physicalId);
  }

  public async delete(physicalId: string): Promise<void> {
    await callDeviceHost('DELETE', `/machines/${physicalId}`);
    await ignoring('InvalidInstanceID.NotFound', async () => this.ec2.send(new TerminateInstancesCommand({ InstanceIds: [physicalId] })));
  }

  private async outcome(physicalId: string): Promise<Outcome> {
    const { Reservations: [reservation] = [] } = await this.ec2.send(new DescribeInstancesCommand({ InstanceIds: [physicalId] }));
    const instance = reservation?.Instances?.[0];
    return {
      physicalId,
      attributes: {
        InstanceId: physicalId, AvailabilityZone: instance?.Placement?.AvailabilityZone ?? '', VpcId: instance?.VpcId ?? '',
        PrivateIp: instance?.PrivateIpAddress ?? '', PrivateDnsName: instance?.PrivateDnsName ?? '',
        PublicIp: instance?.PublicIpAddress ?? '', PublicDnsName: instance?.PublicDnsName ?? '',
      },
    };
  }
}

function texts(properties: Properties, name: string): string[] | undefined {
  const value = properties[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}
