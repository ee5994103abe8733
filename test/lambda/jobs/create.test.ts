import { JobHarness } from './harness';
import { responseLost, ServiceFault } from './fake-service';
import { compilation, model } from './properties';
import { WAITS } from '../functions';

let harness: JobHarness;
beforeEach(() => {
  harness = new JobHarness();
  jest.spyOn(console, 'log').mockImplementation();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const created = () => [...harness.service.compilations.values()].map(({ input }) => input);

test('the job is started with the properties, and writes to a folder of its own name', async () => {
  const { id } = await harness.create(compilation({
    ...model('a'),
    Output: {
      S3BaseUri: 's3://compiled/out',
      KmsKeyId: 'arn:key',
      TargetPlatform: { Os: 'LINUX', Arch: 'ARM64', Accelerator: 'NVIDIA' },
      CompilerOptions: '{"trt-ver":"7.1.3"}',
    },
    VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1', 'subnet-2'] },
    Tags: [{ Key: 'team', Value: 'edge' }],
  }));
  expect(created()).toEqual([{
    CompilationJobName: id,
    RoleArn: 'arn:aws:iam::111122223333:role/Exec',
    InputConfig: { S3Uri: 's3://models/a.tar.gz', Framework: 'ONNX', DataInputConfig: '{"x":[1,3,48,320]}' },
    OutputConfig: {
      S3OutputLocation: `s3://compiled/out/${id}/`, KmsKeyId: 'arn:key',
      TargetPlatform: { Os: 'LINUX', Arch: 'ARM64', Accelerator: 'NVIDIA' }, CompilerOptions: '{"trt-ver":"7.1.3"}',
    },
    StoppingCondition: { MaxRuntimeInSeconds: 900 },
    VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1', 'subnet-2'] },
    Tags: [{ Key: 'team', Value: 'edge' }],
  }]);
});

test('a device is sent as the target, and members that were not given are not sent', async () => {
  await harness.create(compilation({
    Input: { S3Uri: 's3://m/a.tar.gz', Framework: 'XGBOOST' },
    Output: { S3BaseUri: 's3://compiled/', TargetDevice: 'jetson_xavier' },
  }));
  expect(created()[0]).toMatchObject({
    InputConfig: { S3Uri: 's3://m/a.tar.gz', Framework: 'XGBOOST' },
    OutputConfig: { TargetDevice: 'jetson_xavier' },
  });
  expect(Object.keys(created()[0]?.InputConfig ?? {})).toEqual(['S3Uri', 'Framework']);
  expect(Object.keys(created()[0]?.OutputConfig ?? {})).toEqual(['S3OutputLocation', 'TargetDevice']);
  expect(created()[0]).not.toHaveProperty('Tags');
});

test('a device that is newer than this SDK is sent as it is', async () => {
  harness.service.newerDevices.push('jetson_orin');
  const { id } = await harness.create(compilation({ Output: { S3BaseUri: 's3://out', TargetDevice: 'jetson_orin' } }));
  expect(harness.service.compilations.get(id)?.input.OutputConfig?.TargetDevice).toBe('jetson_orin');
});

test('attributes are what the service says, and what it does not say is empty, never undefined', async () => {
  const { id, data } = await harness.create(compilation());
  expect(data).toEqual({
    JobName: id,
    JobArn: `arn:aws:sagemaker:eu-west-1:111122223333:compilation-job/${id}`,
    S3ModelArtifacts: `s3://compiled/out/${id}/model-LINUX_X86_64.tar.gz`,
    ArtifactDigest: '',
  });
});

test('the create is not complete while the job runs, and has no data then', async () => {
  const waiting = await harness.start(harness.event('Create', compilation()));
  harness.clock.now += 10_000;
  expect(await harness.poll(waiting)).toEqual(WAITS);
});

test('a retried onEvent finds the job of the first, and starts no other', async () => {
  const first = await harness.start(harness.event('Create', compilation()));
  const second = await harness.start(harness.event('Create', compilation()));
  expect(second.PhysicalResourceId).toBe(first.PhysicalResourceId);
  expect(harness.service.count('createCompilationJob')).toBe(1);
});

test('a job of the same inputs that is COMPLETED is adopted', async () => {
  const { id } = await harness.create(compilation());
  const again = await harness.create(compilation());
  expect(again.id).toBe(id);
  expect(harness.service.count('createCompilationJob')).toBe(1);
});

test.each(['FAILED', 'STOPPED'])('a record of an earlier run that is %s is deleted, and the job is run again', async (ends) => {
  harness.service.plan = () => ({ runs: 1_000, ends });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', compilation()));
  harness.clock.now += 60_000; // nobody polled: the function died
  harness.service.plan = () => ({});
  await expect(harness.create(compilation())).resolves.toMatchObject({ id });
  expect(harness.service.count('deleteCompilationJob')).toBe(1);
  expect(harness.service.count('createCompilationJob')).toBe(2);
});

test('a record of an earlier run that is STOPPING is waited for, deleted, and the job is run again', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const { PhysicalResourceId: id } = await harness.start(harness.event('Create', compilation()));
  await harness.service.stopCompilationJob(id);
  harness.clock.now += 5_000;
  harness.service.plan = () => ({});
  const result = await harness.create(compilation());
  expect(result.data.S3ModelArtifacts).toContain(id);
  expect(harness.service.calls.map(({ operation }) => operation).filter((name) => !name.startsWith('describe')))
    .toEqual(['createCompilationJob', 'stopCompilationJob', 'deleteCompilationJob', 'createCompilationJob']);
});

test('a stranger\'s job of the same name is left alone, and the next attempt is taken', async () => {
  const { PhysicalResourceId: name } = await harness.start(harness.event('Create', compilation()));
  const stranger = harness.service.compilations.get(name);
  expect(stranger).toBeDefined();
  if (stranger?.input.InputConfig) {
    stranger.input.InputConfig.S3Uri = 's3://somebody/else.tar.gz';
  }

  const { id, data } = await harness.create(compilation());
  expect(id).toBe(name.replace(/1$/, '2'));
  expect(data.JobName).toBe(id);
  await harness.run(harness.delete(id, compilation()));
  expect([...harness.service.compilations.keys()]).toEqual([name]);
});

test('when the response to the start call is lost, the job is found by the next poll', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: responseLost, after: true });
  const { id, data } = await harness.create(compilation());
  expect(data.JobName).toBe(id);
  expect(harness.service.compilations.size).toBe(1);
  expect(harness.service.count('createCompilationJob')).toBe(1);
});

test('when the SDK\'s own retry meets the job of its first try, the job is found by the next poll', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: () => new ServiceFault('ResourceInUse', 'exists'), after: true });
  await expect(harness.create(compilation())).resolves.toHaveProperty('data.ArtifactDigest');
});

test.each([
  [
    'onEvent returns the name',
    () => new ServiceFault('ValidationException', '1 validation error detected: Value \'x\' at \'inputConfig.dataInputConfig\' failed'),
  ],
  ['an internal name is not "not found"', () => new TypeError('undefined is not a function')],
])('onEvent does not throw, and isComplete throws the error with the job\'s name (%s)', async (_, error) => {
  harness.service.faults.push({ operation: 'createCompilationJob', error });
  const waiting = await harness.start(harness.event('Create', compilation()));
  expect(waiting.PhysicalResourceId).toMatch(/^Demo-0a1b2c3d-[0-9a-f]{8}-[0-9a-f]{16}-1$/);
  await expect(harness.poll(waiting)).rejects.toThrow(waiting.PhysicalResourceId);
  await expect(harness.poll(waiting)).rejects.toThrow(error().message);
  expect(harness.service.count('createCompilationJob')).toBe(1);
});

test('onEvent ends before its own timeout: what it has no time for is left to the next poll', async () => {
  harness.remaining = 17_000;
  const waiting = await harness.start(harness.event('Create', compilation()));
  expect(harness.service.calls).toEqual([]);
  harness.remaining = 60_000;
  await harness.settle(waiting);
  expect(harness.service.count('createCompilationJob')).toBe(1);
});

test('a resource type that nobody serves is refused', async () => {
  await expect(harness.start(harness.event('Create', { type: 'Custom::Other', properties: {} })))
    .rejects.toThrow('no handler for resource type Custom::Other: it must be one of Custom::SageMakerEdge-CompilationJob');
});
