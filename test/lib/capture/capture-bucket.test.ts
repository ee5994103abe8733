import { App, aws_iam as iam, aws_kms as kms, aws_s3 as s3, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CaptureBucket } from '../../../lib/capture/capture-bucket';
import { CaptureBucketGrants } from '../../../lib/capture/capture-bucket-grants';

let stack: Stack;
let role: iam.Role;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo');
  role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com') });
});

function expectStatements(...statements: object[]): void {
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: statements } });
}

test('it is private, encrypted by S3, reached over TLS alone, and stays when the stack goes', () => {
  new CaptureBucket(stack, 'Captures');
  const template = Template.fromStack(stack);
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketName: Match.absent(), LifecycleConfiguration: Match.absent(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
    },
  });
  template.hasResourceProperties('AWS::S3::BucketPolicy', { PolicyDocument: { Statement: [
    { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  ] } });
});

test('the given name and key are used', () => {
  const encryptionKey = new kms.Key(stack, 'Key');
  new CaptureBucket(stack, 'Captures', { bucketName: 'my-sagemaker-captures', encryptionKey });
  Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', {
    BucketName: 'my-sagemaker-captures',
    BucketEncryption: { ServerSideEncryptionConfiguration: [{
      BucketKeyEnabled: true,
      ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: stack.resolve(encryptionKey.keyArn) as object },
    }] },
  });
});

test('DESTROY empties it too', () => {
  new CaptureBucket(stack, 'Captures', { removalPolicy: RemovalPolicy.DESTROY });
  const template = Template.fromStack(stack);
  template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  template.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
});

test('the lifecycle is about captures alone', () => {
  new CaptureBucket(stack, 'Captures', {
    capturePrefix: 'edge/data',
    lifecycle: {
      expiration: Duration.days(90),
      transitions: [{ storageClass: s3.StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(30) }],
    },
  });
  Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', { LifecycleConfiguration: { Rules: [{
    Prefix: 'edge/data/', Status: 'Enabled', ExpirationInDays: 90, Transitions: [{ StorageClass: 'STANDARD_IA', TransitionInDays: 30 }],
  }] } });
});

test('a lifecycle may have transitions alone', () => {
  new CaptureBucket(stack, 'Captures', {
    lifecycle: { transitions: [{ storageClass: s3.StorageClass.GLACIER, transitionAfter: Duration.days(1) }] },
  });
  Template.fromStack(stack).hasResourceProperties(
    'AWS::S3::Bucket',
    { LifecycleConfiguration: { Rules: [{ ExpirationInDays: Match.absent() }] } },
  );
});

test('captures of a device are under its name', () => {
  expect(new CaptureBucket(stack, 'One').devicePrefix('camera')).toBe('captures/camera');
  const other = new CaptureBucket(stack, 'Two', { capturePrefix: 'edge/data' });
  expect(other.devicePrefix('camera')).toBe('edge/data/camera');
  expect(stack.resolve(other.captureUri)).toEqual({ 'Fn::Join': ['', ['s3://', stack.resolve(other.bucket.bucketName), '/edge/data']] });
});

test.each(['/captures', 'captures/', 'a//b', 'capt*', '${aws:username}', 'my captures'])('fails when the prefix is %j', (capturePrefix) => {
  expect(() => new CaptureBucket(stack, 'Captures', { capturePrefix })).toThrow(`got '${capturePrefix}'`);
});

test.each([Duration.hours(12), Duration.days(0)])('fails when captures expire after %s', (expiration) => {
  expect(() => new CaptureBucket(stack, 'Captures', { lifecycle: { expiration } })).toThrow(
    'lifecycle.expiration must be a whole number of days, at least 1',
  );
});

test('devices write under their own prefix and ask where the bucket is', () => {
  CaptureBucket.fromBucketArn(stack, 'Captures', 'arn:aws:s3:::captures');
  CaptureBucketGrants.fromCaptureBucket(CaptureBucket.fromBucketArn(stack, 'Again', 'arn:aws:s3:::captures')).deviceWrite(role);
  expectStatements(
    { Action: 's3:PutObject', Effect: 'Allow', Resource: 'arn:aws:s3:::captures/captures/${credentials-iot:ThingName}/*' },
    { Action: 's3:GetBucketLocation', Effect: 'Allow', Resource: 'arn:aws:s3:::captures' },
  );
});

test('devices make data keys of the bucket\'s key', () => {
  const encryptionKey = new kms.Key(stack, 'Key');
  new CaptureBucket(stack, 'Captures', { encryptionKey }).grants.deviceWrite(role);
  expectStatements(
    { Action: 's3:PutObject' }, { Action: 's3:GetBucketLocation' },
    { Action: 'kms:GenerateDataKey', Effect: 'Allow', Resource: stack.resolve(encryptionKey.keyArn) as object },
  );
});

test('one device may be granted its prefix by name', () => {
  const bucket = CaptureBucket.fromBucketName(stack, 'Captures', 'captures');
  CaptureBucketGrants.fromCaptureBucket(bucket).write(role, 'camera');
  expectStatements(
    { Action: 's3:PutObject', Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::captures/captures/camera/*']] } },
    { Action: 's3:GetBucketLocation' },
  );
});

test('a reader reads and lists captures, and decrypts them, and nothing else', () => {
  const encryptionKey = new kms.Key(stack, 'Key');
  const bucket = new CaptureBucket(stack, 'Captures', { encryptionKey });
  bucket.grants.read(role);
  const arn = stack.resolve(bucket.bucket.bucketArn) as object;
  expectStatements(
    { Action: 's3:GetObject', Resource: { 'Fn::Join': ['', [arn, '/captures/*']] } },
    { Action: 's3:ListBucket', Resource: arn, Condition: { StringLike: { 's3:prefix': 'captures/*' } } },
    { Action: 'kms:Decrypt' },
  );
});

test('a reader of one device reads that device', () => {
  const bucket = CaptureBucket.fromCaptureBucketAttributes(stack, 'Captures', {
    bucket: s3.Bucket.fromBucketArn(stack, 'Bucket', 'arn:aws:s3:::plain'), capturePrefix: 'edge',
  });
  CaptureBucketGrants.fromCaptureBucket(bucket).readDevice(role, 'camera');
  expectStatements(
    { Action: 's3:GetObject', Resource: 'arn:aws:s3:::plain/edge/camera/*' },
    { Action: 's3:ListBucket', Condition: { StringLike: { 's3:prefix': 'edge/camera/*' } } },
  );
});

test('an import fails when its prefix cannot be one', () => {
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'plain');
  expect(() => CaptureBucket.fromCaptureBucketAttributes(stack, 'Captures', { bucket, capturePrefix: '/' })).toThrow("got '/'");
});
