import { App, aws_kms as kms, aws_s3 as s3, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointCaptureMode, type EndpointDataCapture } from '../../../lib';
import { endpointIn, has, stackIn, statementsWith } from './endpoint-stack';

test('is not there by default', () => {
  const stack = stackIn();
  expect(endpointIn(stack).captureBucket).toBeUndefined();
  has(stack, 'AWS::SageMaker::EndpointConfig', { DataCaptureConfig: Match.absent() });
  Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
});

test('writes all requests and answers to an encrypted bucket that stays', () => {
  const stack = stackIn();
  expect(endpointIn(stack, { dataCapture: {} }).captureBucket).toBeDefined();
  has(stack, 'AWS::SageMaker::EndpointConfig', {
    DataCaptureConfig: {
      EnableCapture: true, InitialSamplingPercentage: 100, CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
      DestinationS3Uri: { 'Fn::Join': ['', ['s3://', { Ref: Match.stringLikeRegexp('^EndpointCaptureBucket') }, '/data-capture']] },
      CaptureContentTypeHeader: { JsonContentTypes: ['application/json'], CsvContentTypes: ['text/csv'] }, KmsKeyId: Match.absent(),
    },
  });
  Template.fromStack(stack).hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    Properties: { BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] } },
  });
});

test('lets the role write below the endpoint\'s own prefix, before the endpoint is there', () => {
  const stack = stackIn();
  endpointIn(stack, { dataCapture: { prefix: 'a/b' } });
  expect(statementsWith(stack, 's3:PutObject')).toMatchObject([
    { Action: 's3:PutObject', Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^EndpointCaptureBucket/), 'Arn'] }, '/a/b/demo-endpoint/*']] } },
  ]);
  Template.fromStack(stack).hasResource('AWS::SageMaker::Endpoint', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('^EndpointRoleDefaultPolicy')]),
  });
});

test('takes what it is given', () => {
  const stack = stackIn();
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'captured');
  endpointIn(stack, {
    dataCapture: { bucket, samplingPercentage: 5, modes: [EndpointCaptureMode.OUTPUT], csvContentTypes: [], jsonContentTypes: ['application/x-npy'] },
  });
  has(stack, 'AWS::SageMaker::EndpointConfig', {
    DataCaptureConfig: {
      DestinationS3Uri: 's3://captured/data-capture', InitialSamplingPercentage: 5, CaptureOptions: [{ CaptureMode: 'Output' }],
      CaptureContentTypeHeader: { JsonContentTypes: ['application/x-npy'], CsvContentTypes: Match.absent() },
    },
  });
});

test('is encrypted by a key', () => {
  const stack = stackIn();
  endpointIn(stack, { dataCapture: { encryptionKey: new kms.Key(stack, 'Key') } });
  has(stack, 'AWS::SageMaker::EndpointConfig', { DataCaptureConfig: { KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } } });
  expect(statementsWith(stack, 'kms:GenerateDataKey')).toMatchObject([{ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] }]);
});

test('may use the key of a bucket that has one', () => {
  const stack = stackIn();
  endpointIn(stack, { dataCapture: { bucket: new s3.Bucket(stack, 'Bucket', { encryptionKey: new kms.Key(stack, 'Key') }) } });
  expect(statementsWith(stack, 'kms:GenerateDataKey')).toHaveLength(1);
});

test('goes with the stack where that is asked for', () => {
  const stack = stackIn();
  endpointIn(stack, { dataCapture: { removalPolicy: RemovalPolicy.DESTROY } });
  Template.fromStack(stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
});

test.each<[string, EndpointDataCapture, string]>([
  ['the prefix ends in a slash', { prefix: 'a/' }, 'prefix of dataCapture must be path segments'],
  ['there is more than everything', { samplingPercentage: 101 }, 'samplingPercentage must be a whole number from 0 to 100, got 101'],
  ['nothing is captured', { modes: [] }, 'modes of dataCapture must be at least one, got none'],
  ['there are too many content types', { jsonContentTypes: Array.from({ length: 11 }, (_, at) => `a/b${at}`) }, 'jsonContentTypes must be at most 10, got 11'],
  ['a content type is none', { csvContentTypes: ['csv'] }, "csvContentTypes must be content types like 'application/json', got 'csv'"],
])('fails when %s', (_, dataCapture, message) => {
  expect(() => endpointIn(stackIn(), { dataCapture })).toThrow(message);
});

test('fails when a removal policy is given for a given bucket', () => {
  const stack = stackIn();
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'captured');
  expect(() => endpointIn(stack, { dataCapture: { bucket, removalPolicy: RemovalPolicy.DESTROY } })).toThrow(
    "removalPolicy of dataCapture is for the bucket that is made by default, got 'destroy' and a bucket",
  );
});

test('fails when the bucket is in another region', () => {
  const app = new App();
  const other = new Stack(app, 'Other', { env: { account: '111122223333', region: 'us-east-1' } });
  const bucket = new s3.Bucket(other, 'Bucket', { bucketName: 'captured' });
  const stack = new Stack(app, 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } });
  expect(() => endpointIn(stack, { dataCapture: { bucket } })).toThrow('bucket of dataCapture must be in the region of the endpoint, eu-west-1, got us-east-1');
});
