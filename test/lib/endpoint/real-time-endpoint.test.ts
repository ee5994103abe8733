import { aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_logs as logs, Fn, Stack, App, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointModel, ModelSource, RealTimeEndpoint } from '../../../lib';
import { onnxBytes } from '../onnx-bytes';
import { modelFile } from '../temp-models';
import { EU, endpointIn, has, stackIn, statementsWith, variant } from './endpoint-stack';

describe('the endpoint', () => {
  test('has a name in lower case, made of the names of stack and construct', () => {
    const stack = stackIn();
    endpointIn(stack);
    has(stack, 'AWS::SageMaker::Endpoint', { EndpointName: 'demo-endpoint', EndpointConfigName: { 'Fn::GetAtt': [Match.anyValue(), 'EndpointConfigName'] } });
  });

  test('takes a name', () => {
    const stack = stackIn();
    endpointIn(stack, { endpointName: 'Reader' });
    has(stack, 'AWS::SageMaker::Endpoint', { EndpointName: 'Reader' });
    has(stack, 'AWS::Logs::LogGroup', { LogGroupName: '/aws/sagemaker/Endpoints/Reader' });
  });

  test('gives model and configuration no name, so that another one can replace them', () => {
    const stack = stackIn();
    endpointIn(stack);
    has(stack, 'AWS::SageMaker::Model', { ModelName: Match.absent() });
    has(stack, 'AWS::SageMaker::EndpointConfig', { EndpointConfigName: Match.absent() });
  });

  test('knows its ARN, its name and its reference', () => {
    const stack = stackIn();
    const endpoint = endpointIn(stack);
    expect(stack.resolve([endpoint.endpointArn, endpoint.endpointName, endpoint.endpointRef])).toEqual([
      { Ref: 'EndpointEEF1FD8F' }, { 'Fn::GetAtt': ['EndpointEEF1FD8F', 'EndpointName'] }, { endpointArn: { Ref: 'EndpointEEF1FD8F' } },
    ]);
  });

  test('has the command that reads the last hour of its log', () => {
    const stack = stackIn();
    expect(stack.resolve(endpointIn(stack).readLogCommand())).toEqual({ 'Fn::Join': ['', [
      'aws logs filter-log-events --region eu-west-1 --log-group-name ', { Ref: 'EndpointLogs88A66289' },
      ' --start-time "$(($(date +%s) - 3600))000" --query \'events[].[logStreamName,message]\' --output text',
    ]] });
  });

  test('is tagged with its model and its configuration', () => {
    const stack = stackIn();
    Tags.of(endpointIn(stack)).add('team', 'edge');
    for (const type of ['AWS::SageMaker::Model', 'AWS::SageMaker::EndpointConfig', 'AWS::SageMaker::Endpoint']) {
      has(stack, type, { Tags: [{ Key: 'team', Value: 'edge' }] });
    }
  });

  test.each([['-a', 'letters, digits and hyphens'], ['x'.repeat(64), '1 to 63 characters'], ['', '1 to 63 characters']])('fails when its name is %p', (endpointName, wanted) => {
    expect(() => endpointIn(stackIn(), { endpointName })).toThrow(wanted);
  });

  test('fails when another endpoint of the place has the name, in whatever case', () => {
    const stack = stackIn();
    endpointIn(stack, { endpointName: 'reader' });
    expect(() => new RealTimeEndpoint(stack, 'Other', { endpointName: 'Reader', variants: [variant()] })).toThrow(
      "Demo/Other: the name of a real-time endpoint must be unique in an account and region, got 'reader', which Demo/Endpoint has",
    );
  });

  test('keeps the properties of variants in an update where that is asked for', () => {
    const stack = stackIn();
    endpointIn(stack, { retainVariantProperties: true });
    has(stack, 'AWS::SageMaker::Endpoint', { RetainAllVariantProperties: true });
  });

  test('takes a name that only the deployment knows', () => {
    const stack = stackIn();
    endpointIn(stack, { endpointName: Fn.importValue('name') });
    has(stack, 'AWS::SageMaker::Endpoint', { EndpointName: { 'Fn::ImportValue': 'name' } });
  });
});

describe('the role', () => {
  test('trusts SageMaker for this account', () => {
    const stack = stackIn();
    endpointIn(stack);
    has(stack, 'AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{
        Action: 'sts:AssumeRole', Principal: { Service: 'sagemaker.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      }] },
    });
  });

  test('reads the archive of the model and nothing else of S3', () => {
    const stack = stackIn();
    endpointIn(stack);
    expect(statementsWith(stack, 's3:GetObject')).toEqual([{
      Action: 's3:GetObject', Effect: 'Allow',
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, expect.stringMatching(/^:s3:::cdk-hnb659fds-assets-111122223333-eu-west-1\/[0-9a-f]{64}\.tar\.gz$/)]] },
    }]);
  });

  test('pulls from one repository', () => {
    const stack = stackIn();
    endpointIn(stack);
    expect(statementsWith(stack, 'ecr:BatchGetImage')).toEqual([{
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'], Effect: 'Allow',
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecr:eu-west-1:763104351884:repository/sagemaker-tritonserver']] },
    }]);
  });

  test('writes its own log and no other', () => {
    const stack = stackIn();
    endpointIn(stack);
    const arn = ['arn:', { Ref: 'AWS::Partition' }, ':logs:eu-west-1:111122223333:log-group:', { Ref: 'EndpointLogs88A66289' }];
    expect(statementsWith(stack, 'logs:PutLogEvents')).toMatchObject([{
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      Resource: [{ 'Fn::Join': ['', arn] }, { 'Fn::Join': ['', [...arn, ':*']] }],
    }]);
  });

  test('publishes metrics in the namespaces of SageMaker', () => {
    const stack = stackIn();
    endpointIn(stack);
    expect(statementsWith(stack, 'cloudwatch:PutMetricData')).toMatchObject([
      { Resource: '*', Condition: { StringLike: { 'cloudwatch:namespace': ['AWS/SageMaker*', '/aws/sagemaker/*'] } } },
    ]);
  });

  test('has its rights before the model is made', () => {
    const stack = stackIn();
    endpointIn(stack);
    Template.fromStack(stack).hasResource('AWS::SageMaker::Model', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^EndpointRoleDefaultPolicy')]) });
  });

  test('can be given', () => {
    const stack = stackIn();
    const role = new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
    expect(endpointIn(stack, { role }).role).toBe(role);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 1);
    expect(statementsWith(stack, 's3:GetObject')).toHaveLength(1);
  });

  test('fails the synth when it does not trust SageMaker', () => {
    const app = new App();
    const stack = new Stack(app, 'Demo', EU);
    endpointIn(stack, { role: new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }) });
    expect(() => app.synth()).toThrow('role must trust sagemaker.amazonaws.com, got a role that does not: Demo/Own');
  });

  test('may use the key of the volumes', () => {
    const stack = stackIn();
    endpointIn(stack, { volumeKey: new kms.Key(stack, 'Key') });
    has(stack, 'AWS::SageMaker::EndpointConfig', { KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } });
    expect(statementsWith(stack, 'kms:CreateGrant')).toMatchObject([{ Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } }]);
  });
});

describe('the log', () => {
  test('is kept for a month, and goes with the stack', () => {
    const stack = stackIn();
    endpointIn(stack);
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', {
      Properties: { LogGroupName: '/aws/sagemaker/Endpoints/demo-endpoint', RetentionInDays: 30 }, DeletionPolicy: 'Delete',
    });
  });

  test('is kept for as long as is asked for', () => {
    const stack = stackIn();
    endpointIn(stack, { logRetention: logs.RetentionDays.ONE_WEEK });
    has(stack, 'AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });
});

describe('a VPC', () => {
  test('gives the model subnets and a security group, and the role the rights for them', () => {
    const stack = stackIn();
    const endpoint = endpointIn(stack, { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }) });
    has(stack, 'AWS::SageMaker::Model', {
      VpcConfig: { Subnets: [{ Ref: Match.stringLikeRegexp('Private') }, { Ref: Match.stringLikeRegexp('Private') }], SecurityGroupIds: [Match.anyValue()] },
    });
    expect(statementsWith(stack, 'ec2:CreateNetworkInterface')).toHaveLength(1);
    expect(endpoint.connections.securityGroups).toHaveLength(1);
  });

  test('is not there by default', () => {
    const stack = stackIn();
    const endpoint = endpointIn(stack);
    has(stack, 'AWS::SageMaker::Model', { VpcConfig: Match.absent(), EnableNetworkIsolation: Match.absent() });
    expect(statementsWith(stack, 'ec2:CreateNetworkInterface')).toEqual([]);
    expect(() => endpoint.connections).toThrow('connections are there only where vpc is given, got none');
  });

  test('can be cut off from the network', () => {
    const stack = stackIn();
    endpointIn(stack, { networkIsolation: true });
    has(stack, 'AWS::SageMaker::Model', { EnableNetworkIsolation: true });
  });

  test('fails when there are subnets or security groups without one', () => {
    const stack = stackIn();
    expect(() => endpointIn(stack, { vpcSubnets: {} })).toThrow('vpcSubnets need a vpc, got none');
    const securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')];
    expect(() => new RealTimeEndpoint(stack, 'Other', { variants: [variant()], securityGroups })).toThrow('securityGroups need a vpc, got none');
  });

  test('fails when there are too many subnets or security groups', () => {
    const stack = stackIn();
    const ids = (count: number, prefix: string): string[] => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ids(17, 'z'), privateSubnetIds: ids(17, 'subnet') });
    expect(() => endpointIn(stack, { vpc })).toThrow('subnets must be 1 to 16, got 17');
    const own = new ec2.Vpc(stack, 'Own', { maxAzs: 1 });
    const securityGroups = ids(6, 'sg').map((id) => ec2.SecurityGroup.fromSecurityGroupId(stack, id, id));
    expect(() => new RealTimeEndpoint(stack, 'B', { variants: [variant()], vpc: own, securityGroups })).toThrow('securityGroups must be 1 to 5, got 6');
    expect(() => new RealTimeEndpoint(stack, 'C', { variants: [variant()], vpc: own, securityGroups: [] })).toThrow('securityGroups must be 1 to 5, got 0');
  });

  test('fails when its subnets are a list that only the deployment knows', () => {
    const stack = stackIn();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: Fn.split(',', Fn.importValue('subnets')),
    });
    expect(() => endpointIn(stack, { vpc })).toThrow('subnets of vpc must be known one by one at synth');
  });
});

describe('grantInvoke', () => {
  test('allows InvokeEndpoint on this endpoint', () => {
    const stack = stackIn();
    endpointIn(stack).grantInvoke(new iam.User(stack, 'User'));
    expect(statementsWith(stack, 'sagemaker:InvokeEndpoint')).toEqual([{ Action: 'sagemaker:InvokeEndpoint', Effect: 'Allow', Resource: { Ref: 'EndpointEEF1FD8F' } }]);
  });

  test('takes the ARN in lower case of an endpoint that is imported by its name', () => {
    const stack = stackIn();
    const endpoint = RealTimeEndpoint.fromEndpointName(stack, 'Imported', 'Reader');
    endpoint.grantInvoke(new iam.User(stack, 'User'));
    expect(endpoint.endpointName).toBe('Reader');
    expect(statementsWith(stack, 'sagemaker:InvokeEndpoint')).toMatchObject([
      { Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':sagemaker:eu-west-1:111122223333:endpoint/reader']] } },
    ]);
  });
});

describe('an import', () => {
  test('by ARN knows the name and the place', () => {
    const endpoint = RealTimeEndpoint.fromEndpointArn(stackIn(), 'Imported', 'arn:aws:sagemaker:us-east-1:111122223333:endpoint/reader');
    expect([endpoint.endpointName, endpoint.env.region, endpoint.endpointRef.endpointArn]).toEqual([
      'reader', 'us-east-1', 'arn:aws:sagemaker:us-east-1:111122223333:endpoint/reader',
    ]);
  });

  test('fails when the ARN is none of an endpoint', () => {
    expect(() => RealTimeEndpoint.fromEndpointArn(stackIn(), 'Imported', 'arn:aws:sagemaker:us-east-1:111122223333:model/reader')).toThrow(
      "endpointArn must be an ARN like 'arn:aws:sagemaker:<region>:<account>:endpoint/<name>'",
    );
  });

  test('fails when the name is none', () => {
    expect(() => RealTimeEndpoint.fromEndpointName(stackIn(), 'Imported', 'a/b')).toThrow('endpointName must be letters, digits and hyphens');
  });
});

test('a changed model is another model resource in the template, and nothing else is renamed', () => {
  const templateOf = (bytes: Buffer): Record<string, unknown> => {
    const stack = stackIn();
    endpointIn(stack, { variants: [variant({ model: EndpointModel.triton(ModelSource.fromAsset(modelFile('model.onnx', bytes))) })] });
    return Template.fromStack(stack).findResources('AWS::SageMaker::Model');
  };
  const [before, after] = [templateOf(onnxBytes()), templateOf(onnxBytes({ irVersion: 9 }))];
  expect(Object.keys(before)).toEqual(Object.keys(after));
  expect(before).not.toEqual(after);
});
