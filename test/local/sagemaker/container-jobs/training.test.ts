import { AddTagsCommand, CreateTrainingJobCommand, DescribeTrainingJobCommand, ListTagsCommand, ListTrainingJobsCommand, StopTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { runs } from '../../../../local/cloud/processes';
import { untar } from '../../../../local/sagemaker/archive';
import { CONTROL, arn, ROLE } from '../fakes';
import { containing, until } from '../requests';
import { IMAGE, startJobFixture, trained, trainingEnd, trainingRequest, type JobFixture } from './job-fixture';

let jobs: JobFixture;
beforeAll(async () => {
  jobs = await startJobFixture();
});
afterAll(() => jobs.close());

const describeJob = (name: string) => jobs.fixture.root.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
const logOf = (name: string): readonly string[] => jobs.logs.filter(({ stream }) => stream.startsWith(`${name}/`)).map(({ line }) => line);
const channel = (name: string, uri: string) => ({ ChannelName: name, DataSource: { S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri: uri } } });
const shell = (script: string, more: object = {}) => ({
  AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' as const, ContainerEntrypoint: ['/bin/sh', '-c', script], ...more },
});

test('a job trains on its channels, and its model is packed for S3, by its role', async () => {
  const { fixture } = jobs;
  fixture.storage.objects.set('s3://models/set/train.csv', Buffer.from('1,2\n'));
  const script = 'mkdir /opt/ml/model/code; cp /opt/ml/input/data/train/train.csv /opt/ml/model/code/; echo note > /opt/ml/output/data/note';
  const job = await trained(fixture, trainingRequest('work', script, {
    InputDataConfig: [channel('train', 's3://models/set')], OutputDataConfig: { S3OutputPath: 's3://output/trained/', KmsKeyId: 'key' },
  }));
  const uri = 's3://output/trained/work/output/model.tar.gz';
  expect(job).toMatchObject({
    TrainingJobStatus: 'Completed', SecondaryStatus: 'Completed', ModelArtifacts: { S3ModelArtifacts: uri }, TrainingJobArn: arn('training-job/work'),
  });
  expect([...await untar(fixture.storage.get(uri))].map(([name, content]) => [name, content.toString()])).toEqual([['code/train.csv', '1,2\n']]);
  expect([...(await untar(fixture.storage.get('s3://output/trained/work/output/output.tar.gz'))).keys()]).toEqual(['note']);
  expect(fixture.storage.writes).toContainEqual({ uri, roleArn: ROLE, kmsKeyId: 'key' });
});

test('a job is told of itself by its environment and by the files of the contract', async () => {
  const { fixture } = jobs;
  fixture.storage.objects.set('s3://models/set/x', Buffer.from('x'));
  const script = 'echo "$TRAINING_JOB_NAME $TRAINING_JOB_ARN $MINE"; cd /opt/ml/input/config; for file in hyperparameters inputdataconfig resourceconfig; do cat $file.json; echo; done; pwd';
  await trained(fixture, trainingRequest('told', script, {
    HyperParameters: { depth: '6', where: '/opt/ml/model' }, Environment: { MINE: 'v' }, InputDataConfig: [channel('train', 's3://models/set')],
  }));
  const [environment, hyperparameters = '', channels = '', resources = '', folder = ''] = logOf('told');
  expect(environment).toBe(`told ${arn('training-job/told')} v`);
  expect(JSON.parse(hyperparameters)).toEqual({ depth: '6', where: folder.replace(/input\/config$/, 'model') });
  expect(JSON.parse(channels)).toEqual({
    train: { TrainingInputMode: 'File', S3DistributionType: 'FullyReplicated', RecordWrapperType: 'None' },
  });
  expect(JSON.parse(resources)).toMatchObject({ current_host: 'algo-1', hosts: ['algo-1'], current_instance_type: 'ml.m5.large' });
});

test('an image without an entry point in the request runs its program `train`', async () => {
  const job = await trained(jobs.fixture, trainingRequest('default', '', { AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' } }));
  expect(job).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: containing('the container could not be started') });
  expect(job.FailureReason).toContain('train ENOENT');
});

test('metrics are read from the log, the last value of each; a log without one gives none', async () => {
  const MetricDefinitions = [
    { Name: 'error', Regex: 'AE-at-50th-percentile: ([0-9.]+).*$' }, { Name: 'loss', Regex: 'loss=(-?[0-9.e+-]+);' }, { Name: 'absent', Regex: 'absent: (.*)' },
  ];
  const job = await trained(jobs.fixture, trainingRequest('metrics', '', shell(
    'echo "AE-at-50th-percentile: 0.5"; echo "loss=1e-3; AE-at-50th-percentile: 0.25 (best)"; echo "absent: none"', { MetricDefinitions },
  )));
  expect(job.FinalMetricDataList).toEqual([
    { MetricName: 'error', Value: 0.25, Timestamp: expect.any(Date) as unknown }, { MetricName: 'loss', Value: 0.001, Timestamp: expect.any(Date) as unknown },
  ]);
  expect(jobs.logs.find(({ stream }) => stream.startsWith('metrics/'))?.group).toBe('/aws/sagemaker/TrainingJobs');
});

test('a script that fails says why in its failure file; its model stays where it was', async () => {
  const { fixture } = jobs;
  const job = await trained(fixture, trainingRequest('bad', 'echo m > /opt/ml/model/m; printf "no such column: y" > /opt/ml/output/failure; exit 2'));
  expect(job).toMatchObject({
    TrainingJobStatus: 'Failed', SecondaryStatus: 'Failed', FailureReason: 'AlgorithmError: no such column: y, exit code: 2',
    ModelArtifacts: { S3ModelArtifacts: '' },
  });
  expect([...fixture.storage.objects.keys()].filter((uri) => uri.includes('/bad/'))).toEqual([]);
});

test('a failure reason ends after 1,024 characters', async () => {
  const job = await trained(jobs.fixture, trainingRequest('long', 'yes x | tr -d "\\n" | head -c 5000 > /opt/ml/output/failure; exit 1'));
  expect(job.FailureReason).toHaveLength(1024);
});

test('a job that is killed fails with the exit code of the signal', async () => {
  expect(await trained(jobs.fixture, trainingRequest('killed', 'kill -9 $$'))).toMatchObject({ FailureReason: 'AlgorithmError: , exit code: 137' });
});

test('a job that is stopped leaves the model that it had', async () => {
  const { fixture } = jobs;
  const script = 'trap "echo last > /opt/ml/model/m; exit 0" TERM; echo ready; sleep 1000 & wait';
  await fixture.root.send(new CreateTrainingJobCommand(trainingRequest('stop', script)));
  await until(() => Promise.resolve(logOf('stop')), (lines) => lines.length > 0);
  await fixture.root.send(new StopTrainingJobCommand({ TrainingJobName: 'stop' }));
  const job = await trainingEnd(fixture.root, 'stop');
  expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'Stopped' });
  expect((await untar(fixture.storage.get(job.ModelArtifacts?.S3ModelArtifacts))).get('m')?.toString()).toBe('last\n');
});

test('a job that runs for longer than it may is Stopped, with a secondary status of its own', async () => {
  const job = await trained(jobs.fixture, trainingRequest('slow', 'sleep 1000', { StoppingCondition: { MaxRuntimeInSeconds: 1 } }));
  expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxRuntimeExceeded' });
});

test('the secondary states of a job follow each other, with their times', async () => {
  const { CreationTime, TrainingStartTime, TrainingEndTime, TrainingTimeInSeconds, SecondaryStatusTransitions = [] } = await trained(jobs.fixture, trainingRequest('states'));
  expect(SecondaryStatusTransitions.map(({ Status }) => Status)).toEqual(['Starting', 'Downloading', 'Training', 'Uploading', 'Completed']);
  expect(SecondaryStatusTransitions.slice(0, -1).every(({ EndTime }) => EndTime !== undefined)).toBe(true);
  const times = [CreationTime, TrainingStartTime, TrainingEndTime].map((time) => time?.getTime() ?? NaN);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(TrainingTimeInSeconds).toBeGreaterThanOrEqual(1);
});

test('a channel without objects makes the job Failed, for that reason alone', async () => {
  const job = await trained(jobs.fixture, trainingRequest('empty', 'true', { InputDataConfig: [channel('c', 's3://models/none/')] }));
  expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual(['Starting', 'Downloading', 'Failed']);
  expect(job.FailureReason).toMatch(
    /^ClientError: No S3 objects found under S3 URL "s3:\/\/models\/none\/" .* permissions on bucket "models"\.$/,
  );
});

test('a model that cannot be written makes the job Failed', async () => {
  const { fixture } = jobs;
  const job = await trained(fixture, trainingRequest('nowhere', 'true', { OutputDataConfig: { S3OutputPath: 's3://absent/x' } }));
  expect(job).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: containing('S3 bucket does not exist. Bucket: absent') });
});

test('a name is taken for good, and absent ones are a ValidationException, as on AWS', async () => {
  const { fixture: { root } } = jobs;
  await trained(jobs.fixture, trainingRequest('taken'));
  await expect(root.send(new CreateTrainingJobCommand(trainingRequest('taken')))).rejects.toMatchObject({
    name: 'ResourceInUse', message: containing(`a training job with this name already exists (${arn('training-job/taken')})`),
  });
  await expect(describeJob('absent')).rejects.toMatchObject({ name: 'ValidationException', message: 'Requested resource not found.' });
  await expect(root.send(new StopTrainingJobCommand({ TrainingJobName: 'taken' }))).rejects.toThrow('the training job is in status Completed.');
});

test.each([
  ['an algorithm by name', { AlgorithmSpecification: { AlgorithmName: 'a', TrainingInputMode: 'File' as const } }, 'needs a TrainingImage and no AlgorithmName'],
  ['two instances', { ResourceConfig: { InstanceCount: 2, InstanceType: 'ml.m5.large' as const, VolumeSizeInGB: 1 } }, 'needs InstanceCount 1'],
  ['two channels of one name', { InputDataConfig: [channel('c', 's3://a/b'), channel('c', 's3://a/b')] }, 'unique ChannelName each, got c more than once'],
  ['the mode Pipe', { InputDataConfig: [{ ...channel('c', 's3://a/b'), InputMode: 'Pipe' as const }] }, 'c has S3Prefix and Pipe'],
  ['Gzip', { InputDataConfig: [{ ...channel('c', 's3://a/b'), CompressionType: 'Gzip' as const }] }, 'can only be used with input mode Pipe'],
  ['spot without a time to wait', { EnableManagedSpotTraining: true }, 'Invalid MaxWaitTimeInSeconds'],
  ['a metric by no expression', shell('true', { MetricDefinitions: [{ Name: 'm', Regex: '(' }] }), 'Regex of the metric m is not a regular expression'],
  ['a metric by an expression that is too long', shell('true', { MetricDefinitions: [{ Name: 'm', Regex: 'x'.repeat(501) }] }), 'less than or equal to 500'],
])('%s is refused, and no job is made', async (what, change, message) => {
  const name = `refused-${what.replaceAll(' ', '-')}`;
  await expect(jobs.fixture.root.send(new CreateTrainingJobCommand(trainingRequest(name, 'true', change)))).rejects.toMatchObject({
    name: 'ValidationException', message: containing(message),
  });
  await expect(describeJob(name)).rejects.toThrow('Requested resource not found.');
});

test('the caller needs the right for this very job, for its tags, and to pass its role', async () => {
  const { authority, handler } = jobs.fixture;
  authority.asked.splice(0);
  await handler.send(new CreateTrainingJobCommand(trainingRequest('rights', 'true', { Tags: [{ Key: 'k', Value: 'v' }] })));
  const resource = arn('training-job/rights');
  expect(authority.asked).toEqual([
    { action: 'sagemaker:CreateTrainingJob', resource }, { action: 'sagemaker:AddTags', resource }, { action: 'iam:PassRole', resource: ROLE },
  ]);
  await handler.send(new AddTagsCommand({ ResourceArn: resource, Tags: [{ Key: 'l', Value: 'w' }] }));
  expect((await handler.send(new ListTagsCommand({ ResourceArn: resource }))).Tags).toHaveLength(2);
});

test('a fault makes a job Failed, or Stopped by somebody else', async () => {
  const { fixture } = jobs;
  await fixture.fault({ jobNameContains: 'fault-failed', become: 'FAILED' });
  await fixture.fault({ jobNameContains: 'fault-stopped', become: 'STOPPED' });
  expect(await trained(fixture, trainingRequest('fault-failed'))).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: containing('a fault of the stand-in') });
  expect(await trained(fixture, trainingRequest('fault-stopped'))).toMatchObject({ TrainingJobStatus: 'Stopped' });
});

test('a list is filtered by state and name', async () => {
  const { fixture } = jobs;
  await trained(fixture, trainingRequest('list-a'));
  await trained(fixture, trainingRequest('list-b', 'exit 1'));
  const { TrainingJobSummaries } = await fixture.root.send(new ListTrainingJobsCommand({ NameContains: 'list-', StatusEquals: 'Failed' }));
  expect(TrainingJobSummaries).toEqual([expect.objectContaining({ TrainingJobName: 'list-b', SecondaryStatus: 'Failed' })]);
});

test('the state of the stand-in has the jobs, and a reset ends them', async () => {
  const { fixture } = jobs;
  await fixture.root.send(new CreateTrainingJobCommand(trainingRequest('left', 'sleep 1000 & echo $!; wait')));
  await until(() => Promise.resolve(logOf('left')), (lines) => lines.length > 0);
  const state: unknown = await (await fetch(`${fixture.standIn.url}/_stand-in/state`, { headers: CONTROL })).json();
  expect(state).toMatchObject({ trainingJobs: expect.arrayContaining([expect.objectContaining({ TrainingJobName: 'left', Tags: [] })]) as unknown });
  await fetch(`${fixture.standIn.url}/_stand-in/reset`, { method: 'POST', headers: CONTROL });
  expect(runs(Number(logOf('left')[0]), 'sleep')).toBe(false);
  await expect(describeJob('left')).rejects.toThrow('Requested resource not found.');
});
