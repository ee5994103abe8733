import {
  CreateCompilationJobCommand, DeleteCompilationJobCommand, DescribeCompilationJobCommand, ListCompilationJobsCommand,
  ListEdgePackagingJobsCommand, StopCompilationJobCommand, StopEdgePackagingJobCommand,
} from '@aws-sdk/client-sagemaker';

import type { Fixture } from './fakes';
import { ROLE, startFixture } from './fakes';
import { compilationEnd, compilationRequest, compiled, containing, putAddModel, until } from './requests';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({ startingMs: 750, runningMs: 40 }); // long enough to be seen STARTING on a busy machine
  await putAddModel(fixture);
});
afterAll(() => fixture.close());

const describeJob = (name: string) => fixture.root.send(new DescribeCompilationJobCommand({ CompilationJobName: name }));
const inState = (name: string, status: string) => until(() => describeJob(name), (job) => job.CompilationJobStatus === status);

test('a job goes from STARTING through INPROGRESS to COMPLETED, and keeps its times', async () => {
  await fixture.root.send(new CreateCompilationJobCommand(compilationRequest('life')));
  const first = await describeJob('life');
  expect(first).toMatchObject({ CompilationJobStatus: 'STARTING', FailureReason: '', ModelArtifacts: { S3ModelArtifacts: '' } });
  expect(first.CompilationStartTime).toBeUndefined();
  await inState('life', 'INPROGRESS');
  const { CreationTime, CompilationStartTime, CompilationEndTime, LastModifiedTime } = await inState('life', 'COMPLETED');
  const times = [CreationTime, CompilationStartTime, CompilationEndTime].map((time) => time?.getTime() ?? NaN);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(LastModifiedTime).toEqual(CompilationEndTime);
});

test('a description echoes the request, but for its tags', async () => {
  const request = compilationRequest('echo', {
    Tags: [{ Key: 'k', Value: 'v' }],
    VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1'] },
  });
  const { Tags, ...rest } = request;
  const job = await compiled(fixture, request);
  expect(job).toMatchObject({ ...rest, RoleArn: ROLE, CompilationJobArn: containing(':compilation-job/echo') });
  expect(Tags).toBeDefined();
  expect(job).not.toHaveProperty('Tags');
});

test('a name is taken as long as its record exists', async () => {
  await compiled(fixture, compilationRequest('taken'));
  const again = (): Promise<unknown> => fixture.root.send(new CreateCompilationJobCommand(compilationRequest('taken')));
  await expect(again()).rejects.toMatchObject({
    name: 'ResourceInUse',
    message: containing('compilation job with this name already exists'),
  });
  await fixture.root.send(new DeleteCompilationJobCommand({ CompilationJobName: 'taken' }));
  await expect(describeJob('taken')).rejects.toMatchObject({ name: 'ResourceNotFound' });
  await expect(again()).resolves.toBeDefined();
});

test.each(['STARTING', 'INPROGRESS'])('a job that is %s stops, without an artifact, and can be deleted then', async (state) => {
  const name = `stop-${state.toLowerCase()}`;
  await fixture.fault({ jobNameContains: name, become: 'NEVER_ENDING' });
  await fixture.root.send(new CreateCompilationJobCommand(compilationRequest(name)));
  await inState(name, state);
  const remove = (): Promise<unknown> => fixture.root.send(new DeleteCompilationJobCommand({ CompilationJobName: name }));
  await expect(remove()).rejects.toMatchObject({
    name: 'ValidationException',
    message: containing(`is in status ${state}. Only a job that is COMPLETED, FAILED or STOPPED can be deleted`),
  });
  await fixture.root.send(new StopCompilationJobCommand({ CompilationJobName: name }));
  expect(await describeJob(name)).toMatchObject({ CompilationJobStatus: 'STOPPING' });
  await fixture.root.send(new StopCompilationJobCommand({ CompilationJobName: name })); // once more is no error
  expect(await compilationEnd(fixture, name)).toMatchObject({ CompilationJobStatus: 'STOPPED', ModelArtifacts: { S3ModelArtifacts: '' } });
  await remove();
  await expect(remove()).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

test('a job that is over is not stopped', async () => {
  await compiled(fixture, compilationRequest('over'));
  await expect(fixture.root.send(new StopCompilationJobCommand({ CompilationJobName: 'over' }))).rejects.toMatchObject({
    name: 'ValidationException', message: 'The request was rejected because the compilation job is in status COMPLETED.',
  });
});

test('a job that runs for longer than it may fails with TimeOut', async () => {
  await fixture.fault({ jobNameContains: 'slow', become: 'NEVER_ENDING' });
  const job = await compiled(fixture, compilationRequest('slow', { StoppingCondition: { MaxRuntimeInSeconds: 1 } }));
  expect(job).toMatchObject({ CompilationJobStatus: 'FAILED', FailureReason: containing('TimeOut') });
});

test('an error of the stand-in itself is told as the server\'s', async () => {
  fixture.storage.refuse = () => {
    throw new Error('the disk is full');
  };
  const job = await compiled(fixture, compilationRequest('unlucky'));
  fixture.storage.refuse = () => false;
  expect(job).toMatchObject({ CompilationJobStatus: 'FAILED', FailureReason: 'ServerError: the disk is full' });
});

test('what does not exist is ResourceNotFound, for each operation', async () => {
  for (const command of [
    new StopCompilationJobCommand({ CompilationJobName: 'absent' }),
    new DeleteCompilationJobCommand({ CompilationJobName: 'absent' }),
  ]) {
    await expect(fixture.root.send(command)).rejects.toMatchObject({ name: 'ResourceNotFound' });
  }
  await expect(
    fixture.root.send(new StopEdgePackagingJobCommand({ EdgePackagingJobName: 'absent' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

test('a list is filtered, sorted and given in pages', async () => {
  for (const name of ['list-b', 'list-a', 'list-c']) {
    await fixture.root.send(new CreateCompilationJobCommand(compilationRequest(name)));
  }
  const names = async (request: ConstructorParameters<typeof ListCompilationJobsCommand>[0]): Promise<unknown[]> => {
    const { CompilationJobSummaries = [], NextToken } = await fixture.root.send(new ListCompilationJobsCommand({ NameContains: 'list', ...request }));
    return [...CompilationJobSummaries.map((job) => job.CompilationJobName), NextToken];
  };
  expect(await names({})).toEqual(['list-b', 'list-a', 'list-c', undefined]);
  expect(await names({ SortBy: 'Name', SortOrder: 'Descending' })).toEqual(['list-c', 'list-b', 'list-a', undefined]);
  const [first, token] = await names({ SortBy: 'Name', MaxResults: 1 });
  expect(first).toBe('list-a');
  expect(await names({ SortBy: 'Name', MaxResults: 5, NextToken: String(token) })).toEqual(['list-b', 'list-c', undefined]);
  expect(await names({ CreationTimeAfter: new Date(Date.now() + 1000) })).toEqual([undefined]);
  expect(await names({ StatusEquals: 'STOPPED' })).toEqual([undefined]);
  await expect(names({ NextToken: 'mine' })).rejects.toThrow('The NextToken is not one that this service gave');
  const { EdgePackagingJobSummaries } = await fixture.root.send(new ListEdgePackagingJobsCommand({ ModelNameContains: 'none' }));
  expect(EdgePackagingJobSummaries).toEqual([]);
});
