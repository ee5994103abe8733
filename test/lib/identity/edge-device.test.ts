import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CaptureBucket } from '../../../lib/capture/capture-bucket';
import { DeviceCertificate } from '../../../lib/identity/device-certificate';
import type { EdgeDeviceProps } from '../../../lib/identity/edge-device';
import { EdgeDevice } from '../../../lib/identity/edge-device';
import { RoleAlias } from '../../../lib/identity/role-alias';
import { Thing } from '../../../lib/identity/thing';
import { ThingType } from '../../../lib/identity/thing-type';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

function make(props: Partial<EdgeDeviceProps> = {}): EdgeDevice {
  return new EdgeDevice(stack, 'Camera', { fleetName: 'shop', roleAlias: RoleAlias.fromRoleAliasName(stack, 'Alias', 'shop'), ...props });
}

test('name and thing are made of fleet and id', () => {
  expect(make().deviceName).toBe('shop-Camera');
  Template.fromStack(stack).hasResourceProperties('AWS::IoT::Thing', { ThingName: 'shop-Camera' });
});

test('the given name and type are used', () => {
  make({ deviceName: 'door', thingType: ThingType.fromThingTypeName(stack, 'Type', 'cameras') });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::Thing', { ThingName: 'door' });
  template.hasResourceProperties('Custom::SageMakerEdge-ThingTypeMembership', { ThingTypeName: 'cameras' });
});

test('the given thing is used, and its name', () => {
  const thing = new Thing(stack, 'Thing', { thingName: 'door' });
  const device = make({ thing });
  expect(device.thing).toBe(thing);
  expect(device.deviceName).toBe('door');
  Template.fromStack(stack).resourceCountIs('AWS::IoT::Thing', 1);
});

test('a thing may be an import, or have a generated name', () => {
  expect(make({ thing: Thing.fromThingName(stack, 'Thing', 'door') }).deviceName).toBe('door');
  const device = new EdgeDevice(stack, 'Other', {
    fleetName: 'shop', roleAlias: RoleAlias.fromRoleAliasName(stack, 'OtherAlias', 'shop'), thing: new Thing(stack, 'Generated'),
  });
  expect(stack.resolve(device.deviceName)).toHaveProperty('Ref');
});

test('fleet, role alias and capture bucket are what was given', () => {
  const captureBucket = new CaptureBucket(stack, 'Captures');
  const device = make({ captureBucket });
  expect(device).toMatchObject({ fleetName: 'shop' });
  expect(device.captureBucket).toBe(captureBucket);
  expect(device.roleAlias.roleAliasName).toBe('shop');
});

test('a certificate is for its thing and its role alias', () => {
  const device = make();
  expect(device.certificate).toBeUndefined();
  const certificate = device.addCertificate();
  expect(device.certificate).toBe(certificate);
  const template = Template.fromStack(stack);
  const [thing = ''] = Object.keys(template.findResources('AWS::IoT::Thing'));
  template.hasResourceProperties('AWS::IoT::ThingPrincipalAttachment', { ThingName: { Ref: thing } });
});

test('fails when a second certificate is added', () => {
  const device = make();
  device.addCertificate();
  expect(() => device.addCertificate()).toThrow("Demo/Camera: addCertificate may be called once, device 'shop-Camera' has a certificate");
});

test.each([
  [
    'the name has an underscore',
    { deviceName: 'door_1' },
    "deviceName must be letters, digits and hyphens, with neither end a hyphen, got 'door_1'",
  ],
  [
    'the fleet has an underscore',
    { fleetName: 'my_shop' },
    "fleetName must be letters, digits and hyphens, with neither end a hyphen, got 'my_shop'",
  ],
])('fails when %s', (_, props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('fails when the name is not the thing\'s', () => {
  expect(() => make({ deviceName: 'window', thing: new Thing(stack, 'Thing', { thingName: 'door' }) }))
    .toThrow("deviceName must be the name of its thing, 'door', got 'window'");
});

test('an import is what its attributes say', () => {
  const attrs = {
    thing: Thing.fromThingName(stack, 'Thing', 'door'), roleAlias: RoleAlias.fromRoleAliasName(stack, 'Alias', 'shop'), fleetName: 'shop',
    certificate: DeviceCertificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:iot:eu-west-1:111122223333:cert/c0ffee'),
    captureBucket: CaptureBucket.fromBucketName(stack, 'Captures', 'captures'),
  };
  const device = EdgeDevice.fromEdgeDeviceAttributes(stack, 'Device', attrs);
  expect(device.deviceName).toBe('door');
  expect([device.thing, device.roleAlias, device.certificate, device.captureBucket]).toEqual([
    attrs.thing, attrs.roleAlias, attrs.certificate, attrs.captureBucket,
  ]);
});

test('an import fails when the fleet cannot be one', () => {
  const attrs = { thing: Thing.fromThingName(stack, 'Thing', 'door'), roleAlias: RoleAlias.fromRoleAliasName(stack, 'Alias', 'shop') };
  expect(() => EdgeDevice.fromEdgeDeviceAttributes(stack, 'Device', { ...attrs, fleetName: '-shop' })).toThrow("got '-shop'");
});
