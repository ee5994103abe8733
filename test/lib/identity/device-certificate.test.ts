import { App, aws_iam as iam, aws_iot as iot, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { DeviceCertificateOptions } from '../../../lib/identity/device-certificate';
import { DeviceCertificate } from '../../../lib/identity/device-certificate';
import { RoleAlias } from '../../../lib/identity/role-alias';
import { Thing } from '../../../lib/identity/thing';

const CSR = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

function make(options: DeviceCertificateOptions = {}, thingName = 'camera', scope = stack): DeviceCertificate {
  return new DeviceCertificate(scope, 'Certificate', {
    thing: new Thing(scope, 'Thing', { thingName }),
    roleAlias: RoleAlias.fromRoleAliasName(scope, 'Alias', 'SageMakerEdge-demo'),
    ...options,
  });
}

function idOf(type: string, props?: object): string {
  const [id, ...others] = Object.keys(Template.fromStack(stack).findResources(type, props));
  if (id === undefined || others.length > 0) {
    throw new Error(`${others.length} resources of type ${type}`);
  }
  return id;
}

const arn = (rest: string): object => ({ 'Fn::Join': ['', [
  'arn:', { Ref: 'AWS::Partition' }, ':iot:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${rest}`,
]] });

test('the secret is made without a value', () => {
  make();
  Template.fromStack(stack).hasResourceProperties('AWS::SecretsManager::Secret', {
    SecretString: Match.absent(),
    GenerateSecretString: Match.absent(),
  });
});

test('the certificate is made from the request, and the request after the secret', () => {
  make();
  const template = Template.fromStack(stack);
  template.hasResourceProperties('Custom::SageMakerEdge-DeviceKey', {
    SecretArn: { 'Fn::GetAtt': [idOf('AWS::SecretsManager::Secret'), 'Id'] },
    ThingName: { Ref: idOf('AWS::IoT::Thing') },
  });
  template.hasResourceProperties('AWS::IoT::Certificate', {
    Status: 'ACTIVE', CertificateSigningRequest: { 'Fn::GetAtt': [idOf('Custom::SageMakerEdge-DeviceKey'), 'CertificateSigningRequest'] },
  });
});

test('a request of the device is used, and no key or secret is made', () => {
  const certificate = make({ certificateSigningRequest: CSR });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::Certificate', { CertificateSigningRequest: CSR });
  template.hasResourceProperties('Custom::SageMakerEdge-DeviceCertificate', { SecretArn: Match.absent() });
  template.resourceCountIs('AWS::SecretsManager::Secret', 0);
  template.resourceCountIs('Custom::SageMakerEdge-DeviceKey', 0);
  expect(certificate.secretArn).toBeUndefined();
});

test('the IoT policy lets it assume the one role alias and nothing else', () => {
  make();
  Template.fromStack(stack).hasResourceProperties('AWS::IoT::Policy', { PolicyDocument: { Version: '2012-10-17', Statement: [
    { Action: 'iot:AssumeRoleWithCertificate', Effect: 'Allow', Resource: arn('rolealias/SageMakerEdge-demo') },
  ] } });
});

test('it is attached to its thing and to the policy', () => {
  make();
  const template = Template.fromStack(stack);
  const principal = { 'Fn::GetAtt': [idOf('AWS::IoT::Certificate'), 'Arn'] };
  template.hasResourceProperties('AWS::IoT::ThingPrincipalAttachment', {
    ThingName: { Ref: idOf('AWS::IoT::Thing') },
    Principal: principal,
  });
  template.hasResourceProperties('AWS::IoT::PolicyPrincipalAttachment', {
    PolicyName: { Ref: idOf('AWS::IoT::Policy') },
    Principal: principal,
  });
});

test('the attachments are deleted before the resource that waits for their end, and that before certificate and thing', () => {
  make();
  const template = Template.fromStack(stack);
  const delivery = idOf('Custom::SageMakerEdge-DeviceCertificate');
  template.allResources('AWS::IoT::ThingPrincipalAttachment', { DependsOn: [delivery] });
  template.allResources('AWS::IoT::PolicyPrincipalAttachment', { DependsOn: [delivery] });
  template.hasResourceProperties('Custom::SageMakerEdge-DeviceCertificate', {
    CertificateArn: { 'Fn::GetAtt': [idOf('AWS::IoT::Certificate'), 'Arn'] },
    CertificateId: { 'Fn::GetAtt': [idOf('AWS::IoT::Certificate'), 'Id'] },
    ThingName: { Ref: idOf('AWS::IoT::Thing') }, SecretArn: { 'Fn::GetAtt': [idOf('AWS::SecretsManager::Secret'), 'Id'] },
  });
});

test('the handler may use the secrets of this stack, in a policy that outlives them', () => {
  make();
  const folder = { 'Fn::Join': ['', [
    'arn:', { Ref: 'AWS::Partition' }, ':secretsmanager:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' },
    ':secret:cdk-sagemaker-edge/',
    { Ref: 'AWS::StackName' },
    '/',
    { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] },
    '/*',
  ]] };
  const policy = idOf('AWS::IAM::Policy', { Properties: { PolicyDocument: { Statement: [
    { Action: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'], Resource: folder },
  ] } } });
  Template.fromStack(stack).hasResource('AWS::SecretsManager::Secret', { DependsOn: [policy] });
});

test('the handler may read certificates and the principals of things, until the last of them is gone', () => {
  make();
  const policy = idOf('AWS::IAM::Policy', { Properties: { PolicyDocument: { Statement: [
    { Action: 'iot:DescribeCertificate', Resource: arn('cert/*') },
    { Action: 'iot:ListThingPrincipals', Resource: '*' },
  ] } } });
  Template.fromStack(stack).hasResource('Custom::SageMakerEdge-DeviceCertificate', { DependsOn: Match.arrayWith([policy]) });
});

test('one reader of the secret gets that one secret', () => {
  const certificate = make();
  const role = new iam.Role(stack, 'Instance', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  certificate.grants.readSecret(role);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [{
        Action: 'secretsmanager:GetSecretValue',
        Effect: 'Allow',
        Resource: { 'Fn::GetAtt': [idOf('AWS::SecretsManager::Secret'), 'Id'] },
      }],
    },
    Roles: [{ Ref: Match.stringLikeRegexp('Instance') }],
  });
});

test('reading the secret fails when the device has the key', () => {
  const role = new iam.Role(stack, 'Instance', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  expect(() => make({ certificateSigningRequest: CSR }).grants.readSecret(role)).toThrow(
    'Demo/Certificate: readSecret needs a certificate whose key the stack keeps in a secret',
  );
});

test('another thing gets other resources throughout', () => {
  const ids = ['one', 'two'].map((thingName) => {
    const other = new Stack(new App(), 'Demo');
    make({}, thingName, other);
    const { Resources } = Template.fromStack(other).toJSON() as { Resources: Record<string, unknown> };
    return Object.keys(Resources).filter((id) => id.startsWith('Device'));
  });
  expect(ids[0]).toHaveLength(7); // secret, key, certificate, delivery, policy, two attachments
  expect(ids[1]?.filter((id) => ids[0]?.includes(id))).toEqual([]);
});

test('a thing whose name is generated has a certificate too', () => {
  const thing = new iot.CfnThing(stack, 'Thing');
  new DeviceCertificate(stack, 'Certificate', { thing, roleAlias: RoleAlias.fromRoleAliasName(stack, 'Alias', 'demo') });
  Template.fromStack(stack).hasResourceProperties('AWS::IoT::ThingPrincipalAttachment', { ThingName: { Ref: 'Thing' } });
});

test('the certificate is an attribute, as its ARN and id are', () => {
  const certificate = make();
  expect(stack.resolve(certificate.certificatePem)).toEqual({
    'Fn::GetAtt': [idOf('Custom::SageMakerEdge-DeviceCertificate'), 'CertificatePem'],
  });
  expect(stack.resolve(certificate.certificateRef)).toEqual({
    certificateArn: { 'Fn::GetAtt': [idOf('AWS::IoT::Certificate'), 'Arn'] },
    certificateId: { 'Fn::GetAtt': [idOf('AWS::IoT::Certificate'), 'Id'] },
  });
});

test.each([
  ['is not PEM', 'MIIB', "certificateSigningRequest must be a PEM block that begins with -----BEGIN CERTIFICATE REQUEST-----, got 'MIIB'"],
  ['is empty', '', 'certificateSigningRequest must be a PEM block'],
])('fails when the request %s', (_, certificateSigningRequest, message) => {
  expect(() => make({ certificateSigningRequest })).toThrow(message);
});

test('fails when a private key is given for a request, without repeating it', () => {
  const attempt = (): unknown => make({ certificateSigningRequest: '-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n' });
  expect(attempt).toThrow('certificateSigningRequest must not hold a private key');
  expect(attempt).not.toThrow(/hush/);
});

test('an import knows its id, and its secret where one is given', () => {
  const attrs = {
    certificateArn: 'arn:aws:iot:eu-west-1:111122223333:cert/c0ffee',
    secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-AbCdEf',
  };
  expect(DeviceCertificate.fromDeviceCertificateAttributes(stack, 'One', attrs)).toMatchObject({ ...attrs, certificateId: 'c0ffee' });
  expect(DeviceCertificate.fromCertificateArn(stack, 'Two', attrs.certificateArn).secretArn).toBeUndefined();
});
