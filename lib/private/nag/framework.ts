import { aws_iam as iam, aws_lambda as lambda, type custom_resources as cr } from 'aws-cdk-lib';
import { acknowledge, acknowledgeManagedPolicy, acknowledgeWildcards } from './acknowledge';

/** What cdk-nag finds in the functions and the state machine of CDK's provider framework, which this library cannot make otherwise. */
export function acknowledgeFramework(provider: cr.Provider): void {
  acknowledgeManagedPolicy(provider, 'a function of CDK\'s provider framework writes its log',
    iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole'));
  const functions = provider.node.findAll().filter((node): node is lambda.Function => node instanceof lambda.Function);
  const versions = [provider.onEventHandler, ...functions].map(({ functionArn }) => `${functionArn}:*`);
  acknowledgeWildcards(provider, 'CDK\'s provider framework calls any version of one function', ...versions);
  for (const rule of ['AwsSolutions-SF1', 'AwsSolutions-SF2']) {
    acknowledge(provider, rule, 'the waiter of CDK\'s provider framework: the log of the handler shows what it waits for');
  }
}
