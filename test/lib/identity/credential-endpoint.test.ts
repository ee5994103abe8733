import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CredentialEndpoint } from '../../../lib/identity/credential-endpoint';
import { RoleAlias } from '../../../lib/identity/role-alias';

const TYPE = 'Custom::SageMakerEdge-CredentialEndpoint';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

test('a stack has one', () => {
  const endpoint = CredentialEndpoint.forStack(stack);
  expect(CredentialEndpoint.forStack(stack)).toBe(endpoint);
  expect(endpoint.endpointAddress).toBe(endpoint.endpointAddress);
  Template.fromStack(stack).resourceCountIs(TYPE, 1);
});

test('nothing is looked up that nobody asks for', () => {
  CredentialEndpoint.forStack(stack);
  expect(Template.fromStack(stack).toJSON()).not.toHaveProperty('Resources');
});

test('the credentials of a role alias have a URL', () => {
  const url = CredentialEndpoint.forStack(stack).credentialsUrl(RoleAlias.fromRoleAliasName(stack, 'Alias', 'SageMakerEdge-demo'));
  const [id] = Object.keys(Template.fromStack(stack).findResources(TYPE, { Properties: { EndpointType: 'iot:CredentialProvider' } }));
  expect(stack.resolve(url)).toEqual({
    'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [id, 'EndpointAddress'] }, '/role-aliases/SageMakerEdge-demo/credentials']],
  });
});

test('the data endpoint is another resource', () => {
  const endpoint = CredentialEndpoint.forStack(stack);
  expect(endpoint.dataEndpointAddress).not.toBe(endpoint.endpointAddress);
  Template.fromStack(stack).hasResourceProperties(TYPE, { EndpointType: 'iot:Data-ATS' });
});

test('the handler may ask for endpoints, once granted for all, in a policy that outlives the question', () => {
  expect(CredentialEndpoint.forStack(stack).endpointAddress).toBeDefined();
  expect(CredentialEndpoint.forStack(stack).dataEndpointAddress).toBeDefined();
  const template = Template.fromStack(stack);
  const policies = template.findResources('AWS::IAM::Policy', { Properties: { PolicyDocument: { Statement: [
    Match.objectLike({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] }),
    Match.objectLike({ Action: 'lambda:InvokeFunction' }),
    { Action: 'iot:DescribeEndpoint', Effect: 'Allow', Resource: '*' },
  ] } } });
  expect(Object.keys(policies)).toHaveLength(1);
  template.allResources(TYPE, { DependsOn: Object.keys(policies) });
});
