import { App, aws_s3 as s3, Stack, Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  ComponentArtifact, DeviceFleet, DeviceRole, EdgeDevice, FleetDeployment, GreengrassComponent, GreengrassFleet, RoleAlias, Thing,
  ThingType,
} from '../../../lib';

let app: App;
beforeEach(() => {
  app = new App();
});

function component(scope: Construct, id: string, componentVersion = '1.0.0', artifacts: ComponentArtifact[] = []): GreengrassComponent {
  return new GreengrassComponent(scope, id, {
    componentName: 'shop.Reader', componentVersion, artifactBucket: s3.Bucket.fromBucketName(scope, `${id}Artifacts`, 'artifacts'),
    manifests: [{ lifecycle: { run: { script: 'true' } }, artifacts }],
  });
}

const KINDS: [string, string, (scope: Construct, id: string) => unknown][] = [
  ['thing', 'shop-1', (scope, id) => new Thing(scope, id, { thingName: 'shop-1' })],
  ['thing type', 'camera', (scope, id) => new ThingType(scope, id, { thingTypeName: 'camera' })],
  ['role alias', 'shop', (scope, id) => new RoleAlias(scope, id, { roleAliasName: 'shop', role: new DeviceRole(scope, `${id}Role`) })],
  ['device fleet', 'shop', (scope, id) => new DeviceFleet(scope, id, { deviceFleetName: 'shop' })],
  ['thing group', 'shop', (scope, id) => new GreengrassFleet(scope, id, { fleetName: 'shop' })],
  ['component version', 'shop.Reader:1.0.0', (scope, id) => component(scope, id)],
];

describe.each(KINDS)('the name of a %s, %s,', (kind, name, make) => {
  test('fails when two constructs of a stack have it, with both paths', () => {
    const stack = new Stack(app, 'Shop');
    make(stack, 'One');
    expect(() => make(stack, 'Two')).toThrow(
      new RegExp(`Shop/Two: the name of a ${kind} must be unique in an account and region, got '${name}', which Shop/One has: give it another name`),
    );
  });

  test('fails when two stacks of one account and region have it', () => {
    const env = { account: '111122223333', region: 'eu-west-1' };
    make(new Stack(app, 'Dev', { env }), 'One');
    expect(() => make(new Stack(app, 'Prod', { env }), 'One')).toThrow(/Prod\/One: the name of a .*which Dev\/One has/);
  });
});

test('a device\'s name fails when two have it, though they share a thing', () => {
  const stack = new Stack(app, 'Shop');
  const thing = Thing.fromThingName(stack, 'Thing', 'shop-1');
  const roleAlias = RoleAlias.fromRoleAliasName(stack, 'Alias', 'shop');
  const make = (id: string) => new EdgeDevice(stack, id, { fleetName: 'shop', roleAlias, thing });
  make('One');
  expect(() => make('Two')).toThrow(/Shop\/Two: the name of a device must be unique.*got 'shop-1', which Shop\/One has/);
});

test.each<[string, object, object]>([
  ['two regions, the account from the command line', { region: 'eu-west-1' }, { region: 'us-east-1' }],
  ['two accounts, the region from the command line', { account: '111122223333' }, { account: '444455556666' }],
  ['a known place and one from the command line', { account: '111122223333', region: 'eu-west-1' }, {}],
])('two stacks may have one name in %s', (_, one, other) => {
  for (const [id, env] of [['One', one], ['Two', other]] as const) {
    const stack = new Stack(app, id, { env });
    const fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'shop' });
    new FleetDeployment(stack, 'Deployment', { fleet, components: [component(stack, 'Reader')] });
  }
  expect(() => app.synth()).not.toThrow();
});

test('two stages may have one name where both leave the place to the command line', () => {
  for (const id of ['Dev', 'Prod']) {
    new GreengrassFleet(new Stack(new Stage(app, id), 'Shop'), 'Fleet', { fleetName: 'shop' });
  }
  expect(() => app.synth()).not.toThrow();
});

test('a construct that was removed from the tree gives its name back', () => {
  const stack = new Stack(app, 'Shop');
  new Thing(stack, 'One', { thingName: 'shop-1' });
  stack.node.tryRemoveChild('One');
  expect(() => new Thing(stack, 'Two', { thingName: 'shop-1' })).not.toThrow();
});

test('two versions of one component may be there at once', () => {
  const stack = new Stack(app, 'Shop');
  component(stack, 'One');
  expect(() => component(stack, 'Two', '2.0.0')).not.toThrow();
});

test('fails when two artifacts of a component have one name', () => {
  const stack = new Stack(app, 'Shop');
  const bucket = s3.Bucket.fromBucketName(stack, 'Data', 'data');
  const artifacts = ['a/labels.txt', 'b/labels.txt'].map((key) => ComponentArtifact.fromBucket(bucket, key));
  expect(() => component(stack, 'Reader', '1.0.0', artifacts)).toThrow(
    'Shop/Reader: artifacts of a component must have different names, got \'labels.txt\' for two',
  );
});
