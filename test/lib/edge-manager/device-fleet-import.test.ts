import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CaptureBucket } from '../../../lib/capture/capture-bucket';
import { DeviceFleet } from '../../../lib/edge-manager/device-fleet';
import { RoleAlias } from '../../../lib/identity/role-alias';
import { ThingType } from '../../../lib/identity/thing-type';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

test('an import by name has the role alias that Edge Manager looks for, and warns of nothing', () => {
  const fleet = DeviceFleet.fromDeviceFleetName(stack, 'Fleet', 'shop');
  expect(fleet.deviceFleetName).toBe('shop');
  expect(fleet.roleAlias.roleAliasName).toBe('SageMakerEdge-shop');
  expect([fleet.thingType, fleet.captureBucket]).toEqual([undefined, undefined]);
  Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
});

test('an import by ARN is in the ARN\'s account and region, and so is its role alias', () => {
  const fleet = DeviceFleet.fromDeviceFleetArn(stack, 'Fleet', 'arn:aws:sagemaker:eu-west-1:111122223333:device-fleet/shop');
  expect(fleet.deviceFleetName).toBe('shop');
  expect(fleet.env).toEqual({ account: '111122223333', region: 'eu-west-1' });
  expect(fleet.roleAlias.env).toEqual({ account: '111122223333', region: 'eu-west-1' });
});

test('an import has what its attributes say', () => {
  const attrs = {
    roleAlias: RoleAlias.fromRoleAliasName(stack, 'Alias', 'mine'), thingType: ThingType.fromThingTypeName(stack, 'Type', 'cameras'),
    captureBucket: CaptureBucket.fromBucketName(stack, 'Captures', 'captures'),
  };
  expect(DeviceFleet.fromDeviceFleetAttributes(stack, 'Fleet', { deviceFleetName: 'shop', ...attrs })).toMatchObject(attrs);
});

test('an import fails when the name cannot be one', () => {
  expect(() => DeviceFleet.fromDeviceFleetName(stack, 'Fleet', 'my_shop')).toThrow("got 'my_shop'");
});

test('a device can be added to an import', () => {
  DeviceFleet.fromDeviceFleetAttributes(stack, 'Fleet', {
    deviceFleetName: 'shop', thingType: ThingType.fromThingTypeName(stack, 'Type', 'cameras'),
  }).addDevice('Camera');
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::SageMaker::Device', { DeviceFleetName: 'shop', Device: { DeviceName: 'shop-Camera' } });
  template.hasResourceProperties('Custom::SageMakerEdge-ThingTypeMembership', { ThingTypeName: 'cameras' });
});

test('a device can be added from another stack, which then depends on the fleet\'s', () => {
  const app = new App();
  const owner = new Stack(app, 'Owner');
  const other = new Stack(app, 'Other');
  const fleet = new DeviceFleet(owner, 'Fleet', { deviceFleetName: 'shop' });
  DeviceFleet.fromDeviceFleetAttributes(other, 'Fleet', {
    deviceFleetName: fleet.deviceFleetName, roleAlias: fleet.roleAlias, thingType: fleet.thingType, captureBucket: fleet.captureBucket,
  }).addDevice('Camera', { deviceName: 'camera' });
  Template.fromStack(other).hasResourceProperties('AWS::SageMaker::Device', {
    DeviceFleetName: { 'Fn::ImportValue': Match.stringLikeRegexp('Owner:ExportsOutputRefDeviceFleet') }, Device: { DeviceName: 'camera' },
  });
  expect(other.dependencies).toEqual([owner]);
});

test('a fleet is known by its literal name in another region', () => {
  const app = new App();
  const owner = new Stack(app, 'Owner', { env: { account: '111122223333', region: 'eu-west-1' } });
  const other = new Stack(app, 'Other', { env: { account: '111122223333', region: 'us-east-1' } });
  const fleet = new DeviceFleet(owner, 'Fleet', { deviceFleetName: 'shop' });
  new CfnOutput(other, 'Name', { value: fleet.deviceFleetName });
  new CfnOutput(other, 'Alias', { value: fleet.roleAlias.roleAliasArn });
  const template = Template.fromStack(other);
  template.hasOutput('Name', { Value: 'shop' });
  template.hasOutput('Alias', {
    Value: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith([':iot:eu-west-1:111122223333:rolealias/SageMakerEdge-shop'])] }),
  });
});
