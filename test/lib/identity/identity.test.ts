import { App, Aws, aws_ec2 as ec2, aws_iam as iam, RemovalPolicies, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { SimulatedCoreDevice } from '../../../lib/device/simulated-core-device';
import { SimulatedDevice } from '../../../lib/device/simulated-device';
import { DeviceFleet } from '../../../lib/edge-manager/device-fleet';
import { GreengrassFleet } from '../../../lib/greengrass/greengrass-fleet';
import { DeviceCertificate } from '../../../lib/identity/device-certificate';
import { EdgeDevice } from '../../../lib/identity/edge-device';
import { RoleAlias, type IRoleAlias } from '../../../lib/identity/role-alias';
import { Thing } from '../../../lib/identity/thing';
import { ThingType } from '../../../lib/identity/thing-type';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}
type Resources = Readonly<Record<string, Resource>>;

/** CDK sorts dependencies by the paths of constructs. CloudFormation does not look at their order. */
function resourcesOf(stack: Stack): Resources {
  const { Resources: resources } = Template.fromStack(stack).toJSON() as { readonly Resources: Resources };
  return Object.fromEntries(Object.entries(resources).map(([id, resource]) => (
    [id, resource.DependsOn === undefined ? resource : { ...resource, DependsOn: [...resource.DependsOn].sort() }]
  )));
}

/** The resources of a stack whose constructs `make` makes: under the name that they have today, and renamed in a construct of their own. */
function beforeAndAfter(make: (scope: Construct, id: string) => void): [Resources, Resources] {
  const [before, after] = [new Stack(new App(), 'Demo'), new Stack(new App(), 'Demo')];
  make(before, 'Camera');
  make(new Construct(new Construct(after, 'Shop'), 'Cameras'), 'Door');
  return [resourcesOf(before), resourcesOf(after)];
}

const ofTypes = (resources: Resources, ...types: readonly RegExp[]): Resources => (
  Object.fromEntries(Object.entries(resources).filter(([, { Type }]) => types.some((type) => type.test(Type))))
);

const alias = (scope: Construct): IRoleAlias => RoleAlias.fromRoleAliasName(scope, 'Alias', 'shop');
const DEVICE = [/^AWS::IoT::/, /^AWS::SecretsManager::/, /^Custom::SageMakerEdge-(Device|Thing)/, /^AWS::SageMaker::Device/];

test('a device with a name is the same in each resource when its construct is renamed and moved', () => {
  const [before, after] = beforeAndAfter((scope, id) => {
    const thingType = ThingType.fromThingTypeName(scope, 'Type', 'cameras');
    new EdgeDevice(scope, id, { fleetName: 'shop', deviceName: 'door', thingType, roleAlias: alias(scope) }).addCertificate();
  });
  expect(Object.values(before).map(({ Type }) => Type)).toEqual(expect.arrayContaining([
    'AWS::IoT::Thing', 'Custom::SageMakerEdge-ThingTypeMembership', 'AWS::SecretsManager::Secret', 'Custom::SageMakerEdge-DeviceKey',
    'AWS::IoT::Certificate', 'Custom::SageMakerEdge-DeviceCertificate', 'AWS::IoT::Policy', 'AWS::IoT::PolicyPrincipalAttachment',
    'AWS::IoT::ThingPrincipalAttachment',
  ]));
  expect(after).toEqual(before);
});

test('a device whose name begins with that of its fleet is the same, with the rights that it shares', () => {
  const [before, after] = beforeAndAfter((scope, id) => {
    const thingType = ThingType.fromThingTypeName(scope, 'Type', 'cameras');
    new EdgeDevice(scope, id, { fleetName: 'shop', deviceName: 'shop-door', thingType, roleAlias: alias(scope) });
  });
  expect(after).toEqual(before);
});

test('a certificate whose device made its key is the same', () => {
  const certificateSigningRequest = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n';
  const [before, after] = beforeAndAfter((scope, id) => {
    new EdgeDevice(scope, id, { fleetName: 'shop', deviceName: 'door', roleAlias: alias(scope) }).addCertificate({ certificateSigningRequest });
  });
  expect(after).toEqual(before);
});

test('a certificate for an imported thing is the same', () => {
  const [before, after] = beforeAndAfter((scope, id) => {
    new DeviceCertificate(scope, id, { thing: Thing.fromThingName(scope, 'Thing', 'door'), roleAlias: alias(scope) });
  });
  expect(after).toEqual(before);
});

test('a Greengrass fleet with a name, and its core device, are the same', () => {
  const [before, after] = beforeAndAfter((scope, id) => {
    const fleet = new GreengrassFleet(scope, `${id}Fleet`, { fleetName: 'shop', removalPolicy: RemovalPolicy.DESTROY });
    fleet.addDevice(id, { deviceName: 'door' });
    fleet.addDevice(`${id}2`, { deviceName: 'shop-window' });
  });
  expect(Object.values(before).map(({ Type }) => Type)).toEqual(expect.arrayContaining([
    'AWS::IoT::ThingGroup', 'AWS::IoT::RoleAlias', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'Custom::S3AutoDeleteObjects',
    'Custom::SageMakerEdge-ThingGroupMembership',
  ]));
  expect(after).toEqual(before);
});

test('a member of a Greengrass fleet of another stack is the same', () => {
  const make = (renamed: boolean): Resources => {
    const app = new App();
    const fleet = new GreengrassFleet(new Stack(app, 'Fleets'), 'Fleet', { fleetName: 'shop' });
    const stack = new Stack(app, 'Demo');
    const device = new EdgeDevice(renamed ? new Construct(stack, 'Cameras') : stack, renamed ? 'Door' : 'Camera', {
      fleetName: 'shop', deviceName: 'door', roleAlias: fleet.roleAlias,
    });
    device.addCertificate();
    fleet.addMember(device);
    return resourcesOf(stack);
  };
  expect(make(true)).toEqual(make(false));
});

test('an Edge Manager fleet with a name, and its device, are the same', () => {
  const [before, after] = beforeAndAfter((scope, id) => {
    const fleet = new DeviceFleet(scope, `${id}Fleet`, { deviceFleetName: 'shop', removalPolicy: RemovalPolicy.DESTROY });
    fleet.addDevice(id, { deviceName: 'door' }).addCertificate();
  });
  expect(Object.values(before).map(({ Type }) => Type)).toEqual(expect.arrayContaining([
    'AWS::SageMaker::DeviceFleet', 'AWS::SageMaker::Device', 'AWS::IoT::RoleAlias', 'AWS::IoT::ThingType',
  ]));
  expect(after).toEqual(before);
});

test('the capture bucket of a fleet that uses AWS\'s managed policy keeps its name', () => {
  const [before, after] = beforeAndAfter((scope, id) => {
    new DeviceFleet(scope, id, { deviceFleetName: 'shop', useManagedPolicy: true });
  });
  expect(after).toEqual(before);
});

describe('when a machine is renamed', () => {
  const vpc = (scope: Construct): ec2.IVpc => ec2.Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], publicSubnetIds: ['subnet-1'], publicSubnetRouteTableIds: ['rtb-1'],
  });

  test('the device that it simulates is the same, and its manifest is updated and not deleted', () => {
    const [before, after] = beforeAndAfter((scope, id) => {
      const device = new EdgeDevice(scope, id, { fleetName: 'shop', deviceName: 'door', roleAlias: alias(scope) });
      device.addCertificate();
      new SimulatedDevice(scope, `${id}Machine`, { device, vpc: vpc(scope) });
    });
    const isManifest = [/^Custom::SageMakerEdge-DeviceManifest/];
    expect(Object.keys(ofTypes(before, ...isManifest))).toHaveLength(1);
    expect(Object.keys(ofTypes(after, ...isManifest))).toEqual(Object.keys(ofTypes(before, ...isManifest)));
    const identity = [/^AWS::IoT::/, /^AWS::SecretsManager::/, /-DeviceKey$/, /-DeviceCertificate$/];
    expect(ofTypes(after, ...identity)).toEqual(ofTypes(before, ...identity));
  });

  test('fails when a device would have two machines', () => {
    const stack = new Stack(new App(), 'Demo');
    const device = new EdgeDevice(stack, 'Camera', { fleetName: 'shop', deviceName: 'door', roleAlias: alias(stack) });
    device.addCertificate();
    new SimulatedDevice(stack, 'One', { device, vpc: vpc(stack) });
    expect(() => new SimulatedDevice(stack, 'Two', { device })).toThrow(
      "Demo/Two: a device must have one machine in a stack, got a second one for 'door', beside Demo/One",
    );
  });

  test('the core device that it simulates is the same', () => {
    const [before, after] = beforeAndAfter((scope, id) => {
      const fleet = new GreengrassFleet(scope, `${id}Fleet`, { fleetName: 'shop' });
      new SimulatedCoreDevice(scope, `${id}Machine`, { device: fleet.addDevice(id, { deviceName: 'door' }), vpc: vpc(scope) });
    });
    const identity = [/^AWS::IoT::/, /^AWS::SecretsManager::/, /-DeviceKey$/, /-DeviceCertificate$/, /Membership$/];
    expect(ofTypes(after, ...identity)).toEqual(ofTypes(before, ...identity));
  });
});

test('a thing type and a role alias with names are the same', () => {
  const [before, after] = beforeAndAfter((scope, id) => {
    new ThingType(scope, id, { thingTypeName: 'cameras' });
    new RoleAlias(scope, `${id}Alias`, { roleAliasName: 'shop', role: iam.Role.fromRoleName(scope, 'Role', 'devices') });
  });
  expect(after).toEqual(before);
});

test('another name is another device in each resource', () => {
  const make = (deviceName: string): string[] => {
    const stack = new Stack(new App(), 'Demo');
    new EdgeDevice(stack, 'Camera', { fleetName: 'shop', deviceName, roleAlias: alias(stack) }).addCertificate();
    return Object.keys(ofTypes(resourcesOf(stack), ...DEVICE));
  };
  const first = make('door');
  expect(first).toHaveLength(8);
  expect(make('window').filter((id) => first.includes(id))).toEqual([]);
});

test('names that differ in their hyphens alone are different devices', () => {
  const stack = new Stack(new App(), 'Demo');
  for (const thingName of ['a-b', 'ab']) {
    new Thing(stack, thingName, { thingName });
  }
  Template.fromStack(stack).resourceCountIs('AWS::IoT::Thing', 2);
});

test('a thing whose name is a token has the ID of its path, and so has its certificate', () => {
  const stack = new Stack(new App(), 'Demo');
  const thing = new Thing(stack, 'Camera', { thingName: Aws.STACK_NAME });
  new DeviceCertificate(stack, 'Certificate', { thing, roleAlias: alias(stack) });
  const ids = Object.keys(ofTypes(resourcesOf(stack), /^AWS::IoT::(Thing|Certificate)$/));
  expect(ids).toEqual([expect.stringMatching(/^Camera[0-9A-F]{8}$/), expect.stringMatching(/^CertificateThing[0-9a-f]{8}Certificate/)]);
});

describe('the serial of a certificate', () => {
  const certificate = (stack: Stack, serial?: number): void => {
    const scope = new Construct(stack, `Serial${serial ?? ''}`);
    new DeviceCertificate(scope, 'Certificate', { thing: Thing.fromThingName(scope, 'Thing', 'door'), roleAlias: alias(scope), serial });
  };
  const make = (serial?: number): Resources => {
    const stack = new Stack(new App(), 'Demo');
    certificate(stack, serial);
    return ofTypes(resourcesOf(stack), ...DEVICE);
  };

  test('renews key and certificate with all that belongs to them', () => {
    const [first, second] = [make(), make(2)];
    expect(Object.keys(second)).toHaveLength(7);
    expect(Object.keys(second).filter((id) => id in first)).toEqual([]);
    const nameOf = (resources: Resources): unknown => Object.values(ofTypes(resources, /Secret$/))[0]?.Properties?.Name;
    expect(nameOf(second)).not.toEqual(nameOf(first));
  });

  test('renews the certificate of a core device', () => {
    const [first = {}, second = {}] = [undefined, 2].map((serial) => {
      const stack = new Stack(new App(), 'Demo');
      new GreengrassFleet(stack, 'Fleet', { fleetName: 'shop' }).addDevice('Camera', { serial });
      return resourcesOf(stack);
    });
    expect(Object.keys(second).filter((id) => !(id in first)).map((id) => second[id]?.Type).sort()).toEqual([
      'AWS::IoT::Certificate', 'AWS::IoT::Policy', 'AWS::IoT::PolicyPrincipalAttachment', 'AWS::IoT::PolicyPrincipalAttachment',
      'AWS::IoT::ThingPrincipalAttachment',
      'AWS::SecretsManager::Secret', 'Custom::SageMakerEdge-DeviceCertificate', 'Custom::SageMakerEdge-DeviceKey',
    ]);
  });

  test('lets a thing have two certificates', () => {
    const stack = new Stack(new App(), 'Demo');
    for (const serial of [1, 2]) {
      certificate(stack, serial);
    }
    expect(Object.keys(ofTypes(resourcesOf(stack), ...DEVICE))).toHaveLength(14);
  });

  test.each([
    [undefined, 'without a serial'],
    [3, 'with serial 3'],
  ])('fails when a second certificate has none of its own: %s', (serial, words) => {
    const stack = new Stack(new App(), 'Demo');
    certificate(stack, serial);
    const [thing, roleAlias] = [Thing.fromThingName(stack, 'Again', 'door'), RoleAlias.fromRoleAliasName(stack, 'Again2', 'shop')];
    expect(() => new DeviceCertificate(stack, 'Second', { thing, roleAlias, serial })).toThrow(
      'Demo/Second: each certificate of a thing in one stack must have its own serial, '
      + `got a second one of thing 'door' ${words}, beside Demo/Serial${serial ?? ''}/Certificate`,
    );
  });

  test('fails when it is no whole number from 1 to 999,999', () => {
    expect(() => make(0)).toThrow('serial must be a whole number from 1 to 999999, got 0');
  });

  test('fails when only the deployment knows it', () => {
    expect(() => make(Token.asNumber({ Ref: 'Serial' }))).toThrow('serial must be a number that is known at synth');
  });

  test('leaves the certificates of another stack alone', () => {
    const app = new App();
    const stacks = ['One', 'Two'].map((id) => new Stack(app, id));
    for (const stack of stacks) {
      certificate(stack);
    }
    for (const stack of stacks) {
      expect(Object.keys(ofTypes(resourcesOf(stack), ...DEVICE))).toHaveLength(7);
    }
  });
});

test('a device that RemovalPolicies retains stays with all that belongs to it', () => {
  const stack = new Stack(new App(), 'Demo');
  const device = new EdgeDevice(stack, 'Camera', { fleetName: 'shop', deviceName: 'door', roleAlias: alias(stack) });
  device.addCertificate();
  RemovalPolicies.of(device).retain();
  const kept = Object.values(ofTypes(resourcesOf(stack), ...DEVICE));
  expect(kept).toHaveLength(8);
  expect(kept.filter((resource) => !('DeletionPolicy' in resource) || resource.DeletionPolicy !== 'Retain')).toEqual([]);
});
