import { App, aws_ec2 as ec2, aws_s3 as s3, Fn, LegacyStackSynthesizer, RemovalPolicies, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  CaptureBucket, CompilationJob, CompilationTarget, DeviceRole, EdgeDevice, FleetDeployment, Framework, GreengrassComponent,
  GreengrassFleet, ModelSource, RoleAlias, SimulatedDevice, TargetArch, TargetOs, type CompilationJobProps,
} from '../../lib';

/** Apps as people have them, of which the constructs know nothing beforehand. */
let app: App;
let stack: Stack;
beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Shop');
});

function compile(props: Partial<CompilationJobProps> = {}): CompilationJob {
  return new CompilationJob(stack, 'Compile', {
    model: ModelSource.fromBucket(s3.Bucket.fromBucketName(stack, 'Models', 'models'), 'a.tar.gz'),
    framework: Framework.xgboost(),
    target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
    ...props,
  });
}

function device(scope: Stack = stack): EdgeDevice {
  const roleAlias = new RoleAlias(scope, 'Alias', { role: new DeviceRole(scope, 'Role') });
  const made = new EdgeDevice(scope, 'Camera', { fleetName: 'shop', roleAlias });
  made.addCertificate();
  return made;
}

describe('RemovalPolicies.of(…).retain()', () => {
  test('keeps a bucket of ours that is kept anyway', () => {
    new CaptureBucket(stack, 'Captures');
    RemovalPolicies.of(app).retain();
    Template.fromStack(stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
  });

  test('fails where our bucket is to be emptied with its stack, and says what to do', () => {
    compile({ removalPolicy: RemovalPolicy.DESTROY });
    RemovalPolicies.of(app).retain();
    expect(() => app.synth()).toThrow(
      /\[Shop\/Compile\/OutputBucket\] the objects of this bucket are deleted with its stack, got a removal policy.*: leave out/,
    );
  });

  test('fails for the bucket of simulated devices, and says what to do', () => {
    new SimulatedDevice(stack, 'Simulated', { device: device() });
    RemovalPolicies.of(app).retain();
    expect(() => app.synth()).toThrow(/DeviceProvider\/Bucket\] .*put the simulated devices into a stack of their own/);
  });
});

describe('a VPC', () => {
  const listed = () => ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: Fn.importValue('vpc'), availabilityZones: Fn.split(',', Fn.importValue('zones')),
    privateSubnetIds: Fn.split(',', Fn.importValue('subnets')),
  });
  const isolated = () => new ec2.Vpc(stack, 'Vpc', {
    natGateways: 0, subnetConfiguration: [{ name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  });

  test('fails for a machine when its subnets are a list that only the deployment knows', () => {
    expect(() => new SimulatedDevice(stack, 'Simulated', { device: device(), vpc: listed() })).toThrow(
      /Shop\/Simulated: subnets of vpc must be known one by one at synth, got a list .*: use ec2\.Vpc\.fromLookup/,
    );
  });

  test('fails for a job when its subnets are such a list', () => {
    expect(() => compile({ vpc: listed() })).toThrow(/Shop\/Compile: subnets of vpc must be known one by one at synth/);
  });

  test('of isolated subnets fails for a machine unless they are chosen, since it calls AWS', () => {
    const vpc = isolated();
    const camera = device();
    expect(() => new SimulatedDevice(stack, 'Simulated', { device: camera, vpc })).toThrow(
      /Shop\/Simulated: vpcSubnets must be given for a VPC whose subnets are all isolated.*PRIVATE_ISOLATED/,
    );
    const vpcSubnets = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
    expect(() => new SimulatedDevice(stack, 'Chosen', { device: camera, vpc, vpcSubnets })).not.toThrow();
  });
});

test('a stack with the legacy synthesizer takes every construct with assets', () => {
  stack = new Stack(app, 'Legacy', { synthesizer: new LegacyStackSynthesizer() });
  new SimulatedDevice(stack, 'Simulated', { device: device() });
  new GreengrassComponent(stack, 'Component', { manifests: [{ lifecycle: { run: { script: 'true' } } }] });
  expect(() => app.synth()).not.toThrow();
});

test('a device joins the fleet of another stack from its own stack, and the deployment does not wait for it', () => {
  const fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'shop' });
  const devices = new Stack(app, 'Devices');
  fleet.addMember(device(devices));
  new FleetDeployment(stack, 'Deployment', {
    fleet, components: [GreengrassComponent.fromComponentVersion(stack, 'Cli', 'aws.greengrass.Cli', '2.18.0')],
  });
  expect(() => app.synth()).not.toThrow();
  Template.fromStack(devices).resourceCountIs('Custom::SageMakerEdge-ThingGroupMembership', 1);
  Template.fromStack(stack).resourceCountIs('Custom::SageMakerEdge-ThingGroupMembership', 0);
});

test('a device that uses the role alias of such a fleet makes no cycle of the two stacks', () => {
  const fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'shop' });
  const devices = new Stack(app, 'Devices');
  const camera = new EdgeDevice(devices, 'Camera', { fleetName: 'shop', roleAlias: fleet.roleAlias });
  camera.addCertificate();
  fleet.addMember(camera);
  expect(() => app.synth()).not.toThrow();
  expect(devices.dependencies).toEqual([stack]);
});
