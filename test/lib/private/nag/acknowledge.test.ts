import { App, aws_iam as iam, aws_s3 as s3, Aws, Fn, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { IConstruct } from 'constructs';
import { acknowledge, acknowledgeGranted, acknowledgeManagedPolicy, acknowledgeWildcards } from '../../../../lib/private/nag/acknowledge';
import { flattenReference } from '../../../../lib/private/nag/flatten-reference';

let app: App;
let stack: Stack;
let bucket: s3.Bucket;
let role: iam.Role;
beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack');
  bucket = new s3.Bucket(stack, 'Bucket');
  role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
});

const acknowledged = (scope: IConstruct): unknown[] =>
  scope.node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY).map(({ data }) => data as unknown);

describe('acknowledge', () => {
  test('writes the reason where cdk-nag reads it', () => {
    acknowledge(bucket, 'AwsSolutions-S1', 'because');
    expect(acknowledged(bucket)).toEqual([{ 'AwsSolutions-S1': 'because' }]);
  });

  test('writes it once', () => {
    acknowledge(bucket, 'AwsSolutions-S1', 'because');
    acknowledge(bucket, 'AwsSolutions-S1', 'because');
    expect(acknowledged(bucket)).toHaveLength(1);
  });

  test('leaves the template alone', () => {
    acknowledge(bucket, 'AwsSolutions-S1', 'because');
    acknowledgeWildcards(role, 'because', bucket.arnForObjects('*'));
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('because');
  });
});

describe('acknowledgeWildcards', () => {
  test('names a resource by the logical ID that it has at the end of the synth', () => {
    acknowledgeWildcards(role, 'because', bucket.arnForObjects('captures/*'));
    if (s3.CfnBucket.isCfnBucket(bucket.node.defaultChild)) {
      bucket.node.defaultChild.overrideLogicalId('Renamed');
    }
    app.synth();
    expect(acknowledged(role)).toEqual([{ 'AwsSolutions-IAM5[Resource::<Renamed.Arn>/captures/*]': 'because' }]);
  });

  test('names a resource of another stack by its export', () => {
    const other = new iam.Role(new Stack(app, 'Other'), 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    other.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects('*')] }));
    acknowledgeWildcards(other, 'because', bucket.arnForObjects('*'));
    app.synth();
    expect(Object.keys(acknowledged(other)[0] ?? {})).toEqual([
      expect.stringMatching(/^AwsSolutions-IAM5\[Resource::Stack:ExportsOutputFnGetAttBucket\w+Arn\w+\/\*\]$/),
    ]);
  });
});

test('acknowledgeManagedPolicy takes an ARN with the partition in it', () => {
  acknowledgeManagedPolicy(role, 'because', iam.ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess'));
  app.synth();
  expect(acknowledged(role)).toEqual([{ 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/ReadOnlyAccess]': 'because' }]);
});

describe('acknowledgeGranted', () => {
  test('explains a grant to a role on the role', () => {
    acknowledgeGranted(role, 'because', '*');
    app.synth();
    expect(acknowledged(role)).toEqual([{ 'AwsSolutions-IAM5[Resource::*]': 'because' }]);
  });

  test('explains a grant to a policy on the policy', () => {
    const policy = new iam.Policy(stack, 'Policy', { roles: [role], statements: [new iam.PolicyStatement({ actions: ['a:B'], resources: ['c'] })] });
    acknowledgeGranted(policy, 'because', '*');
    app.synth();
    expect(acknowledged(policy)).toEqual([{ 'AwsSolutions-IAM5[Resource::*]': 'because' }]);
  });

  test('passes over a principal that is no construct', () => {
    acknowledgeGranted({ grantPrincipal: new iam.ServicePrincipal('ec2.amazonaws.com') }, 'because', '*');
    app.synth();
    expect(app.node.findAll().flatMap(acknowledged)).toEqual([]);
  });
});

describe('flattenReference', () => {
  test.each([
    ['a variable of IAM', 'captures/${credentials-iot:ThingName}', 'captures/<credentials-iot:ThingName>'],
    ['a reference', { Ref: 'Bucket' }, '<Bucket>'],
    ['a join', { 'Fn::Join': ['/', [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, '*']] }, '<Bucket.Arn>/*'],
    ['an import', { 'Fn::ImportValue': 'Stack:Export' }, 'Stack:Export'],
    ['a substitution', { 'Fn::Sub': 'arn:${AWS::Partition}:s3' }, 'arn:<AWS::Partition>:s3'],
    ['another function', { 'Fn::Select': [0, 'a'] }, '{"Fn::Select":[0,"a"]}'],
    ['nothing', undefined, ''],
  ])('writes %s as cdk-nag does', (_what, value, wanted) => {
    expect(flattenReference(value)).toBe(wanted);
  });

  test('resolves nothing itself', () => {
    expect(flattenReference(stack.resolve(Fn.join(':', ['arn', Aws.PARTITION])))).toBe('arn:<AWS::Partition>');
  });
});
