import { App, aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  CompilationJob, CompilationTarget, Framework, ModelInput, ModelSource, TargetArch, TargetOs, type CompilationJobProps,
} from '../../../lib';

const ENV = { account: '111122223333', region: 'eu-west-1' };
const JOB = 'Custom::SageMakerEdge-CompilationJob';
const partition = { Ref: 'AWS::Partition' };

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo', { env: ENV });
});

function compile(props: Partial<CompilationJobProps> = {}): CompilationJob {
  return new CompilationJob(stack, 'Compile', {
    model: ModelSource.fromBucket(s3.Bucket.fromBucketName(stack, 'Source', 'models'), 'in/a.tar.gz'),
    framework: Framework.onnx({ inputs: [ModelInput.tensor('x', [1, 3, 48, 320])] }),
    target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
    outputBucket: s3.Bucket.fromBucketName(stack, 'Output', 'output'),
    ...props,
  });
}
const template = () => Template.fromStack(stack);
const arn = (rest: string) => ({ 'Fn::Join': ['', ['arn:', partition, rest]] });
/** The role's policies but those of the provider. */
function hasStatement(statement: object): void {
  template().hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: Match.stringLikeRegexp('^CompileRole') }],
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(statement)]) },
  });
}

test('the default role trusts SageMaker, for this account alone', () => {
  compile();
  template().hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [{
        Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      }],
    },
  });
});

test('it may read the one object, find and list the buckets, and write under the prefix', () => {
  compile();
  hasStatement({ Action: 's3:GetObject', Resource: arn(':s3:::models/in/a.tar.gz') });
  hasStatement({ Action: ['s3:GetBucketLocation', 's3:ListBucket'], Resource: arn(':s3:::models') });
  hasStatement({ Action: ['s3:GetBucketLocation', 's3:ListBucket'], Resource: arn(':s3:::output') });
  hasStatement({ Action: ['s3:PutObject', 's3:AbortMultipartUpload'], Resource: arn(':s3:::output/compiled/*') });
});

test('it may write the log of compilation jobs, and metrics in SageMaker\'s namespaces', () => {
  compile();
  hasStatement({
    Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    Resource: arn(':logs:eu-west-1:111122223333:log-group:/aws/sagemaker/CompilationJobs*'),
  });
  hasStatement({
    Action: 'cloudwatch:PutMetricData',
    Resource: '*',
    Condition: { StringLike: { 'cloudwatch:namespace': ['AWS/SageMaker*', '/aws/sagemaker/*'] } },
  });
});

test('without a key and a VPC it has no rights for either', () => {
  compile();
  expect(JSON.stringify(template().findResources('AWS::IAM::Policy'))).not.toMatch(/kms:|ec2:/);
});

test('with a key it may use this key', () => {
  compile({ outputKey: new kms.Key(stack, 'Key') });
  hasStatement({
    Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
    Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
  });
  template().hasResourceProperties(JOB, {
    Output: Match.objectLike({ KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } }),
  });
});

test('the key of the output bucket counts where none is given', () => {
  compile({ outputBucket: new s3.Bucket(stack, 'Encrypted', { encryption: s3.BucketEncryption.KMS }) });
  hasStatement({ Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'] });
  template().hasResourceProperties(JOB, { Output: Match.objectLike({ KmsKeyId: Match.absent() }) });
});

test('a given role is used, and granted what the job needs', () => {
  const role = new iam.Role(stack, 'CompileRoleOfMine', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
  expect(compile({ role }).role).toBe(role);
  hasStatement({ Action: 's3:GetObject' });
  template().resourcePropertiesCountIs(
    'AWS::IAM::Role',
    { AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 'sagemaker.amazonaws.com' } })] } },
    1,
  );
});

test('fails when a given role does not trust SageMaker', () => {
  compile({ role: new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) });
  expect(template).toThrow('role must trust sagemaker.amazonaws.com, got a role that does not: Demo/Mine');
});

test('an imported role is granted what the job needs', () => {
  compile({ role: iam.Role.fromRoleArn(stack, 'Imported', 'arn:aws:iam::111122223333:role/mine') });
  template().hasResourceProperties('AWS::IAM::Policy', {
    Roles: ['mine'],
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 's3:GetObject' })]) },
  });
  template().hasResourceProperties(JOB, { RoleArn: 'arn:aws:iam::111122223333:role/mine' });
});

test.each([
  ['the default role', undefined], ['an imported role', 'arn:aws:iam::111122223333:role/mine'],
])('the job comes after the policies of %s', (_, roleArn) => {
  compile(roleArn === undefined ? {} : { role: iam.Role.fromRoleArn(stack, 'Imported', roleArn) });
  const policies = Object.entries(template().findResources('AWS::IAM::Policy'))
    .filter(([, { Properties }]) => JSON.stringify(Properties).includes('s3:PutObject')).map(([id]) => id);
  expect(policies).toHaveLength(1);
  template().hasResource(JOB, { DependsOn: Match.arrayWith(policies) });
});

describe('VPC', () => {
  let vpc: ec2.IVpc;
  beforeEach(() => {
    vpc = new ec2.Vpc(stack, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'in', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
  });

  test('subnets and a security group of its own are sent, and the role may attach to them', () => {
    compile({ vpc });
    template().hasResourceProperties(JOB, {
      VpcConfig: {
        Subnets: [{ Ref: Match.stringLikeRegexp('^VpcinSubnet1') }, { Ref: Match.stringLikeRegexp('^VpcinSubnet2') }],
        SecurityGroupIds: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^CompileSecurityGroup'), 'GroupId'] }],
      },
    });
    hasStatement({
      Action: Match.arrayWith(['ec2:CreateNetworkInterface']),
      Resource: Match.arrayWith([arn(':ec2:eu-west-1:111122223333:network-interface/*')]),
    });
    hasStatement({ Action: Match.arrayWith(['ec2:DescribeVpcs']), Resource: '*' });
  });

  test('given security groups and subnets are used', () => {
    const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1');
    const job = compile({ vpc, securityGroups: [group], vpcSubnets: { subnets: [ec2.Subnet.fromSubnetId(stack, 'One', 'subnet-1')] } });
    template().hasResourceProperties(JOB, { VpcConfig: { Subnets: ['subnet-1'], SecurityGroupIds: ['sg-1'] } });
    expect(job.connections.securityGroups).toEqual([group]);
    template().resourceCountIs('AWS::EC2::SecurityGroup', 0);
  });

  test('fails when there are too many or too few security groups', () => {
    const groups = Array.from({ length: 6 }, (_, i) => ec2.SecurityGroup.fromSecurityGroupId(stack, `Group${i}`, `sg-${i}`));
    expect(() => compile({ vpc, securityGroups: groups })).toThrow('securityGroups must be 1 to 5, got 6');
    stack.node.tryRemoveChild('Compile');
    stack.node.tryRemoveChild('Source');
    stack.node.tryRemoveChild('Output');
    expect(() => compile({ vpc, securityGroups: [] })).toThrow('securityGroups must be 1 to 5, got 0');
  });

  test('fails when there are too many subnets', () => {
    const subnets = Array.from({ length: 17 }, (_, i) => ec2.Subnet.fromSubnetId(stack, `Subnet${i}`, `subnet-${i}`));
    expect(() => compile({ vpc, vpcSubnets: { subnets } })).toThrow('subnets must be 1 to 16, got 17');
  });

  test('fails when subnets or security groups are given without it', () => {
    expect(() => compile({ vpcSubnets: {} })).toThrow('vpcSubnets need a vpc, got none');
    stack.node.tryRemoveChild('Compile');
    stack.node.tryRemoveChild('Source');
    stack.node.tryRemoveChild('Output');
    expect(() => compile({ securityGroups: [] })).toThrow('securityGroups need a vpc, got none');
  });

  test('fails when connections are asked for without it', () => {
    const job = compile();
    expect(() => job.connections).toThrow('connections are there only where vpc is given');
  });
});

test.each(['cn-north-1', 'us-gov-west-1'])('in %s no partition and no DNS suffix is a literal', (region) => {
  stack = new Stack(new App(), 'Demo', { env: { ...ENV, region } });
  compile({ outputKey: new kms.Key(stack, 'Key'), vpc: new ec2.Vpc(stack, 'Vpc'), outputBucket: undefined });
  expect(JSON.stringify(template().toJSON())).not.toMatch(/arn:aws|amazonaws\.com\.cn/);
});
