import {
  CreateCompilationJobCommand, CreateDeviceFleetCommand, CreateEdgePackagingJobCommand, DescribeCompilationJobCommand,
  ListCompilationJobsCommand, StopCompilationJobCommand,
} from '@aws-sdk/client-sagemaker';

import type { Fixture } from './fakes';
import { CONTROL, ROLE, startFixture } from './fakes';
import { compilationEnd, compilationRequest, compiled, containing, packagingEnd, putAddModel, until } from './requests';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  await putAddModel(fixture);
});
afterAll(() => fixture.close());
const reset = (): Promise<Response> => fetch(`${fixture.standIn.url}/_stand-in/reset`, { method: 'POST', headers: CONTROL });
beforeEach(async () => {
  await reset();
});

const list = (): Promise<unknown> => fixture.root.send(new ListCompilationJobsCommand({}));
const create = (name: string): Promise<unknown> => fixture.root.send(new CreateCompilationJobCommand(compilationRequest(name)));
const describeJob = (name: string) => fixture.root.send(new DescribeCompilationJobCommand({ CompilationJobName: name }));

test('throttling lasts for as many calls as were asked for', async () => {
  await fixture.fault({ operation: 'ListCompilationJobs', kind: 'throttle', times: 2 });
  for (let i = 0; i < 2; i += 1) {
    await expect(list()).rejects.toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
  }
  await expect(list()).resolves.toBeDefined();
});

test('throttling lasts for as long as was asked for', async () => {
  await fixture.fault({ operation: '*', kind: 'throttle', forMs: 100 });
  const start = Date.now();
  await until(() => list().then(() => true, () => false), (answered) => answered);
  expect(Date.now() - start).toBeGreaterThan(50);
});

test('a lost response leaves the work done, and no answer', async () => {
  await fixture.fault({ operation: 'CreateCompilationJob', kind: 'lostResponse' });
  await expect(create('lost')).rejects.toThrow('socket hang up');
  expect(fixture.log.at(-1)).toMatchObject({ operation: 'CreateCompilationJob', status: 0, error: 'lostResponse' });
  expect(await compilationEnd(fixture, 'lost')).toMatchObject({ CompilationJobStatus: 'COMPLETED' });
});

test('a lost request leaves nothing', async () => {
  await fixture.fault({ operation: 'CreateCompilationJob', kind: 'lostRequest' });
  await expect(create('unheard')).rejects.toThrow('socket hang up');
  await expect(describeJob('unheard')).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

test('a fresh role is refused, by its ARN', async () => {
  await fixture.fault({ operation: 'CreateDeviceFleet', kind: 'freshRole' });
  const command = new CreateDeviceFleetCommand({
    DeviceFleetName: 'fresh',
    RoleArn: ROLE,
    OutputConfig: { S3OutputLocation: 's3://output' },
  });
  await expect(fixture.root.send(command)).rejects.toMatchObject({
    name: 'ValidationException',
    message: containing(`Could not assume role ${ROLE}`),
  });
  await expect(fixture.root.send(command)).resolves.toBeDefined();
});

test('any error can be asked for', async () => {
  await fixture.fault({ operation: 'ListCompilationJobs', kind: 'error', name: 'ResourceLimitExceeded', message: 'full', status: 400 });
  await expect(list()).rejects.toMatchObject({ name: 'ResourceLimitExceeded', message: 'full' });
});

test('a job fails for the reason that was asked for, and the next one does not', async () => {
  await fixture.fault({ jobNameContains: 'fail', become: 'FAILED', reason: 'ClientError: as asked' });
  expect(await compiled(fixture, compilationRequest('fail-1'))).toMatchObject({
    CompilationJobStatus: 'FAILED',
    FailureReason: 'ClientError: as asked',
  });
  expect(await compiled(fixture, compilationRequest('fail-2'))).toMatchObject({ CompilationJobStatus: 'COMPLETED' });
});

test('a job is stopped by somebody else', async () => {
  await fixture.fault({ jobNameContains: 'stopped', become: 'STOPPED' });
  expect(await compiled(fixture, compilationRequest('stopped'))).toMatchObject({
    CompilationJobStatus: 'STOPPED',
    ModelArtifacts: { S3ModelArtifacts: '' },
  });
});

test('a job gets into a state that no model names, and stops when told to', async () => {
  await fixture.fault({ jobNameContains: 'strange', become: 'STRANGE_STATE' });
  await create('strange');
  await until(() => describeJob('strange'), (job) => String(job.CompilationJobStatus) === 'PAUSED');
  await fixture.root.send(new StopCompilationJobCommand({ CompilationJobName: 'strange' }));
  expect(await compilationEnd(fixture, 'strange')).toMatchObject({ CompilationJobStatus: 'STOPPED' });
});

test('a packaging job is COMPLETED with a failed preset', async () => {
  await compiled(fixture, compilationRequest('compiled'));
  await fixture.fault({ jobNameContains: 'preset', become: 'PRESET_FAILED', reason: 'no such platform' });
  await fixture.root.send(new CreateEdgePackagingJobCommand({
    EdgePackagingJobName: 'preset',
    CompilationJobName: 'compiled',
    ModelName: 'adder',
    ModelVersion: '1',
    RoleArn: ROLE,
    OutputConfig: { S3OutputLocation: 's3://output' },
  }));
  expect(await packagingEnd(fixture, 'preset')).toMatchObject({
    EdgePackagingJobStatus: 'COMPLETED',
    PresetDeploymentOutput: { Type: 'GreengrassV2Component', Status: 'FAILED', StatusMessage: 'no such platform' },
  });
});

test.each([
  { operation: 'X', kind: 'explode' },
  { jobNameContains: 'x', become: 'COMPLETED' },
  { operation: 'X', kind: 'throttle', often: 1 },
  {},
  [],
])('%j is no fault', async (body) => {
  expect((await fixture.fault(body)).status).toBe(400);
});

test('a control call that does not exist tells which do', async () => {
  const response = await fetch(`${fixture.standIn.url}/_stand-in/nothing`, { headers: CONTROL });
  expect([response.status, await response.text()]).toEqual([404, containing('GET /_stand-in/state')]);
});

test('the state holds every record with its tags', async () => {
  await fixture.root.send(new CreateCompilationJobCommand(compilationRequest('kept', { Tags: [{ Key: 'k', Value: 'v' }] })));
  await fixture.root.send(new CreateDeviceFleetCommand({
    DeviceFleetName: 'kept',
    RoleArn: ROLE,
    OutputConfig: { S3OutputLocation: 's3://output' },
  }));
  const state: unknown = await (await fetch(`${fixture.standIn.url}/_stand-in/state`, { headers: CONTROL })).json();
  expect(state).toMatchObject({
    compilationJobs: [{ CompilationJobName: 'kept', RoleArn: ROLE, Tags: [{ Key: 'k', Value: 'v' }] }],
    edgePackagingJobs: [],
    deviceFleets: [{ DeviceFleetName: 'kept', Tags: [] }],
    devices: [],
  });
});

test('a reset forgets records and faults, and ends jobs', async () => {
  await fixture.fault({ jobNameContains: 'endless', become: 'NEVER_ENDING' });
  await create('endless');
  await fixture.fault({ operation: '*', kind: 'throttle', times: 100 });
  expect((await reset()).status).toBe(200);
  await expect(describeJob('endless')).rejects.toMatchObject({ name: 'ResourceNotFound' });
});
