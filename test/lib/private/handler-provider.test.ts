import { App, Aspects, aws_iam as iam, aws_lambda as lambda, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import { HandlerProvider, type HandlerProviderProps } from '../../../lib/private/handler-provider';
import { inStack } from '../../../lib/private/in-stack';

class TestProvider extends HandlerProvider {
  public static getOrCreate(scope: Construct, props: Partial<HandlerProviderProps> = {}): TestProvider {
    return inStack(scope, 'TestProvider', (stack, uid) => new TestProvider(stack, uid, {
      handler: 'device',
      purpose: 'tests',
      description: 'serves tests',
      ...props,
    }));
  }
}

const right = new iam.PolicyStatement({ actions: ['iot:DescribeThing'], resources: ['*'] });
let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

test('a stack has one provider', () => {
  expect(TestProvider.getOrCreate(stack)).toBe(TestProvider.getOrCreate(stack));
});

test('its children have the ids that logical ids are made of', () => {
  expect(TestProvider.getOrCreate(stack).node.children.map(({ node }) => node.id)).toEqual(['Logs', 'Role', 'Handler', 'Rights']);
});

test('the handler has a log that is kept for a month and goes with the stack', () => {
  TestProvider.getOrCreate(stack);
  Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
});

test('the handler is the bundle on Node 24, with the longest timeout that there is, and a description', () => {
  TestProvider.getOrCreate(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'index.handler', Runtime: 'nodejs24.x', MemorySize: 256, Timeout: 900, Description: 'cdk-sagemaker-edge: serves tests',
  });
});

test('the role says what it is for, and has no managed policy', () => {
  TestProvider.getOrCreate(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    Description: 'Handler of cdk-sagemaker-edge for tests', ManagedPolicyArns: Match.absent(),
  });
});

test('it is four resources: one function, and no state machine', () => {
  TestProvider.getOrCreate(stack);
  const types = Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
  expect(types.sort()).toEqual(['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup']);
});

test('the handler may write its log and invoke itself, and nothing else, as long as nobody asks for more', () => {
  TestProvider.getOrCreate(stack);
  const template = Template.fromStack(stack);
  const [handler] = Object.keys(template.findResources('AWS::Lambda::Function'));
  const [log] = Object.keys(template.findResources('AWS::Logs::LogGroup'));
  template.hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: [
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': [log, 'Arn'] } },
    { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [handler, 'Arn'] } },
  ] } });
});

test('a custom resource is served by the handler, and depends on its rights: its Delete comes while they are there', () => {
  TestProvider.getOrCreate(stack).customResource(stack, 'Resource', { resourceType: 'Custom::Test' });
  const template = Template.fromStack(stack);
  const [handler] = Object.keys(template.findResources('AWS::Lambda::Function'));
  const [rights = ''] = Object.keys(template.findResources('AWS::IAM::Policy'));
  template.hasResource('Custom::Test', {
    Properties: { ServiceToken: { 'Fn::GetAtt': [handler, 'Arn'] } }, DependsOn: Match.arrayWith([rights]),
  });
});

test('a grant is a policy of its own under its owner', () => {
  const policy = TestProvider.getOrCreate(stack).grant(stack, 'Rights', right);
  expect(policy.node.path).toBe('Demo/Rights');
});

test('a grant that is made once serves all who ask', () => {
  const provider = TestProvider.getOrCreate(stack);
  expect(provider.grantOnce(stack, 'Rights', right)).toBe(provider.grantOnce(stack, 'Rights', right));
});

test('fails when the policies of a role that grows are too large, with the advice', () => {
  const provider = TestProvider.getOrCreate(stack, { adviceOnLimit: 'use another stack' });
  for (let index = 0; index < 30; index++) {
    provider.grant(stack, `Rights${index}`, new iam.PolicyStatement({
      actions: ['iot:DescribeThing'],
      resources: [`arn:aws:iot:eu-west-1:111122223333:thing/${'x'.repeat(400)}${index}`],
    }));
  }
  expect(() => Template.fromStack(stack)).toThrow(/at most 10240 characters together.*use another stack/s);
});

describe('an Aspect that puts functions into a VPC', () => {
  const vpcAccess = Match.arrayWith([
    { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole']] },
  ]);

  test('finds the role of the handler with the rights on network interfaces', () => {
    TestProvider.getOrCreate(stack);
    Aspects.of(stack).add({
      visit: (node) => {
        if (node instanceof lambda.CfnFunction) {
          node.vpcConfig = { subnetIds: ['subnet-01234567'], securityGroupIds: ['sg-01234567'] };
        }
      },
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    expect(Object.keys(template.findResources('AWS::IAM::Role', { Properties: { ManagedPolicyArns: vpcAccess } }))).toHaveLength(1);
  });

  test('is what gives them: without it they have none', () => {
    TestProvider.getOrCreate(stack);
    expect(Template.fromStack(stack).findResources('AWS::IAM::Role', { Properties: { ManagedPolicyArns: vpcAccess } })).toEqual({});
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      Description: 'Handler of cdk-sagemaker-edge for tests', ManagedPolicyArns: Match.absent(),
    });
  });
});
