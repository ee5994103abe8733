import {
  AddTagsCommand, CreateDeviceFleetCommand, DeleteDeviceFleetCommand, DeleteTagsCommand, DeregisterDevicesCommand,
  DescribeDeviceCommand, DescribeDeviceFleetCommand, GetDeviceFleetReportCommand,
  ListDeviceFleetsCommand, ListDevicesCommand, ListTagsCommand, RegisterDevicesCommand, UpdateDeviceFleetCommand, UpdateDevicesCommand,
} from '@aws-sdk/client-sagemaker';
import { GetDeploymentsCommand, GetDeviceRegistrationCommand, SendHeartbeatCommand } from '@aws-sdk/client-sagemaker-edge';

import type { Fixture } from './fakes';
import { ROLE, arn, startFixture } from './fakes';
import { containing, matching } from './requests';

const aliases: string[] = [];
let refuseAlias = false;
let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({}, {
    ensure: (name, roleArn) => {
      if (refuseAlias) {
        return Promise.reject(new Error(`${roleArn} is not authorized to perform: iot:CreateRoleAlias`));
      }
      aliases.push(name);
      return Promise.resolve(`arn:aws:iot:us-east-1:000000000000:rolealias/${name}`);
    },
  });
});
afterAll(() => fixture.close());

const OutputConfig = { S3OutputLocation: 's3://captures/data' };
const named = (DeviceFleetName: string): { DeviceFleetName: string; OutputConfig: typeof OutputConfig; RoleArn: string } => ({
  DeviceFleetName,
  OutputConfig,
  RoleArn: ROLE,
});
async function fleet(name: string, ...devices: readonly string[]): Promise<void> {
  await fixture.root.send(new CreateDeviceFleetCommand(named(name)));
  if (devices.length > 0) {
    await fixture.root.send(new RegisterDevicesCommand({ DeviceFleetName: name, Devices: devices.map((DeviceName) => ({ DeviceName })) }));
  }
}
const device = (DeviceFleetName: string, DeviceName: string): {
  DeviceFleetName: string;
  DeviceName: string;
} => ({ DeviceFleetName, DeviceName });
const aliasOf = async (name: string): Promise<string | undefined> => (await fixture.root.send(
  new DescribeDeviceFleetCommand({ DeviceFleetName: name }),
)).IotRoleAlias;

test('a fleet is described as it was created, with its role alias', async () => {
  await fixture.root.send(new CreateDeviceFleetCommand({ ...named('described'), Description: 'all of it' }));
  expect(await fixture.root.send(new DescribeDeviceFleetCommand({ DeviceFleetName: 'described' }))).toMatchObject({
    ...named('described'),
    Description: 'all of it',
    DeviceFleetArn: arn('device-fleet/described'),
    IotRoleAlias: 'arn:aws:iot:us-east-1:000000000000:rolealias/SageMakerEdge-described',
  });
  expect(aliases).toContain('SageMakerEdge-described');
});

test('no alias is made when the request says so, and one when an update says so', async () => {
  await fixture.root.send(new CreateDeviceFleetCommand({ ...named('without'), EnableIotRoleAlias: false }));
  expect(await aliasOf('without')).toBeUndefined();
  await fixture.root.send(new UpdateDeviceFleetCommand({ ...named('without'), EnableIotRoleAlias: true }));
  expect(await aliasOf('without')).toMatch(/rolealias\/SageMakerEdge-without$/);
});

test('a role that may not make the alias fails the fleet', async () => {
  refuseAlias = true;
  const failed = fixture.root.send(new CreateDeviceFleetCommand(named('refused')));
  await expect(failed).rejects.toMatchObject({ name: 'ValidationException', message: containing('iot:CreateRoleAlias') });
  refuseAlias = false;
  await expect(aliasOf('refused')).rejects.toThrow('No devicefleet with name refused was found');
});

test('an update keeps what it does not name', async () => {
  await fixture.root.send(new CreateDeviceFleetCommand({ ...named('updated'), Description: 'before' }));
  await fixture.root.send(new UpdateDeviceFleetCommand({
    DeviceFleetName: 'updated',
    OutputConfig: { S3OutputLocation: 's3://captures/else' },
  }));
  expect(await fixture.root.send(new DescribeDeviceFleetCommand({ DeviceFleetName: 'updated' }))).toMatchObject({
    Description: 'before',
    RoleArn: ROLE,
    OutputConfig: { S3OutputLocation: 's3://captures/else' },
  });
});

test('a name is taken as long as the fleet exists, and the devices of a fleet go with it', async () => {
  await fleet('held', 'one', 'two');
  await expect(fleet('held')).rejects.toMatchObject({ name: 'ResourceInUse' });
  await fixture.root.send(new DeleteDeviceFleetCommand({ DeviceFleetName: 'held' }));
  await fleet('held');
  await expect(fixture.root.send(new DescribeDeviceCommand(device('held', 'one')))).rejects.toThrow('No device with name one');
});

test('what does not exist is a ValidationException with the service\'s texts', async () => {
  await fleet('there', 'device');
  const absent = { DeviceFleetName: 'absent' };
  const refused: readonly (readonly [() => Promise<unknown>, string])[] = [
    [() => fixture.root.send(new DescribeDeviceFleetCommand(absent)), 'No devicefleet with name absent'],
    [() => fixture.root.send(new UpdateDeviceFleetCommand({ ...absent, OutputConfig })), 'No devicefleet with name absent'],
    [() => fixture.root.send(new DeleteDeviceFleetCommand(absent)), 'DeviceFleet with name absent'],
    [() => fixture.root.send(new DescribeDeviceCommand(device('absent', 'd'))), 'No device fleet with name absent'],
    [() => fixture.root.send(new RegisterDevicesCommand({ ...absent, Devices: [{ DeviceName: 'd' }] })), 'No device fleet with name absent'],
    [() => fixture.root.send(new DescribeDeviceCommand(device('there', 'd'))), 'No device with name d'],
    [
      () => fixture.root.send(new UpdateDevicesCommand({ DeviceFleetName: 'there', Devices: [{ DeviceName: 'd' }] })),
      'No device with name d',
    ],
    [() => fixture.root.send(new DeregisterDevicesCommand({ DeviceFleetName: 'there', DeviceNames: ['device', 'd'] })), 'Device with name d'],
  ];
  for (const [send, message] of refused) {
    await expect(send()).rejects.toMatchObject({ name: 'ValidationException', message: containing(message) });
  }
  await expect(fixture.root.send(new DescribeDeviceCommand(device('there', 'device')))).resolves.toBeDefined(); // all or none is deregistered
});

test('a device is registered once, described and updated', async () => {
  await fleet('devices', 'camera');
  await expect(fixture.root.send(new RegisterDevicesCommand({ DeviceFleetName: 'devices', Devices: [{ DeviceName: 'camera' }] })))
    .rejects.toMatchObject({ name: 'ValidationException', message: 'Device camera is already registered in fleet devices' });
  await fixture.root.send(new UpdateDevicesCommand({
    DeviceFleetName: 'devices',
    Devices: [{ DeviceName: 'camera', Description: 'front door', IotThingName: 'camera' }],
  }));
  const described = await fixture.root.send(new DescribeDeviceCommand(device('devices', 'camera')));
  expect(described).toMatchObject({
    ...device('devices', 'camera'),
    DeviceArn: arn('device-fleet/devices/device/camera'),
    Description: 'front door',
    IotThingName: 'camera',
  });
  expect(described.RegistrationTime).toBeInstanceOf(Date);
  expect(described.LatestHeartbeat).toBeUndefined();
});

test('a heartbeat shows in the device, in the list and in the report', async () => {
  await fleet('beating', 'awake', 'asleep');
  const LatestInference = new Date('2026-11-01T12:00:00Z');
  await fixture.device.send(new SendHeartbeatCommand({
    ...device('beating', 'awake'),
    AgentVersion: '1.2',
    Models: [{ ModelName: 'adder', ModelVersion: '1.0', LatestInference }],
  }));

  expect(await fixture.root.send(new DescribeDeviceCommand(device('beating', 'awake'))))
    .toMatchObject({ AgentVersion: '1.2', Models: [{ ModelName: 'adder', ModelVersion: '1.0', LatestInference }] });
  const { DeviceSummaries = [] } = await fixture.root.send(new ListDevicesCommand({
    DeviceFleetName: 'beating',
    ModelName: 'adder',
    LatestHeartbeatAfter: new Date(Date.now() - 60_000),
  }));
  expect(DeviceSummaries.map((summary) => [summary.DeviceName, summary.Models])).toEqual([[
    'awake',
    [{ ModelName: 'adder', ModelVersion: '1.0' }],
  ]]);
  expect(await fixture.root.send(new GetDeviceFleetReportCommand({ DeviceFleetName: 'beating' }))).toMatchObject({
    DeviceFleetArn: arn('device-fleet/beating'), OutputConfig, DeviceStats: { ConnectedDeviceCount: 1, RegisteredDeviceCount: 2 },
    AgentVersions: [{ Version: '1.2', AgentCount: 1 }],
    ModelStats: [{
      ModelName: 'adder',
      ModelVersion: '1.0',
      ConnectedDeviceCount: 1,
      OfflineDeviceCount: 0,
      ActiveDeviceCount: 1,
      SamplingDeviceCount: 0,
    }],
  });
});

test('a device asks for its registration and for deployments, of which there are none', async () => {
  await fleet('runtime', 'device');
  expect(await fixture.device.send(new GetDeviceRegistrationCommand(device('runtime', 'device'))))
    .toMatchObject({ DeviceRegistration: containing(arn('device-fleet/runtime/device/device')), CacheTTL: matching(/^\d+$/) });
  expect(await fixture.device.send(new GetDeploymentsCommand(device('runtime', 'device')))).toMatchObject({ Deployments: [] });
  await expect(
    fixture.device.send(new GetDeviceRegistrationCommand(device('runtime', 'other'))),
  ).rejects.toMatchObject({ name: 'ValidationException' });
  expect(fixture.log.at(-1)).toMatchObject({ service: 'Sagemaker Edge', operation: 'GetDeviceRegistration', error: 'ValidationException' });
});

test('tags are kept for whatever exists', async () => {
  const ResourceArn = arn('device-fleet/tagged');
  await fixture.root.send(new CreateDeviceFleetCommand({ ...named('tagged'), Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }] }));
  expect(await fixture.root.send(new AddTagsCommand({ ResourceArn, Tags: [{ Key: 'a', Value: '3' }] }))).toMatchObject({
    Tags: [{ Key: 'a', Value: '3' }, { Key: 'b', Value: '2' }],
  });
  await fixture.root.send(new DeleteTagsCommand({ ResourceArn, TagKeys: ['b'] }));
  expect(await fixture.root.send(new ListTagsCommand({ ResourceArn }))).toMatchObject({ Tags: [{ Key: 'a', Value: '3' }] });
  await fixture.root.send(new DeleteDeviceFleetCommand({ DeviceFleetName: 'tagged' }));
  await expect(fixture.root.send(new ListTagsCommand({ ResourceArn }))).rejects.toThrow(`Could not find resource: ${ResourceArn}`);
});

test('a list of fleets is filtered and sorted', async () => {
  await fleet('sorted-b');
  await fleet('sorted-a');
  const { DeviceFleetSummaries = [] } = await fixture.root.send(new ListDeviceFleetsCommand({ NameContains: 'sorted', SortBy: 'NAME' }));
  expect(DeviceFleetSummaries.map((summary) => summary.DeviceFleetArn)).toEqual([
    arn('device-fleet/sorted-a'), arn('device-fleet/sorted-b'),
  ]);
});
