import type { RequestLogEntry } from '../../local/service/contracts';
import { Authorization, wasDecided } from './authorization';

const GROUP = 'arn:aws:iot:us-east-1:000000000000:thinggroup/g';
const job = (id: string): string => `arn:aws:iot:us-east-1:000000000000:job/${id}`;
const entry = (service: string, operation: string, input: object, rest: Partial<RequestLogEntry> = {}): RequestLogEntry => ({
  time: 't',
  service,
  operation,
  input,
  status: 200,
  ...rest,
});
const uses = (...log: RequestLogEntry[]): string[] | undefined => {
  const authorization = new Authorization();
  return log.map((one) => authorization.uses(one)?.map(({ action, arn }) => `${action} ${arn}`)).at(-1);
};
const deployed = (id: string, input: object = {}): RequestLogEntry => entry(
  'GreengrassV2',
  'CreateDeployment',
  { targetArn: GROUP, ...input },
  { output: { deploymentId: id, iotJobArn: job(`of-${id}`) } },
);

test('a job\'s creation needs its role to be passed, and tags a right of their own', () => {
  const jobArn = 'arn:aws:sagemaker:us-east-1:000000000000:compilation-job/j';
  expect(uses(entry('SageMaker', 'CreateCompilationJob', { CompilationJobName: 'j', RoleArn: 'arn:role', Tags: [] }))).toEqual([
    `sagemaker:CreateCompilationJob ${jobArn}`,
    'iam:PassRole arn:role',
  ]);
  expect(uses(entry(
    'SageMaker',
    'CreateCompilationJob',
    { CompilationJobName: 'j', RoleArn: 'arn:role', Tags: [{}] },
  ))).toContain(`sagemaker:AddTags ${jobArn}`);
});

test('an invocation is decided on the function', () => {
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:handler';
  expect(uses(entry('Lambda', 'Invoke', { FunctionName: arn }))).toEqual([`lambda:InvokeFunction ${arn}`]);
});

test('a membership is decided on the group and on the thing', () => {
  expect(uses(entry('IoT', 'AddThingToThingGroup', { thingGroupName: 'g', thingName: 't' }))).toEqual([
    `iot:AddThingToThingGroup ${GROUP}`, 'iot:AddThingToThingGroup arn:aws:iot:us-east-1:000000000000:thing/t',
  ]);
});

test('a copy reads its source, by its version if that is given', () => {
  expect(uses(entry('S3', 'CopyObject', { Bucket: 'b', Key: 'k', CopySource: 'from/a%20b' }))).toEqual([
    's3:GetObject arn:aws:s3:::from/a b', 's3:PutObject arn:aws:s3:::b/k',
  ]);
  expect(uses(entry('S3', 'CopyObject', { Bucket: 'b', Key: 'k', CopySource: 'from/a?versionId=1' }))).toContain(
    's3:GetObjectVersion arn:aws:s3:::from/a',
  );
});

test('that an object is not there is told to who may list the bucket', () => {
  expect(uses(entry('S3', 'GetObject', { Bucket: 'b', Key: 'k' }, { status: 404, error: 'NoSuchKey' }))).toEqual([
    's3:GetObject arn:aws:s3:::b/k', 's3:ListBucket arn:aws:s3:::b',
  ]);
});

test('a question for an object that is not there is one for the list of the bucket, also without an error\'s name', () => {
  expect(uses(entry('S3', 'HeadObject', { Bucket: 'b', Key: 'k' }, { status: 404 }))).toEqual([
    's3:GetObject arn:aws:s3:::b/k', 's3:ListBucket arn:aws:s3:::b',
  ]);
  expect(uses(entry('S3', 'HeadObject', { Bucket: 'b', Key: 'k' }))).toEqual(['s3:GetObject arn:aws:s3:::b/k']);
});

test.each(['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'])('%s is a part of writing an object', (operation) => {
  expect(uses(entry('S3', operation, { Bucket: 'b', Key: 'k' }))).toEqual(['s3:PutObject arn:aws:s3:::b/k']);
});

test('git needs a right on the repository for each direction', () => {
  const arn = 'arn:aws:codecommit:us-east-1:000000000000:data';
  expect(uses(entry('CodeCommit', 'GitPull', { repositoryName: 'data' }))).toEqual([`codecommit:GitPull ${arn}`]);
  expect(uses(entry('CodeCommit', 'GitPush', { repositoryName: 'data' }))).toEqual([`codecommit:GitPush ${arn}`]);
});

describe('a call of MLflow\'s API', () => {
  const call = (Arn: string, operation: string): string[] | undefined => uses(entry('SageMaker MLflow', operation, { Arn }));
  test('needs the one right of an app', () => {
    const arn = 'arn:aws:sagemaker:us-east-1:000000000000:mlflow-app/app-1';
    expect(call(arn, 'POST /api/2.0/mlflow/runs/create')).toEqual([`sagemaker:CallMlflowAppApi ${arn}`]);
  });

  test('needs a right of its own of a tracking server', () => {
    const arn = 'arn:aws:sagemaker:us-east-1:000000000000:mlflow-tracking-server/s';
    expect(call(arn, 'POST /api/2.0/mlflow/runs/create')).toEqual([`sagemaker-mlflow:CreateRun ${arn}`]);
    expect(call(arn, 'POST /api/2.0/mlflow/unknown')).toBeUndefined();
  });
});

test('a deployment takes the place of the one before on its target, whose job it ends', () => {
  expect(uses(deployed('1'))).toEqual([
    'greengrass:CreateDeployment *',
    `iot:CreateJob ${GROUP}`,
    `iot:CreateJob ${job('of-1')}`,
    `iot:DescribeThingGroup ${GROUP}`,
  ]);
  expect(uses(deployed('1'), deployed('2', { tags: { a: 'b' } }))).toEqual([
    'greengrass:CreateDeployment *',
    'greengrass:TagResource arn:aws:greengrass:us-east-1:000000000000:deployments:2',
    `iot:CreateJob ${GROUP}`,
    `iot:CreateJob ${job('of-2')}`,
    `iot:DescribeThingGroup ${GROUP}`, `iot:CancelJob ${job('of-1')}`, `iot:DescribeJob ${job('of-1')}`,
  ]);
});

test.each([
  ['CancelDeployment', 'iot:CancelJob'], ['DeleteDeployment', 'iot:DeleteJob'],
])('%s needs %s on the deployment\'s job', (operation, action) => {
  expect(uses(deployed('1'), entry('GreengrassV2', operation, { deploymentId: '1' }))).toEqual([
    `greengrass:${operation} arn:aws:greengrass:us-east-1:000000000000:deployments:1`,
    `${action} ${job('of-1')}`,
  ]);
});

test('a call that is not in the table is told from one without rights', () => {
  expect(uses(entry('S3', 'GetBucketPolicy', { Bucket: 'b' }))).toBeUndefined();
});

test.each<[string, Partial<RequestLogEntry>, boolean]>([
  ['an answer', { status: 200 }, true],
  ['a refusal for want of a right', { status: 400, error: 'AccessDeniedException' }, true],
  ['a refusal by status', { status: 403 }, true],
  ['something that is not there', { status: 404, error: 'NoSuchKey' }, true],
  ['throttling', { status: 400, error: 'ThrottlingException' }, false],
  ['a request that is wrong', { status: 400, error: 'ValidationException' }, false], ['a broken connection', { status: 0 }, false],
])('%s: whether IAM decided', (_, answer, decided) => {
  expect(wasDecided(entry('SageMaker', 'X', {}, answer))).toBe(decided);
});
