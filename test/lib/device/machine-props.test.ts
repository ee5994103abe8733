import { aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_s3 as s3, CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SimulatedCoreDevice, type SimulatedCoreDeviceProps } from '../../../lib/device/simulated-core-device';
import type { SimulatedMachineProps } from '../../../lib/device/simulated-machine';
import { SimulatedDevice } from '../../../lib/device/simulated-device';
import { GreengrassFleet } from '../../../lib/greengrass/greengrass-fleet';
import { DeviceStack } from './device-stack';

type Machine = SimulatedDevice | SimulatedCoreDevice;
type Make = (stack: DeviceStack, props?: Partial<SimulatedMachineProps>) => Machine;

const core: Make = (stack, props: Partial<SimulatedCoreDeviceProps> = {}) => {
  const device = new GreengrassFleet(stack, 'Fleet', { fleetName: 'demo' }).addDevice('Camera');
  return new SimulatedCoreDevice(stack, 'Simulated', { device, ...props });
};
const MACHINES: [string, Make][] = [
  ['a simulated device', (stack, props) => stack.simulated(props)],
  ['a simulated core device', core],
];

const vpcOf = (scope: Stack): ec2.IVpc => ec2.Vpc.fromVpcAttributes(scope, 'Vpc', {
  vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], publicSubnetIds: ['subnet-1'], publicSubnetRouteTableIds: ['rtb-1'],
});

interface Statement { readonly Action: string | readonly string[]; readonly Resource: unknown }

/** The statements on one resource that somebody's policies have. */
function statementsOn(stack: Stack, arn: unknown, type = 'AWS::IAM::Policy'): Statement[] {
  const found = Object.values(Template.fromStack(stack).findResources(type)) as {
    readonly Properties: {
      readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
      readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
    };
  }[];
  return found
    .flatMap(({ Properties: { PolicyDocument, Policies = [] } }) => [PolicyDocument, ...Policies.map((policy) => policy.PolicyDocument)])
    .flatMap((document) => document?.Statement ?? [])
    .filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(arn));
}

describe.each(MACHINES)('%s', (_, make) => {
  let stack: DeviceStack;
  beforeEach(() => {
    stack = new DeviceStack();
  });

  /** The user data, references left out. */
  function script(): string {
    const [instance] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::Instance'));
    const { UserData } = (instance?.Properties ?? {}) as { UserData: { 'Fn::Base64': { 'Fn::Join': [string, unknown[]] } } };
    return UserData['Fn::Base64']['Fn::Join'][1].filter((part) => typeof part === 'string').join('');
  }

  test('has the given security group, and makes none', () => {
    make(stack, { vpc: vpcOf(stack), securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1') });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::Instance', { SecurityGroupIds: ['sg-1'] });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
  });

  test('has a volume that is encrypted with the given key', () => {
    const key = new kms.Key(stack, 'Key');
    make(stack, { volumeEncryptionKey: key });
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::Instance', {
      BlockDeviceMappings: [Match.objectLike({
        Ebs: Match.objectLike({ Encrypted: true, KmsKeyId: stack.resolve(key.keyArn) as unknown }),
      })],
    });
  });

  describe('with a role of the user', () => {
    let role: iam.Role;
    beforeEach(() => {
      role = new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    });

    test('takes it, and makes none', () => {
      const machine = make(stack, { role });
      expect(machine.role).toBe(role);
      const template = Template.fromStack(stack);
      template.hasResourceProperties('AWS::IAM::InstanceProfile', { Roles: [stack.resolve(role.roleName)] });
      expect(Object.keys(template.findResources('AWS::IAM::Role')).filter((id) => id.startsWith('Simulated'))).toEqual([]);
    });

    test('grants it what the machine needs, before the machine', () => {
      make(stack, { role });
      const template = Template.fromStack(stack);
      template.hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'ssm:UpdateInstanceInformation' })]) },
        Roles: [{ Ref: Match.stringLikeRegexp('^Own') }],
      });
      template.hasResource('AWS::EC2::Instance', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^SimulatedRightsManagement')]) });
    });

    test('leaves an imported one that may not be changed as it is', () => {
      make(stack, { role: iam.Role.fromRoleName(stack, 'Imported', 'machines', { mutable: false }) });
      expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter((id) => id.startsWith('Simulated'))).toEqual([]);
    });

    test('fails when EC2 may not assume it', () => {
      make(stack, { role: new iam.Role(stack, 'Other', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) });
      expect(() => Template.fromStack(stack)).toThrow('role must trust ec2.amazonaws.com, got a role that does not: Demo/Other');
    });
  });

  describe('with user data', () => {
    test('runs the commands before and after its setup, each in a shell of their own', () => {
      const userData = ec2.UserData.forLinux();
      userData.addCommands('echo early');
      make(stack, { userData }).addUserData('echo late', 'echo later');
      expect(script()).toContain("trap ended EXIT\nstep='the user data before the setup failed'\n(\necho early\n)\n");
      expect(script()).toMatch(/\nstep='the user data after the setup failed'\n\(\necho late\necho later\n\)\n$/);
    });

    test('is another machine when the commands change', () => {
      const [first, second] = ['echo one', 'echo two'].map((command) => {
        const other = new DeviceStack();
        make(other).addUserData(command);
        return Object.keys(Template.fromStack(other).findResources('AWS::EC2::Instance'));
      });
      expect(second).not.toEqual(first);
    });

    test('is the same script without any', () => {
      make(stack);
      expect(script()).not.toContain('the user data');
    });

    test('fails when it is none for a shell', () => {
      for (const userData of [ec2.UserData.forWindows(), new ec2.MultipartUserData()]) {
        expect(() => make(new DeviceStack(), { userData })).toThrow(
          'userData must be commands of a shell, as ec2.UserData.forLinux() takes them, got user data of another kind',
        );
      }
    });

    test('fails when it is too large for EC2', () => {
      make(stack).addUserData('#'.repeat(16_384));
      expect(() => Template.fromStack(stack)).toThrow(/the user data of a machine must have at most 16384 bytes .*, got \d{5}/);
    });
  });

  describe('with a bucket of the user', () => {
    test('uses it for manifests and reports, and makes none', () => {
      make(stack, { manifestBucket: s3.Bucket.fromBucketName(stack, 'Manifests', 'manifests') });
      const template = Template.fromStack(stack);
      template.hasResourceProperties('Custom::SageMakerEdge-DeviceManifest', { BucketName: 'manifests' });
      expect(Object.keys(template.findResources('AWS::S3::Bucket')).filter((id) => id.includes('DeviceProvider'))).toEqual([]);
      expect(script()).toMatch(/BUCKET=manifests\n/);
    });

    test('grants the handler rights on it, with its key', () => {
      const encryptionKey = new kms.Key(stack, 'Key');
      const manifestBucket = new s3.Bucket(stack, 'Manifests', { encryptionKey });
      make(stack, { manifestBucket });
      expect(statementsOn(stack, stack.resolve(encryptionKey.keyArn))).toEqual([
        expect.objectContaining({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] }),
      ]);
      expect(statementsOn(stack, stack.resolve(manifestBucket.bucketArn))).toEqual([expect.objectContaining({ Action: 's3:ListBucket' })]);
    });

    test('grants the machine the use of its key', () => {
      const encryptionKey = new kms.Key(stack, 'Key');
      make(stack, { manifestBucket: new s3.Bucket(stack, 'Manifests', { encryptionKey }) });
      const [statement] = statementsOn(stack, stack.resolve(encryptionKey.keyArn), 'AWS::IAM::Role');
      // A core device gets its settings by user data: it reads nothing there.
      expect(statement?.Action).toEqual(make === core ? 'kms:GenerateDataKey' : ['kms:Decrypt', 'kms:GenerateDataKey']);
    });
  });

  test('takes groups, keys, buckets and a volume that only the deployment knows', () => {
    const parameter = (id: string, type = 'String'): CfnParameter => new CfnParameter(stack, id, { type });
    make(stack, {
      vpc: vpcOf(stack),
      securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', parameter('GroupId').valueAsString),
      volumeEncryptionKey: kms.Key.fromKeyArn(stack, 'Key', parameter('KeyArn').valueAsString),
      volumeSize: parameter('Size', 'Number').valueAsNumber,
      manifestBucket: s3.Bucket.fromBucketName(stack, 'Manifests', parameter('Bucket').valueAsString),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::Instance', {
      SecurityGroupIds: [{ Ref: 'GroupId' }],
      BlockDeviceMappings: [Match.objectLike({ Ebs: Match.objectLike({ KmsKeyId: { Ref: 'KeyArn' }, VolumeSize: { Ref: 'Size' } }) })],
    });
    template.hasResourceProperties('Custom::SageMakerEdge-DeviceManifest', { BucketName: { Ref: 'Bucket' } });
  });

  test.each([
    ['securityGroup', { securityGroup: ec2.SecurityGroup.fromSecurityGroupId(new Stack(), 'Group', 'sg-1') }],
    ['vpcSubnets', { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } }],
  ])('fails when %s comes without a VPC', (what, props) => {
    expect(() => make(stack, props)).toThrow(`Demo/Simulated: ${what} needs a vpc, got none`);
  });

  test('has the permissions boundary that is set around it, as each role of its stack', () => {
    const boundary = iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary');
    make(stack);
    iam.PermissionsBoundary.of(stack).apply(boundary);
    const roles = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    expect(roles.length).toBeGreaterThan(3);
    expect(roles.filter(({ Properties }) => !('PermissionsBoundary' in (Properties as object)))).toEqual([]);
  });
});

test('two machines share a bucket of the user, and its rights', () => {
  const stack = new DeviceStack();
  const manifestBucket = new s3.Bucket(stack, 'Manifests');
  stack.simulated({ manifestBucket });
  new SimulatedDevice(stack, 'Second', { device: stack.device('Other'), agentRelease: stack.agentRelease, manifestBucket });
  expect(statementsOn(stack, stack.resolve(manifestBucket.bucketArn))).toHaveLength(1);
});
