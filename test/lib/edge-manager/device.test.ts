import { App, CfnParameter, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Device } from '../../../lib/edge-manager/device';
import { DeviceFleet } from '../../../lib/edge-manager/device-fleet';
import { Thing } from '../../../lib/identity/thing';

let stack: Stack;
let fleet: DeviceFleet;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
  fleet = new DeviceFleet(stack, 'Fleet', { deviceFleetName: 'shop' });
});

function ids(type: string, of = stack): string[] {
  return Object.keys(Template.fromStack(of).findResources(type));
}

test('a device is a thing and a registration of one name, made of fleet and id', () => {
  expect(fleet.addDevice('Camera').deviceName).toBe('shop-Camera');
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::Thing', { ThingName: 'shop-Camera' });
  template.hasResourceProperties('AWS::SageMaker::Device', {
    DeviceFleetName: { Ref: ids('AWS::SageMaker::DeviceFleet')[0] },
    Device: { DeviceName: 'shop-Camera', IotThingName: { Ref: ids('AWS::IoT::Thing')[0] }, Description: Match.absent() },
    Tags: Match.absent(),
  });
});

test('its thing is of the fleet\'s type', () => {
  fleet.addDevice('Camera');
  Template.fromStack(stack).hasResourceProperties(
    'Custom::SageMakerEdge-ThingTypeMembership',
    { ThingTypeName: { Ref: ids('AWS::IoT::ThingType')[0] } },
  );
});

test('name, description and platform are used, and other tags beside', () => {
  const device = fleet.addDevice('Camera', {
    deviceName: 'door',
    description: 'At the door',
    platform: { os: 'linux', arch: 'x86_64', accelerator: 'nvidia' },
  });
  Tags.of(device).add('site', 'north');
  Template.fromStack(stack).hasResourceProperties('AWS::SageMaker::Device', {
    Device: { DeviceName: 'door', Description: 'At the door' },
    Tags: [
      { Key: 'accelerator', Value: 'nvidia' },
      { Key: 'arch', Value: 'x86_64' },
      { Key: 'os', Value: 'linux' },
      { Key: 'site', Value: 'north' },
    ],
  });
});

test('the given thing is used, and its name', () => {
  const device = fleet.addDevice('Camera', { thing: new Thing(stack, 'Thing', { thingName: 'door' }) });
  expect(device.deviceName).toBe('door');
  Template.fromStack(stack).resourceCountIs('AWS::IoT::Thing', 1);
});

test('it is an edge device of its fleet', () => {
  const device = fleet.addDevice('Camera');
  expect([device.roleAlias, device.captureBucket]).toEqual([fleet.roleAlias, fleet.captureBucket]);
  expect(device.fleetName).toBe(fleet.deviceFleetName);
});

test('its certificate is for the fleet\'s role alias', () => {
  fleet.addDevice('Camera').addCertificate();
  Template.fromStack(stack).hasResourceProperties('AWS::IoT::Policy', { PolicyDocument: { Statement: [
    { Action: 'iot:AssumeRoleWithCertificate', Resource: { 'Fn::GetAtt': [ids('AWS::IoT::RoleAlias')[0], 'RoleAliasArn'] } },
  ] } });
});

describe('a registration is another resource', () => {
  const idsFor = (fleetName: string, deviceName: string, description: string): string[] => {
    const other = new Stack(new App(), 'Demo');
    new DeviceFleet(other, 'Fleet', { deviceFleetName: fleetName }).addDevice('Camera', { deviceName, description });
    return ids('AWS::SageMaker::Device', other);
  };

  test('when the device has another name', () => {
    expect(idsFor('shop', 'one', 'x')).not.toEqual(idsFor('shop', 'two', 'x'));
  });

  test('when the fleet has another name', () => {
    expect(idsFor('shop', 'one', 'x')).not.toEqual(idsFor('store', 'one', 'x'));
  });

  test('but not when the description changes', () => {
    expect(idsFor('shop', 'one', 'x')).toEqual(idsFor('shop', 'one', 'y'));
  });
});

describe('the rights of the handler', () => {
  const rights = (of: Stack): unknown[] => Object.values(Template.fromStack(of).findResources('AWS::IAM::Policy', {
    Properties: { PolicyDocument: { Statement: [{ Action: ['iot:DescribeThing', 'iot:UpdateThing'] }] } },
  }));

  test('are one policy for all devices with default names, owned by the fleet', () => {
    for (const id of ['One', 'Two', 'Three']) {
      fleet.addDevice(id).addCertificate();
    }
    expect(rights(stack)).toHaveLength(1);
    expect(JSON.stringify(rights(stack))).toContain(':thing/shop-*');
  });

  test('are one policy for a device with a name of its own', () => {
    fleet.addDevice('One', { deviceName: 'door' });
    expect(rights(stack)).toHaveLength(1);
    expect(JSON.stringify(rights(stack))).not.toContain('*');
  });
});

test.each([
  [
    'the name has an underscore',
    { deviceName: 'camera_1' },
    "Demo/Fleet/Camera: deviceName must be letters, digits and hyphens, with neither end a hyphen, got 'camera_1'",
  ],
  ['the name is too long', { deviceName: 'x'.repeat(64) }, 'deviceName must have 1 to 63 characters, got 64'],
  ['the description is too long', { description: 'x'.repeat(41) }, 'description must have 1 to 40 characters, got 41'],
  ['the description has a slash', { description: 'a/b' }, "description must be letters, digits, blanks and - _ . , ; : !, got 'a/b'"],
  ['a tag has an asterisk', { platform: { os: '*' } }, "platform.os must be letters, digits, blanks and _ . : / = + - @, got '*'"],
])('fails when %s', (_, options, message) => {
  expect(() => fleet.addDevice('Camera', options)).toThrow(message);
});

test('fails when the name is not the thing\'s', () => {
  expect(() => fleet.addDevice('Camera', { deviceName: 'window', thing: Thing.fromThingName(stack, 'Thing', 'door') }))
    .toThrow("deviceName must be the name of its thing, 'door', got 'window'");
});

test('fails in a region that never had the service', () => {
  const other = new Stack(new App(), 'Demo', { env: { region: 'eu-west-3' } });
  expect(() => DeviceFleet.fromDeviceFleetName(other, 'Fleet', 'shop').addDevice('Camera')).toThrow("got region 'eu-west-3'");
});

test('a name that is a token is taken as it is', () => {
  const { valueAsString } = new CfnParameter(stack, 'Name');
  fleet.addDevice('Camera', { deviceName: valueAsString });
  Template.fromStack(stack).hasResourceProperties('AWS::SageMaker::Device', { Device: { DeviceName: { Ref: 'Name' } } });
});

test('an import is what its attributes say', () => {
  const device = Device.fromDeviceAttributes(stack, 'Camera', { deviceName: 'door', deviceFleet: fleet });
  expect(device.thing.thingName).toBe('door');
  expect([device.fleetName, device.roleAlias, device.captureBucket]).toEqual([fleet.deviceFleetName, fleet.roleAlias, fleet.captureBucket]);
  expect(device.certificate).toBeUndefined();
});

test('an import is in its fleet\'s account and region, and so is its thing', () => {
  const far = DeviceFleet.fromDeviceFleetArn(stack, 'Far', 'arn:aws:sagemaker:us-east-2:444455556666:device-fleet/shop');
  const device = Device.fromDeviceAttributes(stack, 'Camera', { deviceName: 'door', deviceFleet: far });
  expect(device.thing.env).toEqual(far.env);
  expect(stack.resolve(device.thing.thingArn)).toEqual({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iot:us-east-2:444455556666:thing/door']],
  });
});

test('an import fails when the name cannot be one', () => {
  expect(() => Device.fromDeviceAttributes(stack, 'Camera', { deviceName: 'door_1', deviceFleet: fleet })).toThrow("got 'door_1'");
});

test.each([
  [
    'region',
    'arn:aws:sagemaker:us-east-2:111122223333:device-fleet/shop',
    'a device must be in the region of its fleet, us-east-2, got a stack in eu-west-1',
  ],
  [
    'account',
    'arn:aws:sagemaker:eu-west-1:444455556666:device-fleet/shop',
    'a device must be in the account of its fleet, 444455556666, got a stack in 111122223333',
  ],
])('fails when the fleet is in another %s', (_, arn, message) => {
  const other = new Stack(new App(), 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } });
  expect(() => DeviceFleet.fromDeviceFleetArn(other, 'Fleet', arn).addDevice('Camera')).toThrow(message);
});
