import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

export const ACCOUNT = '111122223333';
export const EU = { account: ACCOUNT, region: 'eu-west-1' };

export function stackIn(props: ConstructorParameters<typeof Stack>[2] = {}): Stack {
  return new Stack(new App(), 'Demo', props);
}

export function has(stack: Stack, type: string, properties: unknown): void {
  Template.fromStack(stack).hasResourceProperties(type, properties);
}

/** What the policies of a stack allow, a statement for each: all of them, or those whose logical id is like this. */
export function statements(stack: Stack, policy = ''): readonly Readonly<Record<string, unknown>>[] {
  const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  return policies.filter(([id]) => new RegExp(policy).test(id)).flatMap(([, { Properties }]) => (
    (Properties as { PolicyDocument: { Statement: Readonly<Record<string, unknown>>[] } }).PolicyDocument.Statement
  ));
}
