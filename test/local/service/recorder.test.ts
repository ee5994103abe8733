import { text } from 'node:stream/consumers';
import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  CopyObjectCommand, DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Forwarder } from '../../../local/service/forwarder';
import { answering, type RunningServer } from '../../../local/service/http-server';
import { startRecorder } from '../../../local/service/recorder';
import { plainServer, type PlainServer } from './plain-server';
import { UnknownCallerError, type Caller, type RequestLogEntry } from '../../../local/service/contracts';

const HANDLER: Caller = {
  arn: 'arn:aws:sts::000000000000:assumed-role/handler/f',
  roleArn: 'arn:aws:iam::000000000000:role/handler',
  isRoot: false,
};
const KNOWN = 'ASIAKNOWN0000001';
const entries: RequestLogEntry[] = [];
const forwarded: { url: string; host: string; authorization: string; body: string }[] = [];
let answer: { status: number; type: string; body: string };
let emulator: PlainServer;
let recorder: RunningServer;
let settings: { endpoint: string; region: string; maxAttempts: number; credentials: { accessKeyId: string; secretAccessKey: string } };
let s3: S3Client;

beforeAll(async () => {
  emulator = await plainServer(answering(async (request, response) => {
    const { url = '', headers: { host = '', authorization = '' } } = request;
    forwarded.push({ url, host, authorization, body: await text(request) });
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  }));
  recorder = await startRecorder({
    emulator: new Forwarder(emulator), log: { append: (entry) => { entries.push(entry); } },
    authority: { identify: (key) => (key === KNOWN ? Promise.resolve({ caller: HANDLER, secretAccessKey: 's' }) : Promise.reject(new UnknownCallerError(key))) },
  });
  settings = { endpoint: recorder.url, region: 'us-east-1', maxAttempts: 1, credentials: { accessKeyId: KNOWN, secretAccessKey: 's' } };
  s3 = new S3Client({ ...settings, forcePathStyle: true });
});
beforeEach(() => {
  answer = { status: 200, type: 'application/xml', body: '<R/>' };
  entries.length = 0;
  forwarded.length = 0;
});
afterAll(async () => {
  s3.destroy();
  await recorder.close();
  await emulator.close();
});

/** Of a request for a service, with a signature that is none: who calls is not known then. */
function unsigned(service: string): Record<string, string> {
  const scope = `20260101/us-east-1/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${KNOWN}/${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
  return { authorization, 'x-amz-date': '20260101T000000Z' };
}

test('a call is handed on as it was signed, and its answer comes back', async () => {
  answer = { status: 200, type: 'text/plain', body: 'hello' };
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
  expect(await Body?.transformToString()).toBe('hello');
  expect(forwarded).toEqual([{
    url: '/b/k?x-id=GetObject',
    host: `127.0.0.1:${recorder.port}`,
    authorization: expect.stringContaining(`Credential=${KNOWN}/`) as string,
    body: '',
  }]);
});

test('the log says who asked for which object', async () => {
  await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'a folder/k', VersionId: 'v1' }));
  expect(entries).toEqual([{
    time: expect.any(String) as string,
    service: 'S3',
    operation: 'GetObject',
    input: { Bucket: 'b', Key: 'a folder/k', VersionId: 'v1' },
    status: 200,
    caller: HANDLER.arn,
  }]);
});

test('an object that is written or deleted is in the log by its name, never by its content', async () => {
  await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'private content' }));
  await s3.send(new DeleteObjectCommand({ Bucket: 'b', Key: 'k' }));
  expect(entries.map(({ operation, input }) => ({ operation, input }))).toEqual([
    { operation: 'PutObject', input: { Bucket: 'b', Key: 'k' } }, { operation: 'DeleteObject', input: { Bucket: 'b', Key: 'k' } },
  ]);
  expect(forwarded[0]?.body).toContain('private content');
  expect(JSON.stringify(entries)).not.toContain('private content');
});

test('a copy is in the log with its source', async () => {
  await s3.send(new CopyObjectCommand({ Bucket: 'b', Key: 'k', CopySource: 'source/a%20b?versionId=v1' }));
  expect(entries[0]).toMatchObject({ operation: 'CopyObject', input: { Bucket: 'b', Key: 'k', CopySource: 'source/a%20b?versionId=v1' } });
});

test('a call that the SDK does not name is called by its method and what it is about', async () => {
  await s3.send(new ListObjectVersionsCommand({ Bucket: 'b' }));
  expect(entries[0]).toMatchObject({ operation: 'GET bucket versions', input: { Bucket: 'b' } });
});

test.each([
  ['GET', '/b/k', 'GetObject'], ['HEAD', '/b/k', 'HeadObject'], ['PUT', '/b/k', 'PutObject'], ['DELETE', '/b/k', 'DeleteObject'],
  ['POST', '/b/k?uploads', 'CreateMultipartUpload'], ['PUT', '/b/k?partNumber=1&uploadId=u', 'UploadPart'],
  ['POST', '/b/k?uploadId=u', 'CompleteMultipartUpload'], ['DELETE', '/b/k?uploadId=u', 'AbortMultipartUpload'],
  ['GET', '/b?list-type=2&prefix=p%2F&delimiter=&encoding-type=url', 'ListObjectsV2'], ['GET', '/b?location', 'GetBucketLocation'],
  ['HEAD', '/b', 'HeadBucket'], ['GET', '/b/k?acl', 'GET object acl'],
])('%s %s of an SDK that does not name its calls, as Python\'s, is in the log as %s', async (method, path, operation) => {
  await fetch(`${recorder.url}${path}`, { method, headers: unsigned('s3') });
  expect(entries[0]).toMatchObject({ service: 'S3', operation, input: { Bucket: 'b' } });
});

test('a copy that the SDK does not name is in the log as one', async () => {
  await fetch(`${recorder.url}/b/k`, { method: 'PUT', headers: { ...unsigned('s3'), 'x-amz-copy-source': 'from/a' } });
  expect(entries[0]).toMatchObject({ operation: 'CopyObject', input: { Bucket: 'b', Key: 'k', CopySource: 'from/a' } });
});

test('a secret is in the log by its name alone', async () => {
  answer = { status: 200, type: 'application/x-amz-json-1.1', body: '{}' };
  const secrets = new SecretsManagerClient(settings);
  await secrets.send(new PutSecretValueCommand({ SecretString: 'private content', SecretId: 'arn:secret' }));
  secrets.destroy();
  expect(entries[0]).toMatchObject({ service: 'Secrets Manager', operation: 'PutSecretValue', input: { SecretId: 'arn:secret' } });
  expect(JSON.stringify(entries)).not.toContain('private content');
});

test('a call of CloudFormation is in the log with the stack and the resource', async () => {
  answer.body = '<DescribeStackResourceResponse><DescribeStackResourceResult/></DescribeStackResourceResponse>';
  const cloudFormation = new CloudFormationClient(settings);
  await cloudFormation.send(new DescribeStackResourceCommand({ StackName: 's', LogicalResourceId: 'r' }));
  cloudFormation.destroy();
  expect(entries[0]).toMatchObject({
    service: 'CloudFormation',
    operation: 'DescribeStackResource',
    input: { StackName: 's', LogicalResourceId: 'r' },
  });
});

test('an invocation of a function is in the log with the function, and without the event', async () => {
  answer = { status: 202, type: 'application/json', body: '' };
  const lambda = new LambdaClient(settings);
  const FunctionName = 'arn:aws:lambda:us-east-1:000000000000:function:handler';
  await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: '{"ResponseURL":"hidden"}' }));
  lambda.destroy();
  expect(entries[0]).toMatchObject({ service: 'Lambda', operation: 'Invoke', input: { FunctionName } });
  expect(JSON.stringify(entries)).not.toContain('hidden');
});

test('another call of Lambda is in the log by its path', async () => {
  answer = { status: 200, type: 'application/json', body: '{}' };
  const lambda = new LambdaClient(settings);
  await lambda.send(new GetFunctionCommand({ FunctionName: 'handler' }));
  lambda.destroy();
  expect(entries[0]).toMatchObject({ service: 'Lambda', operation: 'GET /2015-03-31/functions/handler' });
});

test('a question for metrics is in the log by its name', async () => {
  answer = { status: 400, type: 'application/json', body: '{}' };
  const cloudWatch = new CloudWatchClient(settings);
  const question = new GetMetricDataCommand({ MetricDataQueries: [], StartTime: new Date(0), EndTime: new Date(1) });
  await expect(cloudWatch.send(question)).rejects.toThrow();
  cloudWatch.destroy();
  expect(entries[0]).toMatchObject({ service: 'CloudWatch', operation: 'GetMetricData', input: {} });
});

test('a log that is read is in the log by its group and stream', async () => {
  answer = { status: 200, type: 'application/x-amz-json-1.1', body: '{}' };
  const logs = new CloudWatchLogsClient(settings);
  await logs.send(new GetLogEventsCommand({ logGroupName: 'g', logStreamName: 's', limit: 1 }));
  logs.destroy();
  expect(entries[0]).toMatchObject({ service: 'CloudWatch Logs', operation: 'GetLogEvents', input: { logGroupName: 'g', logStreamName: 's' } });
});

test('a call of Step Functions is in the log with the state machine or the execution, and without its input', async () => {
  answer = { status: 200, type: 'application/x-amz-json-1.0', body: '{}' };
  const stepFunctions = new SFNClient(settings);
  await stepFunctions.send(new StartExecutionCommand({ stateMachineArn: 'arn:machine', input: '{"private":"content"}' }));
  await stepFunctions.send(new DescribeExecutionCommand({ executionArn: 'arn:execution' }));
  await stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: 'arn:machine', statusFilter: 'RUNNING' }));
  stepFunctions.destroy();
  expect(entries.map(({ service, operation, input }) => ({ service, operation, input }))).toEqual([
    { service: 'SFN', operation: 'StartExecution', input: { stateMachineArn: 'arn:machine' } },
    { service: 'SFN', operation: 'DescribeExecution', input: { executionArn: 'arn:execution' } },
    { service: 'SFN', operation: 'ListExecutions', input: { stateMachineArn: 'arn:machine' } },
  ]);
  expect(JSON.stringify(entries)).not.toContain('private');
});

test('events are in the log by their buses, and without what they tell', async () => {
  answer = { status: 200, type: 'application/x-amz-json-1.1', body: '{}' };
  const events = new EventBridgeClient(settings);
  const Entries = [{ Source: 's', Detail: '{"private":"content"}' }, { EventBusName: 'other' }, { EventBusName: 'other' }];
  await events.send(new PutEventsCommand({ Entries }));
  events.destroy();
  expect(entries[0]).toMatchObject({ service: 'EventBridge', operation: 'PutEvents', input: { EventBusName: 'default,other' } });
  expect(JSON.stringify(entries)).not.toContain('private');
});

test('a call of DynamoDB is in the log with its table, and one of Firehose with its stream, both without what they write', async () => {
  answer = { status: 200, type: 'application/x-amz-json-1.0', body: '{"FailedPutCount":0,"RequestResponses":[]}' };
  const [dynamodb, firehose] = [new DynamoDBClient(settings), new FirehoseClient(settings)];
  await dynamodb.send(new PutItemCommand({ TableName: 'devices', Item: { thing: { S: 'private' } } }));
  await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: 'history', Records: [{ Data: Buffer.from('private') }] }));
  dynamodb.destroy();
  firehose.destroy();
  expect(entries.map(({ service, operation, input }) => ({ service, operation, input }))).toEqual([
    { service: 'DynamoDB', operation: 'PutItem', input: { TableName: 'devices' } },
    { service: 'Firehose', operation: 'PutRecordBatch', input: { DeliveryStreamName: 'history' } },
  ]);
});

test('a body that is no JSON names nothing, and goes on', async () => {
  await fetch(recorder.url, { method: 'POST', headers: { ...unsigned('events'), 'x-amz-target': 'AWSEvents.PutEvents' }, body: 'no JSON' });
  expect(entries[0]).toMatchObject({ service: 'EventBridge', operation: 'PutEvents' });
});

test('an error is in the log by its name, and reaches the caller', async () => {
  answer = { status: 404, type: 'application/xml', body: '<Error><Code>NoSuchKey</Code><Message>no</Message></Error>' };
  await expect(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(entries[0]).toMatchObject({ status: 404, error: 'NoSuchKey' });
});

test('a caller whom only the emulator knows has no name in the log', async () => {
  const other = new S3Client({ ...settings, forcePathStyle: true, credentials: { accessKeyId: 'ASIAOTHER0000001', secretAccessKey: 's' } });
  await other.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
  other.destroy();
  expect(entries[0]).not.toHaveProperty('caller');
});
