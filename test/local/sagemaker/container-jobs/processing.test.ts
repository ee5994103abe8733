import * as fs from 'node:fs';
import { CreateProcessingJobCommand, DescribeProcessingJobCommand, ListProcessingJobsCommand, ListTagsCommand, StopProcessingJobCommand } from '@aws-sdk/client-sagemaker';
import { runs } from '../../../../local/cloud/processes';
import { arn, ROLE } from '../fakes';
import { containing, matching, until } from '../requests';
import { IMAGE, processed, processingEnd, processingRequest, startJobFixture, type JobFixture } from './job-fixture';

let jobs: JobFixture;
beforeAll(async () => {
  jobs = await startJobFixture();
});
afterAll(() => jobs.close());

const describeJob = (name: string) => jobs.fixture.root.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));
const logOf = (name: string): readonly string[] => jobs.logs.filter(({ stream }) => stream.startsWith(`${name}/`)).map(({ line }) => line);
const s3Input = (uri: string, folder = 'in') => ({
  InputName: folder,
  S3Input: { S3Uri: uri, LocalPath: `/opt/ml/processing/${folder}`, S3DataType: 'S3Prefix' as const, S3InputMode: 'File' as const },
});
const s3Output = (name: string, mode: 'EndOfJob' | 'Continuous' = 'EndOfJob') => ({
  OutputName: name, S3Output: { S3Uri: `s3://output/${name}`, LocalPath: `/opt/ml/processing/out/${name}`, S3UploadMode: mode },
});

test('a job reads its inputs from S3, runs its command, and writes its outputs to S3, with its role', async () => {
  const { fixture } = jobs;
  fixture.storage.objects.set('s3://models/data/a.csv', Buffer.from('1\n'));
  fixture.storage.objects.set('s3://models/data/more/b.csv', Buffer.from('2\n'));
  fixture.storage.objects.set('s3://models/data-of-others/c.csv', Buffer.from('3\n'));
  const job = await processed(fixture, processingRequest('work', 'cat $(find /opt/ml/processing/in -type f | sort) > /opt/ml/processing/out/sum/all.csv', {
    ProcessingInputs: [s3Input('s3://models/data/')], ProcessingOutputConfig: { Outputs: [s3Output('sum')], KmsKeyId: 'key' },
  }));
  expect(job).toMatchObject({ ProcessingJobStatus: 'Completed', ProcessingJobArn: arn('processing-job/work') });
  expect(job.FailureReason).toBeUndefined();
  expect(fixture.storage.get('s3://output/sum/all.csv').toString()).toBe('1\n2\n');
  expect(fixture.storage.writes).toContainEqual({ uri: 's3://output/sum/all.csv', roleArn: ROLE, kmsKeyId: 'key' });
});

test('one object is an input under its own name', async () => {
  const { fixture } = jobs;
  fixture.storage.objects.set('s3://models/code/job.zip', Buffer.from('the code'));
  await processed(fixture, processingRequest('one', 'cat /opt/ml/processing/in/job.zip', { ProcessingInputs: [s3Input('s3://models/code/job.zip')] }));
  expect(logOf('one')).toEqual(['the code']);
});

test('the command gets its arguments, its environment and the credentials of its role', async () => {
  const { fixture, granted, revoked } = jobs;
  await processed(fixture, processingRequest('told', '', {
    Environment: { WHERE: '/opt/ml/processing/x', OTHER: '/opt/mlflow:/data/opt/ml' },
    AppSpecification: {
      ImageUri: IMAGE, ContainerEntrypoint: ['/bin/sh', '-c'],
      ContainerArguments: ['echo "$0 $FROM_IMAGE $OTHER $AWS_CONTAINER_AUTHORIZATION_TOKEN"; dirname $WHERE; pwd', 'first'],
    },
  }));
  const [grant] = granted.slice(-1);
  const [line, folder, home = ''] = logOf('told');
  expect(grant?.roleArn).toBe(ROLE);
  expect(line).toBe(`first yes /opt/mlflow:/data/opt/ml token-${grant?.session ?? ''}`);
  expect(folder).toBe(`${home}/opt/ml/processing`);
  expect(home.startsWith(jobs.folder)).toBe(true);
  expect(revoked).toContain(grant?.session);
});

test('the job is told of itself by the files of the contract', async () => {
  await processed(jobs.fixture, processingRequest('files', 'cat /opt/ml/config/processingjobconfig.json; echo; cat /opt/ml/config/resourceconfig.json'));
  const [configuration = '', resources = ''] = logOf('files');
  expect(JSON.parse(configuration)).toMatchObject({ ProcessingJobArn: arn('processing-job/files'), ProcessingJobName: 'files' });
  expect(JSON.parse(resources)).toEqual({ current_host: 'algo-1', hosts: ['algo-1'] });
});

test('log lines go to the group of processing jobs', async () => {
  await processed(jobs.fixture, processingRequest('logs', 'echo out; sleep 0.1; echo err >&2'));
  expect(jobs.logs.filter(({ stream }) => stream.startsWith('logs/'))).toEqual(['out', 'err'].map((line) => ({
    group: '/aws/sagemaker/ProcessingJobs', stream: matching(/^logs\/algo-1-\d+$/), line,
  })));
});

test('a program that fails makes the job Failed, with its message; only continuous outputs are kept', async () => {
  const { fixture } = jobs;
  const script = 'echo a > /opt/ml/processing/out/end/a; echo b > /opt/ml/processing/out/stream/b; printf "no data" > /opt/ml/output/message; exit 3';
  const job = await processed(fixture, processingRequest('bad', script, {
    ProcessingOutputConfig: { Outputs: [s3Output('end'), s3Output('stream', 'Continuous')] },
  }));
  expect(job).toMatchObject({
    ProcessingJobStatus: 'Failed', FailureReason: 'AlgorithmError: See job logs for more information', ExitMessage: 'no data',
  });
  expect(fixture.storage.objects.has('s3://output/end/a')).toBe(false);
  expect(fixture.storage.get('s3://output/stream/b').toString()).toBe('b\n');
});

test('a message that is no UTF-8 makes the job Failed', async () => {
  const job = await processed(jobs.fixture, processingRequest('bytes', 'printf "\\377" > /opt/ml/output/message'));
  expect(job).toMatchObject({ ProcessingJobStatus: 'Failed', FailureReason: containing('/opt/ml/output/message is not encoded in UTF-8') });
});

test.each([
  ['an input without objects', { ProcessingInputs: [s3Input('s3://models/none/')] }, 'No S3 objects found under S3 URL "s3://models/none/"'],
  ['a bucket that is not there', { ProcessingInputs: [s3Input('s3://absent/x')] }, 'S3 bucket does not exist. Bucket: absent'],
  ['an image that is not there', { AppSpecification: { ImageUri: 'none:1', ContainerEntrypoint: ['true'] } }, 'Cannot pull the image none:1'],
  ['a command that is not there', { AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ['/none'] } }, 'the container could not be started'],
  ['an image without a known entry point', { AppSpecification: { ImageUri: IMAGE } }, 'AppSpecification needs a ContainerEntrypoint'],
])('%s makes the job Failed, with the reason', async (what, change, reason) => {
  const job = await processed(jobs.fixture, processingRequest(what.replaceAll(' ', '-'), 'true', change));
  expect(job).toMatchObject({ ProcessingJobStatus: 'Failed', FailureReason: matching(new RegExp(`^ClientError: .*${reason.replaceAll(/[."]/g, '\\$&')}`)) });
});

test.each(['s3:ListBucket', 's3:GetObject', 's3:PutObject'])('what the role may not do makes the job Failed: %s', async (action) => {
  const { fixture } = jobs;
  fixture.storage.objects.set('s3://models/secret/x', Buffer.from('x'));
  fixture.storage.refuse = (asked) => asked === action;
  const job = await processed(fixture, processingRequest(`denied-${action.slice(3)}`, 'echo a > /opt/ml/processing/out/o/a', {
    ProcessingInputs: [s3Input('s3://models/secret/')], ProcessingOutputConfig: { Outputs: [s3Output('o')] },
  }));
  fixture.storage.refuse = () => false;
  expect(job).toMatchObject({ ProcessingJobStatus: 'Failed', FailureReason: containing(`${action} of s3://`) });
  expect(job.FailureReason).toContain('AccessDenied');
});

test('a job that runs is stopped on request, and its processes with it', async () => {
  const { fixture: { root } } = jobs;
  await root.send(new CreateProcessingJobCommand(processingRequest('stop', 'sleep 1000 & echo $!; wait')));
  await until(() => Promise.resolve(logOf('stop')), (lines) => lines.length > 0);
  await root.send(new StopProcessingJobCommand({ ProcessingJobName: 'stop' }));
  expect(await describeJob('stop')).toMatchObject({ ProcessingJobStatus: matching(/^Stop(ping|ped)$/) });
  expect(await processingEnd(root, 'stop')).toMatchObject({ ProcessingJobStatus: 'Stopped' });
  const [pid = ''] = logOf('stop');
  expect(runs(Number(pid), 'sleep')).toBe(false);
  await expect(root.send(new StopProcessingJobCommand({ ProcessingJobName: 'stop' }))).rejects.toMatchObject({
    name: 'ValidationException', message: 'The request was rejected because the processing job is in status Stopped.',
  });
});

test('what a program leaves running ends with it', async () => {
  await processed(jobs.fixture, processingRequest('orphan', 'sleep 1000 >/dev/null 2>&1 & echo $!'));
  expect(runs(Number(logOf('orphan')[0]), 'sleep')).toBe(false);
});

test('a job that runs for longer than it may is Stopped', async () => {
  const job = await processed(jobs.fixture, processingRequest('slow', 'sleep 1000', { StoppingCondition: { MaxRuntimeInSeconds: 1 } }));
  expect(job).toMatchObject({ ProcessingJobStatus: 'Stopped' });
});

test('nothing of a job is left on the disk when it is over', async () => {
  await processed(jobs.fixture, processingRequest('clean', 'echo x > /opt/ml/processing/x || echo x > x'));
  await until(() => Promise.resolve(fs.readdirSync(jobs.folder)), (left) => left.length === 0);
});

test('a name is taken for good', async () => {
  await processed(jobs.fixture, processingRequest('taken'));
  await expect(jobs.fixture.root.send(new CreateProcessingJobCommand(processingRequest('taken')))).rejects.toMatchObject({
    name: 'ResourceInUse', message: containing(`a processing job with this name already exists (${arn('processing-job/taken')})`),
  });
});

test('a job that does not exist is a ValidationException, as on AWS', async () => {
  for (const call of [
    () => describeJob('absent'), () => jobs.fixture.root.send(new StopProcessingJobCommand({ ProcessingJobName: 'absent' })),
  ]) {
    await expect(call()).rejects.toMatchObject({ name: 'ValidationException', message: 'Could not find requested job with name: absent' });
  }
});

test.each([
  ['a LocalPath out of the folder', { ProcessingInputs: [{ InputName: 'i', S3Input: { ...s3Input('s3://a/b').S3Input, LocalPath: '/opt/ml/processing/../x' } }] }, 'begins with /opt/ml/processing/, got /opt/ml/processing/../x'],
  ['an output without a LocalPath', { ProcessingOutputConfig: { Outputs: [{ OutputName: 'o', S3Output: { S3Uri: 's3://a/b', S3UploadMode: 'EndOfJob' as const } }] } }, 'LocalPath of o must'],
  ['the mode Pipe', { ProcessingInputs: [{ InputName: 'i', S3Input: { ...s3Input('s3://a/b').S3Input, S3InputMode: 'Pipe' as const } }] }, 'has S3Prefix and Pipe'],
  ['Gzip', { ProcessingInputs: [{ InputName: 'i', S3Input: { ...s3Input('s3://a/b').S3Input, S3CompressionType: 'Gzip' as const } }] }, 'can only be used with S3InputMode Pipe'],
  ['two inputs of one name', { ProcessingInputs: [s3Input('s3://a/b'), s3Input('s3://a/c')] }, 'unique InputName each, got in more than once'],
  ['two outputs of one name', { ProcessingOutputConfig: { Outputs: [s3Output('o'), s3Output('o')] } }, 'unique OutputName each, got o more than once'],
  ['an input of no S3', { ProcessingInputs: [{ InputName: 'i' }] }, 'i needs an S3Input'],
  ['an output of no S3', { ProcessingOutputConfig: { Outputs: [{ OutputName: 'o' }] } }, 'o needs an S3Output'],
  ['two instances', { ProcessingResources: { ClusterConfig: { InstanceCount: 2, InstanceType: 'ml.m5.large' as const, VolumeSizeInGB: 1 } } }, 'needs InstanceCount 1'],
  ['a value of the environment that is too long', { Environment: { LONG: 'x'.repeat(257) } }, 'less than or equal to 256'],
])('%s is refused, and no job is made', async (what, change, message) => {
  const name = `refused-${what.replaceAll(' ', '-')}`;
  await expect(jobs.fixture.root.send(new CreateProcessingJobCommand(processingRequest(name, 'true', change)))).rejects.toMatchObject({
    name: 'ValidationException', message: containing(message),
  });
  await expect(describeJob(name)).rejects.toThrow('Could not find');
});

test('a role that SageMaker may not assume is refused', async () => {
  const request = processingRequest('role', 'true', { RoleArn: 'arn:aws:iam::000000000000:role/stranger' });
  await expect(jobs.fixture.root.send(new CreateProcessingJobCommand(request))).rejects.toThrow('Could not assume role');
});

test('the caller needs the right for this very job, for its tags, and to pass its role', async () => {
  const { authority, handler } = jobs.fixture;
  authority.asked.splice(0);
  await handler.send(new CreateProcessingJobCommand(processingRequest('rights', 'true', { Tags: [{ Key: 'k', Value: 'v' }] })));
  const resource = arn('processing-job/rights');
  expect(authority.asked).toEqual([
    { action: 'sagemaker:CreateProcessingJob', resource }, { action: 'sagemaker:AddTags', resource }, { action: 'iam:PassRole', resource: ROLE },
  ]);
  expect((await handler.send(new ListTagsCommand({ ResourceArn: resource }))).Tags).toEqual([{ Key: 'k', Value: 'v' }]);
  authority.allowed = (action) => action !== 'iam:PassRole';
  await expect(handler.send(new CreateProcessingJobCommand(processingRequest('no-rights')))).rejects.toMatchObject({
    name: 'AccessDeniedException', message: containing(`iam:PassRole on resource: ${ROLE}`),
  });
  authority.allowed = () => true;
});

test.each([
  ['FAILED', { ProcessingJobStatus: 'Failed', FailureReason: 'as asked' }],
  ['STOPPED', { ProcessingJobStatus: 'Stopped', FailureReason: 'as asked' }],
])('a fault makes a job %s, whose program did its work', async (become, expected) => {
  const { fixture } = jobs;
  await fixture.fault({ jobNameContains: `fault-${become}`, become, reason: 'as asked' });
  expect(await processed(fixture, processingRequest(`fault-${become}`, 'echo done'))).toMatchObject(expected);
  expect(logOf(`fault-${become}`)).toEqual(['done']);
});

test('a fault makes a job run until it is stopped, or stay in a state that no model has', async () => {
  const { fixture } = jobs;
  const { root } = fixture;
  await fixture.fault({ jobNameContains: 'endless', become: 'NEVER_ENDING' });
  await fixture.fault({ jobNameContains: 'strange', become: 'STRANGE_STATE' });
  await root.send(new CreateProcessingJobCommand(processingRequest('endless')));
  await root.send(new CreateProcessingJobCommand(processingRequest('strange')));
  await until(() => describeJob('strange'), ({ ProcessingJobStatus }) => String(ProcessingJobStatus) === 'Paused');
  expect(await describeJob('endless')).toMatchObject({ ProcessingJobStatus: 'InProgress' });
  await root.send(new StopProcessingJobCommand({ ProcessingJobName: 'endless' }));
  expect(await processingEnd(root, 'endless')).toMatchObject({ ProcessingJobStatus: 'Stopped' });
});

test('a list is filtered, sorted and given in pages', async () => {
  const { fixture: { root } } = jobs;
  for (const name of ['list-b', 'list-a', 'list-c']) {
    await processed(jobs.fixture, processingRequest(name));
  }
  const names = async (request: ConstructorParameters<typeof ListProcessingJobsCommand>[0]): Promise<unknown[]> => {
    const { ProcessingJobSummaries = [], NextToken } = await root.send(new ListProcessingJobsCommand({ NameContains: 'list-', ...request }));
    return [...ProcessingJobSummaries.map(({ ProcessingJobName }) => ProcessingJobName), NextToken];
  };
  expect(await names({})).toEqual(['list-b', 'list-a', 'list-c', undefined]);
  expect(await names({ SortBy: 'Name', SortOrder: 'Descending' })).toEqual(['list-c', 'list-b', 'list-a', undefined]);
  expect(await names({ SortBy: 'Name', MaxResults: 2 })).toEqual(['list-a', 'list-b', expect.any(String)]);
  expect(await names({ StatusEquals: 'Stopped' })).toEqual([undefined]);
});
