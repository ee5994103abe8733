import { App, Aws, aws_iam as iam, aws_kms as kms, CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CaptureBucket } from '../../../lib/capture/capture-bucket';
import type { DeviceFleetProps } from '../../../lib/edge-manager/device-fleet';
import { DeviceFleet } from '../../../lib/edge-manager/device-fleet';
import { DeviceRole } from '../../../lib/identity/device-role';
import { RoleAlias } from '../../../lib/identity/role-alias';
import { ThingType } from '../../../lib/identity/thing-type';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

function make(props: DeviceFleetProps = {}): DeviceFleet {
  return new DeviceFleet(stack, 'Fleet', { deviceFleetName: 'shop', ...props });
}

function idOf(type: string, props?: object): string {
  const [id, ...others] = Object.keys(Template.fromStack(stack).findResources(type, props));
  if (id === undefined || others.length > 0) {
    throw new Error(`${others.length} resources of type ${type}`);
  }
  return id;
}

describe('what is made by default', () => {
  test('a name made of stack and path', () => {
    new DeviceFleet(stack, 'Fleet');
    Template.fromStack(stack).hasResourceProperties('AWS::SageMaker::DeviceFleet', { DeviceFleetName: 'Demo-Fleet' });
  });

  test('a name that fits, where stack and path do not', () => {
    const other = new Stack(new App(), 'S'.repeat(60));
    new DeviceFleet(other, 'My_Fleet');
    Template.fromStack(other).hasResourceProperties(
      'AWS::SageMaker::DeviceFleet',
      { DeviceFleetName: Match.stringLikeRegexp('^S{54}-[0-9a-f]{8}$') },
    );
  });

  test('a role that the credential provider and Edge Manager may assume', () => {
    make();
    const services = ['credentials.iot.amazonaws.com', 'sagemaker.amazonaws.com'];
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      RoleName: Match.absent(), AssumeRolePolicyDocument: { Statement: services.map((Service) => ({ Principal: { Service } })) },
    });
  });

  test('the role alias that Edge Manager looks for', () => {
    make();
    Template.fromStack(stack).hasResourceProperties('AWS::IoT::RoleAlias', {
      RoleAlias: 'SageMakerEdge-shop', RoleArn: { 'Fn::GetAtt': [idOf('AWS::IAM::Role'), 'Arn'] },
    });
  });

  test('a thing type and a capture bucket that stays', () => {
    make();
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IoT::ThingType', 1);
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
  });

  test('a capture bucket that goes, where it is told to', () => {
    make({ removalPolicy: RemovalPolicy.DESTROY });
    Template.fromStack(stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });

  test('no provider, as long as there is no thing', () => {
    make();
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });
});

describe('the fleet', () => {
  test('is told its role, and to put its output where the captures are', () => {
    make({ description: 'Cameras of the shop' });
    Template.fromStack(stack).hasResourceProperties('AWS::SageMaker::DeviceFleet', {
      DeviceFleetName: 'shop', Description: 'Cameras of the shop', RoleArn: { 'Fn::GetAtt': [idOf('AWS::IAM::Role'), 'Arn'] },
      OutputConfig: {
        S3OutputLocation: { 'Fn::Join': ['', ['s3://', { Ref: idOf('AWS::S3::Bucket') }, '/captures']] },
        KmsKeyId: Match.absent(),
      },
    });
  });

  test('is made after its role\'s rights and the role alias, and so deleted before them', () => {
    make();
    Template.fromStack(stack).hasResource('AWS::SageMaker::DeviceFleet', {
      DependsOn: [idOf('AWS::IAM::Policy'), idOf('AWS::IAM::Role'), idOf('AWS::IoT::RoleAlias')],
    });
  });

  test('is given the id of the output key, and its role the right to it', () => {
    const outputKey = new kms.Key(stack, 'Key');
    make({ outputKey });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::SageMaker::DeviceFleet', { OutputConfig: { KmsKeyId: { Ref: idOf('AWS::KMS::Key') } } });
    template.hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: Match.arrayWith([
      Match.objectLike({ Action: 'kms:GenerateDataKey', Resource: stack.resolve(outputKey.keyArn) as object }),
    ]) } });
  });

  test('has name and ARN as attributes', () => {
    const fleet = make();
    expect(stack.resolve(fleet.deviceFleetRef)).toEqual({ deviceFleetName: { Ref: idOf('AWS::SageMaker::DeviceFleet') } });
    expect(JSON.stringify(stack.resolve(fleet.deviceFleetArn))).toContain(':device-fleet/');
  });

  test('warns that the service is retired, under an id that a user can acknowledge', () => {
    const fleet = make();
    Annotations.fromStack(stack).hasWarning(
      '/Demo/Fleet',
      Match.stringLikeRegexp('switched off on 2024-04-26.*\\[ack: cdk-sagemaker-edge:DeviceFleet.serviceRetired\\]'),
    );
    expect(fleet.node.metadata).toHaveLength(1);
  });
});

describe('the rights of the role', () => {
  const arn = (service: string, rest: string): object => ({ 'Fn::Join': ['', [
    'arn:', { Ref: 'AWS::Partition' }, `:${service}:`, { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${rest}`,
  ]] });

  test('are the least that Edge Manager and its devices need', () => {
    make();
    const notForDevices = { Null: { 'credentials-iot:ThingName': 'true' } };
    const role = { 'Fn::GetAtt': [idOf('AWS::IAM::Role'), 'Arn'] };
    const bucket = { 'Fn::GetAtt': [idOf('AWS::S3::Bucket'), 'Arn'] };
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: idOf('AWS::IAM::Role') }], PolicyDocument: { Statement: [
      {
        Action: ['sagemaker:SendHeartbeat', 'sagemaker:GetDeviceRegistration', 'sagemaker:GetDeployments'],
        Resource: arn('sagemaker', 'device-fleet/shop/device/${credentials-iot:ThingName}'),
      },
      {
        Action: ['iot:CreateRoleAlias', 'iot:DescribeRoleAlias', 'iot:UpdateRoleAlias', 'iot:ListTagsForResource', 'iot:TagResource'],
        Resource: { 'Fn::GetAtt': [idOf('AWS::IoT::RoleAlias'), 'RoleAliasArn'] }, Condition: notForDevices,
      },
      { Action: 'iam:GetRole', Resource: role, Condition: notForDevices },
      {
        Action: 'iam:PassRole',
        Resource: role,
        Condition: {
          ...notForDevices,
          StringEqualsIfExists: { 'iam:PassedToService': ['iot.amazonaws.com', 'credentials.iot.amazonaws.com'] },
        },
      },
      { Action: 's3:PutObject', Resource: { 'Fn::Join': ['', [bucket, '/captures/${credentials-iot:ThingName}/*']] } },
      { Action: 's3:GetBucketLocation', Resource: bucket },
    ] } });
  });

  test('are added to a role that is given, and its alias is made', () => {
    const role = new DeviceRole(stack, 'Role', { trustedServices: ['sagemaker.amazonaws.com'] });
    expect(make({ role }).role).toBe(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: idOf('AWS::IAM::Role') }] });
    Template.fromStack(stack).hasResourceProperties('AWS::IoT::RoleAlias', { RoleArn: { 'Fn::GetAtt': [idOf('AWS::IAM::Role'), 'Arn'] } });
  });

  test('are added to a role that is imported', () => {
    make({ role: iam.Role.fromRoleName(stack, 'Role', 'device') });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: ['device'] });
  });

  test('are left alone where the import says so', () => {
    make({ role: iam.Role.fromRoleName(stack, 'Role', 'device', { mutable: false }) });
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });
});

describe('what is given', () => {
  test('is used in place of what would be made', () => {
    const role = new DeviceRole(stack, 'Role', { trustedServices: ['sagemaker.amazonaws.com'] });
    const given = {
      roleAlias: new RoleAlias(stack, 'Alias', { role }), thingType: ThingType.fromThingTypeName(stack, 'Type', 'cameras'),
      captureBucket: CaptureBucket.fromBucketName(stack, 'Captures', 'captures'),
    };
    const fleet = make(given);
    expect([fleet.roleAlias, fleet.thingType, fleet.captureBucket, fleet.role]).toEqual([
      given.roleAlias, given.thingType, given.captureBucket, role,
    ]);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IoT::ThingType', 0);
    template.resourceCountIs('AWS::S3::Bucket', 0);
  });

  test.each([
    ['has no name of its own', undefined], ['has another name', 'mine'],
  ])('a role alias that %s leaves Edge Manager its own, which goes with the fleet and is what the role may make', (_, roleAliasName) => {
    const role = new DeviceRole(stack, 'Role', { trustedServices: ['sagemaker.amazonaws.com'] });
    make({ roleAlias: new RoleAlias(stack, 'Alias', { role, roleAliasName }) });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IoT::RoleAlias', { RoleAlias: 'SageMakerEdge-shop' });
    template.hasResource('AWS::SageMaker::DeviceFleet', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^DeviceFleetRoleAliasshop')]) });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Sid: 'RoleAlias', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeviceFleetRoleAliasshop'), 'RoleAliasArn'] } }),
        ]),
      },
    });
  });

  test.each([
    ['with the name that Edge Manager looks for', 'SageMakerEdge-shop'],
    ['whose name is not known', undefined],
  ])('a role alias %s is the only one', (_, name) => {
    const roleAliasName = name ?? new CfnParameter(stack, 'Name').valueAsString;
    const role = new DeviceRole(stack, 'Role', { trustedServices: ['sagemaker.amazonaws.com'] });
    make({ roleAlias: new RoleAlias(stack, 'Alias', { role, roleAliasName }) });
    Template.fromStack(stack).resourceCountIs('AWS::IoT::RoleAlias', 1);
  });

  test('fails when the role does not trust Edge Manager', () => {
    make({ role: new DeviceRole(stack, 'Role') });
    expect(() => Template.fromStack(stack)).toThrow('role must trust sagemaker.amazonaws.com, got a role that does not: Demo/Role');
  });

  test('fails when the role of a role alias is not known', () => {
    expect(() => make({ roleAlias: RoleAlias.fromRoleAliasName(stack, 'Alias', 'SageMakerEdge-shop') }))
      .toThrow('Demo/Fleet: role must be given with a roleAlias whose role is not known, got roleAlias alone');
  });

  test.each([
    ['the name has an underscore', { deviceFleetName: 'my_shop' }, "deviceFleetName must be letters, digits and hyphens, with neither end a hyphen, got 'my_shop'"],
    ['the name is too long', { deviceFleetName: 'x'.repeat(64) }, 'deviceFleetName must have 1 to 63 characters, got 64'],
    ['the description has an umlaut', { description: 'Türen' }, "description must be letters, digits, blanks and - _ . , ; : !, got 'Türen'"],
  ])('fails when %s', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });
});

describe('the region', () => {
  test.each(['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-northeast-1'])('may be %s', (region) => {
    expect(() => new DeviceFleet(new Stack(new App(), 'Demo', { env: { region } }), 'Fleet')).not.toThrow();
  });

  test.each(['eu-west-3', 'cn-north-1', 'us-gov-west-1'])('fails when it is %s', (region) => {
    expect(() => new DeviceFleet(new Stack(new App(), 'Demo', { env: { region } }), 'Fleet'))
      .toThrow(`was offered only in us-east-1, us-east-2, us-west-2, eu-west-1, eu-central-1, ap-northeast-1, got region '${region}'`);
  });
});

describe('AWS\'s managed policy', () => {
  const arn = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/service-role/AmazonSageMakerEdgeDeviceFleetPolicy']] };

  test('comes with names that it reaches, and without the scoped policy', () => {
    make({ useManagedPolicy: true });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Role', { RoleName: 'SageMaker-shop', ManagedPolicyArns: [arn] });
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketName: { 'Fn::Join': [
        '',
        [Match.stringLikeRegexp('^sagemaker-edge-[0-9a-f]{8}-$'), { Ref: 'AWS::AccountId' }, '-', { Ref: 'AWS::Region' }],
      ] },
    });
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('gets the right to the output key beside it', () => {
    make({ useManagedPolicy: true, outputKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
  });

  test('takes a role and a bucket with fitting names', () => {
    make({
      useManagedPolicy: true,
      role: new DeviceRole(stack, 'Role', { roleName: 'MySageMakerRole', trustedServices: ['sagemaker.amazonaws.com'] }),
      captureBucket: new CaptureBucket(stack, 'Captures', { bucketName: 'my-sagemaker-captures' }),
    });
    Annotations.fromStack(stack).hasNoWarning('/Demo/Fleet', Match.stringLikeRegexp('managedPolicyNames'));
  });

  test('fails when the role\'s name is one that it does not reach', () => {
    expect(() => make({ useManagedPolicy: true, role: new DeviceRole(stack, 'Role', { roleName: 'device' }) })).toThrow(
      "the name of role must contain 'sagemaker' for AWS's managed policy to reach it, got 'device'",
    );
  });

  test('fails when the bucket\'s name is one that it does not reach', () => {
    expect(() => make({ useManagedPolicy: true, captureBucket: CaptureBucket.fromBucketName(stack, 'Captures', 'captures') })).toThrow(
      "the name of captureBucket must contain 'sagemaker'",
    );
  });

  test('warns when a name is not known', () => {
    make({ useManagedPolicy: true, captureBucket: new CaptureBucket(stack, 'Captures', { bucketName: `captures-${Aws.ACCOUNT_ID}` }) });
    Annotations.fromStack(stack).hasWarning(
      '/Demo/Fleet',
      Match.stringLikeRegexp('captureBucket is generated during deployment.*\\[ack: cdk-sagemaker-edge:DeviceFleet.managedPolicyNames\\]'),
    );
  });
});

