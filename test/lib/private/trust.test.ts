import { App, aws_iam as iam, CfnParameter, Fn, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { validateTrust } from '../../../lib/private/trust';

const SERVICES = ['credentials.iot.amazonaws.com'];
const trusted = new iam.ServicePrincipal('credentials.iot.amazonaws.com');
const other = new iam.ServicePrincipal('iot.amazonaws.com');
const REFUSED = 'role must trust credentials.iot.amazonaws.com, got a role that does not: Demo/Role';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } });
});

function check(role: iam.IRole, services = SERVICES): () => void {
  validateTrust(new Construct(stack, 'Checked'), 'role', role, services);
  return () => {
    Template.fromStack(stack);
  };
}

/** A role whose trust CloudFormation alone can tell. */
function raw(assumeRolePolicyDocument: unknown): iam.IRole {
  const role = new iam.Role(stack, 'Role', { assumedBy: other });
  if (iam.CfnRole.isCfnRole(role.node.defaultChild)) {
    role.node.defaultChild.assumeRolePolicyDocument = assumeRolePolicyDocument;
  }
  return role;
}
const allow = (principal: unknown) => ({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal }] });

test('a role that trusts the service passes, whatever else it trusts', () => {
  expect(check(new iam.Role(stack, 'Role', { assumedBy: new iam.CompositePrincipal(other, trusted) }))).not.toThrow();
});

test('fails when one of several services is not trusted, by its name', () => {
  expect(check(new iam.Role(stack, 'Role', { assumedBy: trusted }), [...SERVICES, 'sagemaker.amazonaws.com'])).toThrow(
    'role must trust sagemaker.amazonaws.com, got a role that does not: Demo/Role',
  );
});

test('fails when the service is in a condition alone', () => {
  expect(check(new iam.Role(
    stack,
    'Role',
    { assumedBy: new iam.AccountRootPrincipal().withConditions({ StringEquals: { 'aws:PrincipalServiceName': SERVICES[0] } }) },
  ))).toThrow(REFUSED);
});

test('fails when the service is denied alone', () => {
  expect(check(raw({ Statement: [{ Effect: 'Deny', Action: 'sts:AssumeRole', Principal: { Service: SERVICES } }] }))).toThrow(REFUSED);
});

test.each<[string, unknown]>([
  ['a parameter', { Service: { Ref: 'Service' } }],
  ['a parameter among others', { Service: ['iot.amazonaws.com', { Ref: 'Service' }] }],
  ['a list that is made of a text', { Service: { 'Fn::Split': [',', { Ref: 'Service' }] } }],
  ['one that ends in the partition\'s suffix', { Service: { 'Fn::Join': ['', ['credentials.iot.', { Ref: 'AWS::URLSuffix' }]] } }],
  ['one that begins with a parameter', { Service: { 'Fn::Join': ['', [{ Ref: 'Service' }, '.amazonaws.com']] } }],
  ['one that is chosen at deployment', { 'Fn::If': ['Condition', { Service: 'x' }, { Service: 'y' }] }],
  ['that of China', { Service: 'credentials.iot.amazonaws.com.cn' }],
  ['everybody', '*'],
])('the service may be %s', (_, principal) => {
  expect(check(raw(allow(principal)))).not.toThrow();
});

test('fails when a service that is put together is another', () => {
  expect(check(raw(allow({ Service: { 'Fn::Join': ['', ['ec2.', { Ref: 'AWS::URLSuffix' }]] } })))).toThrow(REFUSED);
});

test('a trust policy that is a parameter passes', () => {
  expect(check(raw({ Ref: new CfnParameter(stack, 'Trust').logicalId }))).not.toThrow();
});

test('a principal that is a token passes', () => {
  expect(check(new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal(Fn.importValue('service')) }))).not.toThrow();
});

test('an import passes, since its trust is not known', () => {
  expect(check(iam.Role.fromRoleName(stack, 'Role', 'mine'))).not.toThrow();
});

test.each(['cn-north-1', 'us-gov-west-1'])('a role that trusts the service passes in %s', (region) => {
  stack = new Stack(new App(), 'Demo', { env: { account: '111122223333', region } });
  expect(check(new iam.Role(stack, 'Role', { assumedBy: trusted }))).not.toThrow();
});

describe.each<[string, (principal: iam.IPrincipal) => iam.IRole]>([
  ['a role of another stack', (assumedBy) => new iam.Role(new Stack(Stage.of(stack), 'Other', { env: stack.env }), 'Role', { assumedBy })],
  ['a role without policy updates', (assumedBy) => new iam.Role(stack, 'Role', { assumedBy }).withoutPolicyUpdates()],
  ['a lazy role', (assumedBy) => {
    const role = new iam.LazyRole(stack, 'Role', { assumedBy });
    expect(role.roleArn).toBeDefined();
    return role;
  }],
])('%s', (_, make) => {
  test('passes with the trust', () => {
    expect(check(make(trusted))).not.toThrow();
  });

  test('fails when it lacks the trust', () => {
    expect(check(make(other))).toThrow(/role must trust credentials\.iot\.amazonaws\.com, got a role that does not/);
  });
});
