import { aws_ec2 as ec2, aws_ecr as ecr, aws_kms as kms, aws_s3 as s3, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EndpointLoadTest, LoadTestImage, LoadTestScenario } from '../../../lib';
import { endpointIn, stackIn } from './endpoint-stack';

/*
 * The local cloud has no KMS that decides and no network interfaces, and logs no call of ECR. So no run shows which of these rights are
 * needed: they are held here, each as a line `actions on resources if condition`.
 */

interface Statement { readonly Action: string | string[]; readonly Resource: unknown; readonly Condition?: object }

/** All that the policies say whose logical id begins so. A logical id stands for its resource. */
function rights(stack: Stack, policy: string): string[] {
  const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(policy));
  return policies.flatMap(([, { Properties }]) => (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement)
    .map(({ Action, Resource, Condition }) => {
      const condition = Condition === undefined ? '' : ` if ${JSON.stringify(Condition).replace(/[{}"[\]]/g, '')}`;
      return `${[Action].flat().join(' ')} on ${[Resource].flat().map(shown).join(' ')}${condition}`;
    });
}

function shown(value: unknown): string {
  const [kind, inner] = typeof value === 'object' && value !== null ? Object.entries(value)[0] ?? [] : [];
  switch (kind) {
    case undefined: return String(value);
    case 'Fn::Join': return (inner as [string, unknown[]])[1].map(shown).join('');
    case 'Fn::GetAtt': return (inner as string[])[0]?.replace(/[0-9A-F]{8}$/, '') ?? '';
    default: return inner === 'AWS::Partition' ? 'aws' : String(inner).replace(/[0-9A-F]{8}$/, '');
  }
}

describe('the role of an endpoint', () => {
  const place = 'eu-west-1:111122223333';
  const log = `arn:aws:logs:${place}:log-group:EndpointLogs`;
  const pull = /^ecr:BatchCheckLayerAvailability \S+ ecr:BatchGetImage on \S+:\d{12}:repository\/sagemaker-tritonserver$/;
  const always = [
    `logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents on ${log} ${log}:*`,
    'cloudwatch:PutMetricData on * if StringLike:cloudwatch:namespace:AWS/SageMaker*,/aws/sagemaker/*',
    expect.stringMatching(pull),
    'ecr:GetAuthorizationToken on *',
    expect.stringMatching(/^s3:GetObject on arn:aws:s3:::cdk-hnb659fds-assets-111122223333-eu-west-1\/[0-9a-f]{64}\.tar\.gz$/),
  ] as unknown[];

  /** What comes on top of that. */
  function added(props: (stack: Stack) => Parameters<typeof endpointIn>[1]): string[] {
    const [plain, other] = [stackIn(), stackIn()];
    endpointIn(plain);
    endpointIn(other, props(other));
    const before = rights(plain, 'EndpointRole');
    return rights(other, 'EndpointRole').filter((right) => !before.includes(right));
  }

  test('has these rights, whatever is asked for', () => {
    const stack = stackIn();
    endpointIn(stack);
    expect(rights(stack, 'EndpointRole')).toEqual(always);
  });

  test('has those of the key of its volumes, which it lends to EC2', () => {
    expect(added((stack) => ({ volumeKey: new kms.Key(stack, 'VolumeKey') }))).toEqual([
      'kms:CreateGrant on VolumeKey if Bool:kms:GrantIsForAWSResource:true',
      'kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey on VolumeKey',
    ]);
  });

  test('has those of a data capture: to write below the endpoint\'s name, encrypted', () => {
    expect(added((stack) => ({ dataCapture: { encryptionKey: new kms.Key(stack, 'CaptureKey') } }))).toEqual([
      's3:PutObject on EndpointCaptureBucket/data-capture/demo-endpoint/*', 'kms:Decrypt kms:GenerateDataKey on CaptureKey',
    ]);
  });

  test('has those of network interfaces in these subnets, with this security group', () => {
    const interfaces = `arn:aws:ec2:${place}:network-interface/*`;
    expect(added((stack) => ({ vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 }) }))).toEqual([
      `ec2:CreateNetworkInterface ec2:ModifyNetworkInterfaceAttribute on ${interfaces} arn:aws:ec2:${place}:subnet/VpcPrivateSubnet1Subnet `
      + `arn:aws:ec2:${place}:security-group/EndpointSecurityGroup`,
      `ec2:CreateNetworkInterfacePermission ec2:DeleteNetworkInterface on ${interfaces}`,
      'ec2:DeleteNetworkInterfacePermission ec2:DescribeDhcpOptions ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets '
      + 'ec2:DescribeVpcEndpoints ec2:DescribeVpcs on *',
    ]);
  });
});

describe('the roles of a load test with encrypted buckets, in a VPC', () => {
  const image = [
    'ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:BatchGetImage on arn:aws:ecr:eu-west-1:111122223333:repository/load-test',
    'ecr:GetAuthorizationToken on *', 'logs:CreateLogStream logs:PutLogEvents on LoadTestTasksLogs',
  ];

  function stackOfTest(): Stack {
    const stack = stackIn();
    const bucket = (name: string): s3.Bucket => new s3.Bucket(stack, name, { encryptionKey: new kms.Key(stack, `${name}Key`) });
    new EndpointLoadTest(stack, 'LoadTest', {
      endpoint: endpointIn(stack), vpc: new ec2.Vpc(stack, 'Vpc'), resultsBucket: bucket('Results'),
      scenario: LoadTestScenario.payloadsFromBucket(bucket('Payloads'), 'in/'),
      image: LoadTestImage.fromEcr(ecr.Repository.fromRepositoryName(stack, 'Repository', 'load-test'), '1'),
    });
    return stack;
  }

  test.each([
    ['workers', 'LoadTestTasksWorkerTaskRole', [
      'sagemaker:InvokeEndpoint on Endpoint', 's3:GetObject on Payloads/in/*', 'kms:Decrypt on PayloadsKey',
      's3:ListBucket on Payloads if StringLike:s3:prefix:in/*',
    ]],
    ['the master', 'LoadTestTasksMasterTaskRole', [
      's3:GetObject on Results/runs/*/control.json', 's3:PutObject on Results/runs/*/master.json', 'kms:Decrypt kms:GenerateDataKey on ResultsKey',
    ]],
    ['who starts workers', 'LoadTestTasksWorkerExecutionRole', image],
    ['who starts the master', 'LoadTestTasksMasterExecutionRole', image],
    ['the controller, beside its own', 'LoadTestControllerRole', [
      's3:ListBucket on Payloads if StringLike:s3:prefix:in/*', 'logs:CreateLogStream logs:PutLogEvents on LoadTestControllerLogs',
      'kms:Decrypt kms:GenerateDataKey on ResultsKey',
    ]],
  ])('of %s say this and no more', (_, role, wanted) => {
    expect(rights(stackOfTest(), role)).toEqual(wanted);
  });
});

test('of an image that is built, one may ask for this repository alone, and read the log of its build alone', () => {
  const stack = stackIn();
  new EndpointLoadTest(stack, 'LoadTest', { endpoint: endpointIn(stack), scenario: LoadTestScenario.payload(__filename) });
  expect(rights(stack, 'LoadTestImageRights')).toEqual([
    'codebuild:StartBuild codebuild:StopBuild codebuild:BatchGetBuilds codebuild:ListBuildsForProject on LoadTestImageProject',
    'logs:GetLogEvents on LoadTestImageLogs', 'ecr:DescribeImages on LoadTestImageRepository',
  ]);
});
