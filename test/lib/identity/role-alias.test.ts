import { App, aws_iam as iam, CfnOutput, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CaptureBucket } from '../../../lib/capture/capture-bucket';
import { DeviceRole } from '../../../lib/identity/device-role';
import { RoleAlias } from '../../../lib/identity/role-alias';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

describe('a role alias', () => {
  test('stands for its role, with a generated name and the service\'s duration by default', () => {
    new RoleAlias(stack, 'Alias', { role: iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/device') });
    Template.fromStack(stack).hasResourceProperties('AWS::IoT::RoleAlias', {
      RoleArn: 'arn:aws:iam::111122223333:role/device', RoleAlias: Match.absent(), CredentialDurationSeconds: Match.absent(),
    });
  });

  test('uses name and duration', () => {
    const role = new DeviceRole(stack, 'Role', { maxSessionDuration: Duration.hours(12) });
    new RoleAlias(stack, 'Alias', { role, roleAliasName: 'SageMakerEdge-demo', credentialDuration: Duration.hours(12) });
    Template.fromStack(stack).hasResourceProperties('AWS::IoT::RoleAlias', {
      RoleAlias: 'SageMakerEdge-demo',
      CredentialDurationSeconds: 43200,
    });
  });

  test('has name and ARN as attributes of the resource', () => {
    const alias = new RoleAlias(stack, 'Alias', { role: new DeviceRole(stack, 'Role') });
    new CfnOutput(stack, 'Name', { value: alias.roleAliasRef.roleAlias });
    new CfnOutput(stack, 'Arn', { value: alias.roleAliasRef.roleAliasArn });
    const template = Template.fromStack(stack);
    const [id = ''] = Object.keys(template.findResources('AWS::IoT::RoleAlias'));
    template.hasOutput('Name', { Value: { Ref: id } });
    template.hasOutput('Arn', { Value: { 'Fn::GetAtt': [id, 'RoleAliasArn'] } });
  });

  test.each([
    [Duration.seconds(899), 'credentialDuration in seconds must be a whole number from 900 to 43200, got 899'],
    [Duration.seconds(43201), 'credentialDuration in seconds must be a whole number from 900 to 43200, got 43201'],
    [Duration.hours(2), 'credentialDuration must be at most the maxSessionDuration of its role, 3600 seconds, got 7200 seconds'],
  ])('fails when the duration is %s', (credentialDuration, message) => {
    expect(() => new RoleAlias(stack, 'Alias', { role: new DeviceRole(stack, 'Role'), credentialDuration })).toThrow(message);
  });

  test('fails when the duration is above what the role says', () => {
    const role = new DeviceRole(stack, 'Role', { maxSessionDuration: Duration.hours(2) });
    expect(() => new RoleAlias(stack, 'Alias', { role, credentialDuration: Duration.hours(3) })).toThrow('7200 seconds, got 10800 seconds');
  });

  test('of an imported role may last as long as the service admits', () => {
    const role = iam.Role.fromRoleName(stack, 'Role', 'device');
    expect(() => new RoleAlias(stack, 'Alias', { role, credentialDuration: Duration.hours(12) })).not.toThrow();
  });

  test('takes a duration that is a token', () => {
    const seconds = new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber;
    new RoleAlias(stack, 'Alias', { role: new DeviceRole(stack, 'Role'), credentialDuration: Duration.seconds(seconds) });
    Template.fromStack(stack).hasResourceProperties('AWS::IoT::RoleAlias', { CredentialDurationSeconds: { Ref: 'Seconds' } });
  });

  test('fails when its role does not trust the credential provider', () => {
    new RoleAlias(stack, 'Alias', { role: new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('iot.amazonaws.com') }) });
    expect(() => Template.fromStack(stack)).toThrow('role must trust credentials.iot.amazonaws.com, got a role that does not: Demo/Role');
  });

  test('takes trust that is added later', () => {
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('iot.amazonaws.com') });
    new RoleAlias(stack, 'Alias', { role });
    role.assumeRolePolicy?.addStatements(new iam.PolicyStatement({
      actions: ['sts:AssumeRole'],
      principals: [new iam.ServicePrincipal('credentials.iot.amazonaws.com')],
    }));
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('fails when the name has a dot', () => {
    expect(() => new RoleAlias(stack, 'Alias', { role: new DeviceRole(stack, 'Role'), roleAliasName: 'a.b' }))
      .toThrow("roleAliasName must be letters, digits and _ = , @ -, got 'a.b'");
  });

  test('is imported by name, in the stack\'s account and region, without its role', () => {
    const alias = RoleAlias.fromRoleAliasName(stack, 'Alias', 'SageMakerEdge-demo');
    expect(alias.role).toBeUndefined();
    expect(stack.resolve(alias.roleAliasArn)).toEqual({ 'Fn::Join': ['', [
      'arn:', { Ref: 'AWS::Partition' }, ':iot:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':rolealias/SageMakerEdge-demo',
    ]] });
  });

  test('is imported by ARN', () => {
    const alias = RoleAlias.fromRoleAliasArn(stack, 'Alias', 'arn:aws-us-gov:iot:us-gov-west-1:111122223333:rolealias/SageMakerEdge-demo');
    expect(alias.roleAliasName).toBe('SageMakerEdge-demo');
    expect(alias.env.region).toBe('us-gov-west-1');
  });

  test('is imported with its role', () => {
    const role = new DeviceRole(stack, 'Role');
    expect(RoleAlias.fromRoleAliasAttributes(stack, 'Alias', { roleAliasName: 'demo', role }).role).toBe(role);
  });
});

describe('a device role', () => {
  test('trusts the credential provider alone, and may do nothing', () => {
    new DeviceRole(stack, 'Role');
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: [
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'credentials.iot.amazonaws.com' } },
    ] } });
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('trusts further services', () => {
    new DeviceRole(stack, 'Role', { trustedServices: ['sagemaker.amazonaws.com'] });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: [
      { Principal: { Service: 'credentials.iot.amazonaws.com' } }, { Principal: { Service: 'sagemaker.amazonaws.com' } },
    ] } });
  });

  test('uses its name', () => {
    new DeviceRole(stack, 'Role', { roleName: 'SageMakerDevice' });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', { RoleName: 'SageMakerDevice' });
  });

  test('lets a device write under its own prefix of the capture bucket alone', () => {
    new DeviceRole(stack, 'Role', { captureBucket: new CaptureBucket(stack, 'Captures') });
    const template = Template.fromStack(stack);
    const [bucket = ''] = Object.keys(template.findResources('AWS::S3::Bucket'));
    template.hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: [
      {
        Action: 's3:PutObject',
        Effect: 'Allow',
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket, 'Arn'] }, '/captures/${credentials-iot:ThingName}/*']] },
      },
      { Action: 's3:GetBucketLocation', Effect: 'Allow', Resource: { 'Fn::GetAtt': [bucket, 'Arn'] } },
    ] } });
  });
});
