import { App, aws_iam as iam, aws_s3 as s3, NestedStack, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CompilationJob, CompilationTarget, Framework, ModelSource, PackagingJob, TargetArch, TargetOs } from '../../../lib';
import { jobNamePrefix } from '../../../lib/jobs/naming';

const JOB = 'Custom::SageMakerEdge-CompilationJob';
let app: App;
let stack: Stack;
beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } });
});

function compile(id: string, scope: Stack = stack): CompilationJob {
  return new CompilationJob(scope, id, {
    model: ModelSource.fromBucket(s3.Bucket.fromBucketName(scope, `${id}Source`, 'models'), 'a.tar.gz'),
    framework: Framework.xgboost(), target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
  });
}
const template = () => Template.fromStack(stack);
const jobs = (kind: string) => ({
  'Fn::Join': [
    '',
    ['arn:', { Ref: 'AWS::Partition' }, Match.stringLikeRegexp(`^:sagemaker:eu-west-1:111122223333:${kind}/demo-[0-9a-f]{8}-\\*$`)],
  ],
});

test('a stack has one provider, for both kinds of jobs', () => {
  compile('One');
  const two = compile('Two');
  new PackagingJob(stack, 'Package', { compilationJob: two, modelName: 'model', modelVersion: '1' });
  template().resourcePropertiesCountIs('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('compilation and packaging') }, 1);
  template().resourceCountIs('AWS::StepFunctions::StateMachine', 0);
});

test('its id is fixed: another one would replace every custom resource', () => {
  compile('One');
  expect(stack.node.tryFindChild('cdk-sagemaker-edge.JobProvider')).toBeDefined();
});

test('the rights on jobs that exist are granted once for both kinds, on the stack\'s prefix alone', () => {
  compile('One');
  template().hasResourceProperties('AWS::IAM::Policy', {
    PolicyName: Match.stringLikeRegexp('JobProviderRights'),
    PolicyDocument: {
      Statement: Match.arrayWith([
        {
          Effect: 'Allow',
          Action: [
            'sagemaker:DescribeCompilationJob', 'sagemaker:StopCompilationJob', 'sagemaker:DeleteCompilationJob',
            'sagemaker:AddTags', 'sagemaker:DeleteTags',
          ],
          Resource: jobs('compilation-job'),
        },
        {
          Effect: 'Allow',
          Action: [
            'sagemaker:DescribeEdgePackagingJob', 'sagemaker:StopEdgePackagingJob', 'sagemaker:AddTags', 'sagemaker:DeleteTags',
          ],
          Resource: jobs('edge-packaging-job'),
        },
        { Effect: 'Allow', Action: 'cloudformation:DescribeStackResource', Resource: { Ref: 'AWS::StackId' } },
      ]),
    },
  });
});

test('the right to start, and to pass the one role to SageMaker, is in a policy of the job\'s own', () => {
  compile('One');
  template().hasResourceProperties('AWS::IAM::Policy', {
    PolicyName: Match.stringLikeRegexp('OneStartPolicy'),
    PolicyDocument: {
      Statement: [
        { Effect: 'Allow', Action: 'sagemaker:CreateCompilationJob', Resource: jobs('compilation-job') },
        {
          Effect: 'Allow', Action: 'iam:PassRole', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^OneRole'), 'Arn'] },
          Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
        },
      ],
    },
  });
});

test.each([
  ['AWS::IAM::Policy', /JobProviderRights/], ['AWS::IAM::Policy', /OneStartPolicy/], ['AWS::Logs::LogGroup', /JobProvider/],
  ['AWS::Lambda::Function', /JobProviderHandler/],
])('the job depends on its start policy and on the whole provider: %s %s', (type, pattern) => {
  compile('One');
  const [id] = Object.keys(template().findResources(type)).filter((name) => pattern.test(name));
  template().hasResource(JOB, { DependsOn: Match.arrayWith([id]) });
});

test('the log is kept for a month and goes with the stack', () => {
  compile('One');
  template().hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
});

test('the handler may write its own log and has no managed policy', () => {
  compile('One');
  template().hasResourceProperties('AWS::IAM::Role', {
    Description: Match.stringLikeRegexp('compilation and packaging jobs'),
    ManagedPolicyArns: Match.absent(),
  });
});

test('a job is served by the handler itself', () => {
  compile('One');
  template().hasResourceProperties(JOB, { ServiceToken: { 'Fn::GetAtt': [Match.stringLikeRegexp('JobProviderHandler'), 'Arn'] } });
});

test('a role that cannot be changed is used as it is', () => {
  const role = iam.Role.fromRoleArn(stack, 'Fixed', 'arn:aws:iam::111122223333:role/fixed', { mutable: false });
  new CompilationJob(stack, 'One', {
    model: ModelSource.fromBucket(s3.Bucket.fromBucketName(stack, 'Source', 'models'), 'a.tar.gz'), role,
    framework: Framework.xgboost(), target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
  });
  template().hasResourceProperties(JOB, { RoleArn: 'arn:aws:iam::111122223333:role/fixed' });
});

describe('name prefix', () => {
  const ENTITY_NAME = /^[a-z0-9](-*[a-z0-9])*$/;

  test('it is the stack\'s name in lower case and a hash, so that no stack covers another', () => {
    const names = ['App', 'App-2', 'app-2'].map((id) => jobNamePrefix(new Stack(app, id)));
    expect(names[0]).toMatch(/^app-[0-9a-f]{8}$/);
    expect(names[1]).toMatch(/^app-2-[0-9a-f]{8}$/);
    expect(new Set(names).size).toBe(3);
  });

  test('a long name is cut so that the job\'s name fits', () => {
    const prefix = jobNamePrefix(new Stack(app, `A${'-b'.repeat(60)}`));
    expect(prefix.length).toBeLessThanOrEqual(31);
    expect(prefix).toMatch(ENTITY_NAME);
  });

  test('a nested stack, whose name is not known at synth, has its id', () => {
    expect(jobNamePrefix(new NestedStack(stack, 'Inner'))).toMatch(/^inner-[0-9a-f]{8}$/);
  });
});
