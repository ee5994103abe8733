import { Template } from 'aws-cdk-lib/assertions';
import { DeviceFleet } from '../../../lib/edge-manager/device-fleet';
import { PackagingJob } from '../../../lib/edge-manager/packaging-job';
import { CompilationJob } from '../../../lib/model/compilation-job';
import { DeviceStack } from './device-stack';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

let stack: DeviceStack;
beforeEach(() => {
  stack = new DeviceStack();
});

/** What a role may do: its inline policies and those that are attached to it, a line `action on resource` each. */
function rights(role: string): string[] {
  const template = Template.fromStack(stack);
  const [id, resource] = Object.entries(template.findResources('AWS::IAM::Role')).find(([name]) => name.startsWith(role)) ?? [
    '',
    undefined,
  ];
  const inline = (resource?.Properties as { Policies?: { PolicyDocument: { Statement: Statement[] } }[] }).Policies ?? [];
  const attached = Object.values(template.findResources('AWS::IAM::Policy')).map(
    ({ Properties }) => Properties as { Roles: { Ref: string }[]; PolicyDocument: { Statement: Statement[] } },
  );
  return [...inline, ...attached.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === id))]
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) => [Action].flat().flatMap((action) => [Resource].flat().map((on) => `${action} on ${flat(on)}`)))
    .sort();
}

/** Joins and references as one text, without the hashes of logical ids. */
function flat(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(flat).join('');
  }
  return Object.values(value as object)
    .map((part: unknown) => (Array.isArray(part) && part[0] === '' ? flat(part[1]) : flat(part)))
    .join('')
    .replace(/[0-9A-F]{8}(?=Arn|Id|$)/g, '');
}

test('the machine may read its manifest, inputs, agent, bootstrap, models and certificate, write its report, and be managed: nothing else', () => {
  stack.simulated({ models: [stack.model()] });
  expect(
    rights('SimulatedRole')
      .filter((right) => !/^(ssmmessages|ec2messages):/.test(right))
      .map((right) => right.replace(/assets-[^/]*\/[0-9a-f]{64}/, 'asset'))
      .sort(), // by names, as the order of the hashes changes with each release
  ).toEqual([
    's3:GetObject on arn:AWS::Partition:s3:::cdk-hnb659fds-asset.js',
    's3:GetObject on arn:AWS::Partition:s3:::cdk-hnb659fds-asset.zip',
    's3:GetObject on arn:AWS::Partition:s3:::models/reader.tar.gz',
    expect.stringMatching(/^s3:GetObject on \w+DeviceProviderBucketArn\/inputs\/shop-Camera\/\*$/),
    expect.stringMatching(/^s3:GetObject on \w+DeviceProviderBucketArn\/manifests\/shop-Camera\/manifest\.json$/),
    expect.stringMatching(/^s3:PutObject on \w+DeviceProviderBucketArn\/reports\/shop-Camera\/report\.json$/),
    expect.stringMatching(/^secretsmanager:GetSecretValue on DeviceSecretshopCameraId$/),
    'ssm:UpdateInstanceInformation on arn:AWS::Partition:ec2:AWS::Region:AWS::AccountId:instance/*',
  ]);
});

test('it has no managed policy: Systems Manager\'s would let it read every parameter of the account', () => {
  stack.simulated();
  for (const role of Object.values(
    Template.fromStack(stack).findResources('AWS::IAM::Role', { Properties: { Description: 'Machine that plays a device' } }),
  )) {
    expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
  }
});

test('Systems Manager may send it commands', () => {
  stack.simulated();
  expect(
    rights('SimulatedRole')
      .filter((right) => right.endsWith(' on *'))
      .map((right) => right.split(' ')[0]),
  ).toEqual([
    'ec2messages:AcknowledgeMessage',
    'ec2messages:DeleteMessage',
    'ec2messages:FailMessage',
    'ec2messages:GetEndpoint',
    'ec2messages:GetMessages',
    'ec2messages:SendReply',
    'ssmmessages:CreateControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:OpenDataChannel',
  ]);
});

test('a package whose place is known only at deployment is one object, too', () => {
  const device = new DeviceFleet(stack, 'Fleet', { deviceFleetName: 'shop' }).addDevice('Door');
  device.addCertificate();
  const compilationJob = CompilationJob.fromCompilationJobAttributes(stack, 'Compiled', {
    compilationJobName: 'compiled', modelArtifactUri: 's3://captures/m.tar.gz', modelArtifactBucket: stack.captureBucket.bucket,
  });
  stack.simulated({ device, models: [new PackagingJob(stack, 'Packaged', { compilationJob, modelName: 'reader', modelVersion: '1.0' })] });
  expect(rights('SimulatedRole').filter((right) => right.includes('ModelArtifact'))).toEqual([
    expect.stringMatching(/^s3:GetObject on arn:AWS::Partition:s3:::.*ModelArtifact$/),
  ]);
});

test('the handler may write manifests and read reports, in this one bucket', () => {
  stack.simulated();
  expect(rights('cdksagemakeredgeDeviceProviderRole').filter((right) => right.startsWith('s3:'))).toEqual([
    expect.stringMatching(/^s3:DeleteObject on .*DeviceProviderBucketArn\/manifests\/\*\/manifest\.json$/),
    expect.stringMatching(/^s3:DeleteObject on .*DeviceProviderBucketArn\/reports\/\*\/report\.json$/),
    expect.stringMatching(/^s3:GetObject on .*DeviceProviderBucketArn\/reports\/\*\/report\.json$/),
    expect.stringMatching(/^s3:ListBucket on .*DeviceProviderBucketArn$/),
    expect.stringMatching(/^s3:PutObject on .*DeviceProviderBucketArn\/manifests\/\*\/manifest\.json$/),
  ]);
});

test('the bucket of manifests is private, speaks TLS alone, and goes with the stack', () => {
  stack.simulated();
  const template = Template.fromStack(stack);
  const [id] = Object.keys(template.findResources('AWS::S3::Bucket')).filter((name) => name.startsWith('cdksagemakeredgeDeviceProvider'));
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Delete',
    Properties: {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    },
  });
  template.hasResourceProperties('AWS::S3::BucketPolicy', { Bucket: { Ref: id } });
  template.hasResourceProperties('Custom::S3AutoDeleteObjects', { BucketName: { Ref: id } });
});
