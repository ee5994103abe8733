import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { IdentityProvider } from '../../../../lib/identity/private/provider';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
});

test('a stack has one provider, whose id is part of the upgrade contract', () => {
  const provider = IdentityProvider.getOrCreate(stack);
  expect(IdentityProvider.getOrCreate(stack)).toBe(provider);
  expect(provider.node.path).toBe('Demo/cdk-sagemaker-edge.IdentityProvider');
});

test('two stacks have two', () => {
  expect(IdentityProvider.getOrCreate(new Stack(new App(), 'Other'))).not.toBe(IdentityProvider.getOrCreate(stack));
});

test('its handler may write its log and invoke itself, and nothing else, as long as nobody asks for more', () => {
  IdentityProvider.getOrCreate(stack);
  const template = Template.fromStack(stack);
  const [log = ''] = Object.keys(template.findResources('AWS::Logs::LogGroup'));
  const [handler = ''] = Object.keys(template.findResources('AWS::Lambda::Function'));
  const [role = ''] = Object.keys(template.findResources('AWS::IAM::Role', {
    Properties: { ManagedPolicyArns: Match.absent(), Description: Match.anyValue() },
  }));
  const policies = template.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: role }] } });
  expect(Object.values(policies)).toMatchObject([{ Properties: { PolicyDocument: { Statement: [
    { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': [log, 'Arn'] } },
    { Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [handler, 'Arn'] } },
  ] } } }]);
});

test('it has one function, which logs to a group that goes with the stack', () => {
  IdentityProvider.getOrCreate(stack);
  const template = Template.fromStack(stack);
  const [log = ''] = Object.keys(template.findResources('AWS::Logs::LogGroup', {
    DeletionPolicy: 'Delete',
    Properties: { RetentionInDays: 30 },
  }));
  template.resourceCountIs('AWS::Lambda::Function', 1);
  template.allResourcesProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: { Ref: log } } });
});

test('the handler is the prebuilt bundle on Node 24', () => {
  IdentityProvider.getOrCreate(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    MemorySize: 256,
    Timeout: 900,
  });
});

test('nothing passes through a state machine, which would keep it', () => {
  IdentityProvider.getOrCreate(stack);
  Template.fromStack(stack).resourceCountIs('AWS::StepFunctions::StateMachine', 0);
});
