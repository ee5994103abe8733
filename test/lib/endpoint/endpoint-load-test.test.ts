import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_ec2 as ec2, aws_ecr as ecr, aws_ecs as ecs, aws_iam as iam, aws_s3 as s3, aws_sagemaker as sagemaker, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointLoadTest, LoadTestImage, LoadTestScenario, RealTimeEndpoint, type EndpointLoadTestProps } from '../../../lib';
import { FOLDER, PAYLOAD, stackWith } from './load-test-stack';

const template = (props: Partial<EndpointLoadTestProps> = {}): Template => Template.fromStack(stackWith(props).stack);

/** The statements of all policies whose logical id begins so. */
function statements(from: Template, prefix: string): Record<string, unknown>[] {
  const policies = Object.entries(from.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(prefix));
  return policies.flatMap(([, { Properties: properties }]) => (
    (properties as { PolicyDocument: { Statement: Record<string, unknown>[] } }).PolicyDocument.Statement
  ));
}

/** What the controller is told. */
function settings(from: Template): Record<string, unknown> {
  const functions = Object.values(from.findResources('AWS::Lambda::Function', { Properties: { Environment: { Variables: { LOAD_TEST_SETTINGS: Match.anyValue() } } } }));
  const text: unknown = (functions[0]?.Properties as { Environment: { Variables: Record<string, { 'Fn::Join': [string, unknown[]] }> } })
    .Environment.Variables.LOAD_TEST_SETTINGS?.['Fn::Join'][1].map((part) => typeof part === 'string' ? part : 'TOKEN').join('');
  return JSON.parse(String(text)) as Record<string, unknown>;
}

function groupOf(role: string): object {
  return { 'Fn::GetAtt': [Match.stringLikeRegexp(role), 'GroupId'] };
}

describe('the tasks of a load test', () => {
  test.each(['load_test.master', 'load_test.worker'])('run %s on one vCPU, with a file system that is read-only', (program) => {
    template().hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '1024', Memory: '2048', RuntimePlatform: { CpuArchitecture: 'ARM64' }, NetworkMode: 'awsvpc',
      ContainerDefinitions: [Match.objectLike({
        Name: 'locust', Command: ['python', '-m', program], ReadonlyRootFilesystem: true, LinuxParameters: { InitProcessEnabled: true },
        MountPoints: [{ ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'tmp' }],
      })],
    });
  });

  test('have the endpoint\'s name, the bucket and the payloads in their environment', () => {
    template({ variantName: 'blue' }).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({
        Command: ['python', '-m', 'load_test.worker'],
        Environment: Match.arrayWith([
          { Name: 'SAGEMAKER_ENDPOINT_NAME', Value: { 'Fn::GetAtt': ['Endpoint', 'EndpointName'] } },
          { Name: 'SAGEMAKER_VARIANT_NAME', Value: 'blue' },
          Match.objectLike({ Name: 'RESULTS_BUCKET' }),
          { Name: 'CONTENT_TYPE', Value: 'application/json' },
        ]),
      })],
    });
  });

  test('run on X86_64 where it is asked for', () => {
    template({ architecture: ecs.CpuArchitecture.X86_64 }).allResourcesProperties('AWS::ECS::TaskDefinition', {
      RuntimePlatform: { CpuArchitecture: 'X86_64' },
    });
  });

  test('may be reached by workers at the master\'s port, and by nobody else', () => {
    const found = template();
    found.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    found.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      IpProtocol: 'tcp', FromPort: 5557, ToPort: 5557, GroupId: groupOf('Master'), SourceSecurityGroupId: groupOf('Workers'),
    });
    found.allResourcesProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
  });

  test('reach the master\'s port at the master alone', () => {
    const found = template();
    found.resourceCountIs('AWS::EC2::SecurityGroupEgress', 1);
    found.hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      IpProtocol: 'tcp', FromPort: 5557, ToPort: 5557, GroupId: groupOf('Workers'), DestinationSecurityGroupId: groupOf('Master'),
    });
    found.allResourcesProperties('AWS::EC2::SecurityGroup', { SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })] });
  });

  test('have a VPC of their own without a NAT gateway', () => {
    const found = template();
    found.resourceCountIs('AWS::EC2::NatGateway', 0);
    expect(settings(found)).toMatchObject({ assignPublicIp: true, subnets: ['TOKEN', 'TOKEN'] });
  });

  test('have no public address in private subnets of a VPC that is given', () => {
    const { stack } = stackWith();
    const vpc = new ec2.Vpc(stack, 'Mine', { natGateways: 1, maxAzs: 2 });
    new EndpointLoadTest(stack, 'Other', {
      endpoint: new sagemaker.CfnEndpoint(stack, 'E2', { endpointConfigName: 'c' }), scenario: LoadTestScenario.payload(PAYLOAD), vpc,
      image: LoadTestImage.fromEcr(ecr.Repository.fromRepositoryName(stack, 'R', 'r'), '1'),
    });
    const functions = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
    expect(JSON.stringify(functions)).toContain('\\"assignPublicIp\\":false');
  });
});

describe('the rights of a load test', () => {
  test('let the workers invoke the endpoint and read the payload, and no more', () => {
    const found = statements(template(), 'LoadTestTasksWorkerTaskRole');
    expect(found.map(({ Action: action }) => action)).toEqual(['sagemaker:InvokeEndpoint', 's3:GetObject']);
    expect(found[0]?.Resource).toEqual({ Ref: 'Endpoint' });
  });

  test('let the master read what is wanted and write what it measures', () => {
    const found = statements(template(), 'LoadTestTasksMasterTaskRole');
    expect(found.map(({ Action: action }) => action)).toEqual(['s3:GetObject', 's3:PutObject']);
    expect(JSON.stringify(found[0]?.Resource)).toContain('runs/*/control.json');
    expect(JSON.stringify(found[1]?.Resource)).toContain('runs/*/master.json');
  });

  test('let the controller start these tasks on this cluster, and pass their roles to ECS alone', () => {
    const found = statements(template(), 'LoadTestController');
    expect(found.find(({ Action: action }) => action === 'ecs:RunTask')).toMatchObject({
      Resource: [{ Ref: expect.stringContaining('Master') as unknown }, { Ref: expect.stringContaining('Worker') as unknown }],
      Condition: { ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': [expect.stringContaining('Cluster'), 'Arn'] } } },
    });
    expect(found.find(({ Action: action }) => action === 'iam:PassRole')).toMatchObject({
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    });
    expect(found.filter(({ Resource: resource }) => resource === '*').map(({ Action: action }) => action)).toEqual([
      'ecs:ListTasks', 'cloudwatch:GetMetricData',
    ]);
  });

  test('of who may start are those of this state machine', () => {
    const { stack, test: loadTest } = stackWith();
    const role = new iam.Role(stack, 'Starter', { assumedBy: new iam.AccountRootPrincipal() });
    loadTest.grantStart(role);
    const found = statements(Template.fromStack(stack), 'Starter');
    expect(found.map(({ Action: action }) => action)).toEqual([
      ['states:StartExecution', 'states:ListExecutions'], ['states:StopExecution', 'states:DescribeExecution'],
    ]);
  });
});

describe('the state machine', () => {
  test('has its execution\'s end told to the controller, where its own states do not run any more', () => {
    template().hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        'source': ['aws.states'], 'detail-type': ['Step Functions Execution Status Change'],
        'detail': { status: ['ABORTED', 'TIMED_OUT', 'FAILED'], stateMachineArn: [{ Ref: Match.anyValue() }] },
      },
      Targets: [Match.objectLike({ InputTransformer: { InputTemplate: Match.stringLikeRegexp('"action":"abort"'), InputPathsMap: Match.anyValue() } })],
    });
  });

  test('ends runs before cluster, state machine and bucket are deleted', () => {
    const runs = Object.values(template().findResources('Custom::SageMakerEdge-LoadTestRuns'))[0];
    const [results, rights] = [expect.stringMatching(/^LoadTestResults/), expect.stringMatching(/^LoadTestEndRights/)] as unknown[];
    expect(runs?.DependsOn).toEqual(expect.arrayContaining([results, rights]));
    expect(runs?.Properties).toMatchObject({ ClusterArn: { 'Fn::GetAtt': [expect.stringContaining('Cluster'), 'Arn'] } });
  });

  test('is started, stopped and waited for by commands that name it', () => {
    const { stack, test: loadTest } = stackWith();
    const start = JSON.stringify(stack.resolve(loadTest.startCommand()));
    expect(start).toContain('aws stepfunctions start-execution --region eu-west-1 --state-machine-arn ');
    expect(JSON.stringify(stack.resolve(loadTest.stopCommand()))).toContain('aws stepfunctions stop-execution --region eu-west-1 --execution-arn');
    expect(JSON.stringify(stack.resolve(loadTest.waitCommand()))).toContain('SUCCEEDED ]');
  });

  test('gives the report all that it knows, with a failure or without', () => {
    const text = JSON.stringify(template().findResources('AWS::StepFunctions::StateMachine')).replaceAll('\\', '');
    expect(text).toContain('"action":"report"');
    expect(text).toContain('"state.$":"$"');
    expect(text).not.toContain('"failure.$"');
  });

  test('has the timeout that is given', () => {
    const machines = template({ timeout: Duration.hours(2) }).findResources('AWS::StepFunctions::StateMachine');
    expect(JSON.stringify(machines)).toContain('\\"TimeoutSeconds\\":7200');
  });
});

describe('what the controller is told', () => {
  test('is the plan, by default', () => {
    expect(settings(template())).toMatchObject({
      users: [1, 2, 4, 8, 16, 32, 64], settleSeconds: 60, holdSeconds: 180, errorPercent: 1, workers: 2, maxWorkers: 10,
      metricPeriodSeconds: 60,
      metricDelaySeconds: 300, startSeconds: 300, contentType: 'application/json', payloadFigures: { count: 1, bytes: 13 },
    });
  });

  test('is the plan that is given', () => {
    expect(settings(template({
      users: [10, 20], targetTps: 100, maxLatency: Duration.millis(250), maxErrorPercent: 0, settleTime: Duration.seconds(2),
      holdTime: Duration.seconds(20), metricPeriod: Duration.seconds(10), workers: 3, maxWorkers: 4,
    }))).toMatchObject({
      users: [10, 20], targetTps: 100, p99Ms: 250, errorPercent: 0, settleSeconds: 2, holdSeconds: 20, workers: 3, maxWorkers: 4,
    });
  });
});

describe('a scenario', () => {
  const environment = (scenario: LoadTestScenario): string => JSON.stringify(template({ scenario }).findResources('AWS::ECS::TaskDefinition'));

  test('of a folder has an archive of its payloads', () => {
    expect(environment(LoadTestScenario.payloads(FOLDER, { contentType: 'text/csv' }))).toMatch(/PAYLOADS_ARCHIVED","Value":"true".*text\/csv/);
  });

  test('of a bucket has its prefix, which workers and controller may list', () => {
    const bucket = s3.Bucket.fromBucketName(new Stack(), 'B', 'bucket');
    const found = template({ scenario: LoadTestScenario.payloadsFromBucket(bucket, 'in/') });
    expect(settings(found)).toMatchObject({ payloads: 's3://bucket/in/' });
    expect(JSON.stringify(statements(found, 'LoadTestTasksWorkerTaskRole'))).toContain('"s3:prefix":["in/*"]');
  });

  test('of a Locust file is read by master and workers', () => {
    const file = path.join(FOLDER, 'locustfile.py');
    fs.writeFileSync(file, 'from locust import User\n');
    const found = template({ scenario: LoadTestScenario.locustFile(file) });
    expect(JSON.stringify(statements(found, 'LoadTestTasksMasterTaskRole'))).toContain('s3:GetObject');
    expect(statements(found, 'LoadTestTasksMasterTaskRole')).toHaveLength(3);
    expect(JSON.stringify(found.findResources('AWS::ECS::TaskDefinition'))).toContain('"LOCUST_FILE"');
    fs.rmSync(file);
  });
});

describe('the image that is built', () => {
  test('is of a tag that its build gives, and the build runs Docker', () => {
    const found = template({ image: undefined });
    found.hasResourceProperties('AWS::CodeBuild::Project', {
      Environment: { PrivilegedMode: true, Type: 'ARM_CONTAINER', EnvironmentVariables: Match.arrayWith([Match.objectLike({ Name: 'TAG' })]) },
    });
    const tasks = JSON.stringify(found.findResources('AWS::ECS::TaskDefinition'));
    expect(tasks).toMatch(/"Fn::GetAtt":\["LoadTestImage\w+","ImageTag"\]/);
    found.hasResourceProperties('AWS::ECR::Repository', { ImageTagMutability: 'IMMUTABLE', EmptyOnDelete: true });
  });

  test('is another for another architecture', () => {
    const tagOf = (from: Template): unknown => Object.values(from.findResources('Custom::SageMakerEdge-BuiltImage'))[0]?.Properties;
    const arm = tagOf(template({ image: undefined })) as { ImageTag: string };
    const x86 = tagOf(template({ image: undefined, architecture: ecs.CpuArchitecture.X86_64 })) as { ImageTag: string };
    expect(arm.ImageTag).toMatch(/^[0-9a-f]{16}$/);
    expect(x86.ImageTag).not.toBe(arm.ImageTag);
  });

  test('is pushed by a role that can push to its repository alone', () => {
    const found = statements(template({ image: undefined }), 'LoadTestImageRole');
    const pushing = found.find(({ Action: action }) => Array.isArray(action) && action.includes('ecr:PutImage'));
    expect(pushing?.Resource).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^LoadTestImageRepository/), 'Arn'] });
  });
});

describe('an endpoint', () => {
  test('that is an import by name is invoked by that name', () => {
    const imported = RealTimeEndpoint.fromEndpointName(new Stack(), 'Imported', 'MyEndpoint');
    expect(JSON.stringify(template({ endpoint: imported }).findResources('AWS::ECS::TaskDefinition'))).toContain('"MyEndpoint"');
  });

  test('of which only the ARN is known is invoked by the name in it', () => {
    const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/mine';
    const imported = RealTimeEndpoint.fromEndpointArn(new Stack(), 'Imported', arn);
    expect(JSON.stringify(template({ endpoint: imported }).findResources('AWS::ECS::TaskDefinition'))).toContain('"mine"');
  });
});
