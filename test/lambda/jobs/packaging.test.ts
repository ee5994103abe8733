import { JobHarness, INVENTED } from './harness';
import { responseLost, ServiceFault } from './fake-service';
import { packaging } from './properties';

const A = packaging();
const PRESET = packaging({
  Output: {
    S3BaseUri: 's3://compiled/out',
    PresetDeploymentType: 'GreengrassV2Component',
    PresetDeploymentConfig: '{"ComponentVersion":"1.0.0"}',
  },
});

let harness: JobHarness;
beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation();
  harness = new JobHarness();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const names = () => [...harness.service.packagings.keys()];

test('the job is started with the properties, and writes to a folder of its own name', async () => {
  const { id } = await harness.create(packaging({
    ResourceKey: 'arn:key', Tags: [{ Key: 'team', Value: 'edge' }],
    Output: {
      S3BaseUri: 's3://packaged',
      KmsKeyId: 'arn:out',
      PresetDeploymentType: 'GreengrassV2Component',
      PresetDeploymentConfig: '{}',
    },
  }));
  expect(harness.service.packagings.get(id)?.input).toEqual({
    EdgePackagingJobName: id, CompilationJobName: 'compiled-1', ModelName: 'text-recogniser', ModelVersion: '1.0',
    RoleArn: 'arn:aws:iam::111122223333:role/Exec', ResourceKey: 'arn:key', Tags: [{ Key: 'team', Value: 'edge' }],
    OutputConfig: {
      S3OutputLocation: `s3://packaged/${id}/`,
      KmsKeyId: 'arn:out',
      PresetDeploymentType: 'GreengrassV2Component',
      PresetDeploymentConfig: '{}',
    },
  });
});

test('attributes are what the service says, and none is undefined', async () => {
  const { id, data } = await harness.create(A);
  expect(data).toEqual({
    JobName: id, JobArn: `arn:aws:sagemaker:eu-west-1:111122223333:edge-packaging-job/${id}`,
    ModelArtifact: `s3://compiled/out/${id}/model-1.0.tar.gz`, ModelSignature: '', PresetDeploymentArtifact: '',
  });
});

test('the ARN of the component is an attribute', async () => {
  harness.service.plan = () => ({ preset: 'COMPLETED' });
  expect((await harness.create(PRESET)).data.PresetDeploymentArtifact).toBe('arn:component');
});

test('COMPLETED with a failed preset deployment is a failure, with its message', async () => {
  harness.service.plan = () => ({ preset: 'FAILED', reason: 'Component version 1.0.0 already exists' });
  await expect(harness.create(PRESET))
    .rejects.toThrow(/COMPLETED, but its preset deployment is FAILED: Component version 1\.0\.0 already exists/);
});

test('a preset deployment in a state that nobody knows fails at once', async () => {
  harness.service.plan = () => ({ preset: 'LOST' });
  await expect(harness.create(PRESET)).rejects.toThrow("in the state 'COMPLETED, but its preset deployment is LOST'");
});

test.each([
  ['FAILED', { runs: 1_000, ends: 'FAILED' }],
  ['STOPPED', { runs: 1_000, ends: 'STOPPED' }],
  ['COMPLETED without its component', { runs: 1_000, preset: 'FAILED' as const }],
])('after a job that is %s the next attempt is taken: records cannot be deleted', async (_, plan) => {
  harness.service.plan = () => plan;
  await expect(harness.create(A)).rejects.toThrow('edge packaging job');
  harness.service.plan = () => ({});
  const { id } = await harness.create(A);
  expect(id).toMatch(/-2$/);
  expect(names()).toEqual([id.replace(/2$/, '1'), id]);
});

test('a completed job of the same inputs is adopted, whatever its attempt', async () => {
  harness.service.plan = () => ({ runs: 1_000, ends: 'FAILED' });
  await expect(harness.create(A)).rejects.toThrow('FAILED');
  harness.service.plan = () => ({});
  const { id } = await harness.create(A);
  expect((await harness.create(A)).id).toBe(id);
  expect(names()).toHaveLength(2);
});

test('after 99 attempts the message says what to do', async () => {
  harness.service.plan = () => ({ runs: 0, ends: 'FAILED' });
  for (let attempt = 1; attempt <= 99; attempt++) {
    await harness.start(harness.event('Create', A));
    harness.clock.now += 10_000;
  }
  await expect(harness.create(A))
    .rejects.toThrow(/all 99 names of this edge packaging job are taken, the last is .*-99: change one of its inputs/);
});

test('when the response to the start call is lost, the job is found by the next poll', async () => {
  harness.service.faults.push({ operation: 'createEdgePackagingJob', error: responseLost, after: true });
  const { id } = await harness.create(A);
  expect(names()).toEqual([id]);
});

test('a stranger\'s job of the same name is passed over', async () => {
  const { PhysicalResourceId: name } = await harness.start(harness.event('Create', A));
  const stranger = harness.service.packagings.get(name);
  if (stranger) {
    stranger.input.ModelName = 'another';
  }
  const { id } = await harness.create(A);
  expect(id).toMatch(/-2$/);
  harness.clock.now += 60_000;
  await harness.run(harness.delete(id, A));
  expect(harness.service.count('stopEdgePackagingJob')).toBe(0);
});

test('a start that a stranger\'s job stood in the way of moves on to the next attempt on a later poll', async () => {
  const { PhysicalResourceId: name } = await harness.start(harness.event('Create', A));
  const stranger = harness.service.packagings.get(name);
  if (stranger) {
    stranger.input.ModelName = 'another';
  }
  harness.service.faults.push({
    operation: 'describeEdgePackagingJob',
    error: () => new ServiceFault('ThrottlingException', 'Rate exceeded'),
  });
  const { id, data } = await harness.create(A);
  expect(id).toBe(name);
  expect(data.JobName).toBe(name.replace(/1$/, '2'));
  await harness.run(harness.delete(id, A));
  expect(harness.service.running().filter((job) => job !== name)).toEqual([]);
});

test('the service has no stopping condition, so a job that never ends is stopped at its deadline', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  await expect(harness.create(packaging({ MaxRuntimeInSeconds: '600' }))).rejects.toThrow(
    'was stopped: it did not end within its 600 seconds',
  );
  expect(harness.service.running()).toEqual([]);
});

test('a running job is stopped and waited for on Delete, also with an invented id', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  await harness.start(harness.event('Create', A));
  await harness.run(harness.delete(INVENTED, A));
  expect(harness.service.running()).toEqual([]);
  expect(harness.service.count('stopEdgePackagingJob')).toBe(1);
});

test('the Delete of a job at rest calls nothing but Describe', async () => {
  const { id } = await harness.create(A);
  harness.service.calls.length = 0;
  await harness.run(harness.delete(id, A));
  expect(new Set(harness.service.calls.map(({ operation }) => operation))).toEqual(new Set(['describeEdgePackagingJob']));
});

test.each([
  ['compilation job', { CompilationJobName: 'compiled-2' }],
  ['model name', { ModelName: 'other' }],
  ['model version', { ModelVersion: '2.0' }],
  ['output place', { Output: { S3BaseUri: 's3://elsewhere' } }],
])('another %s is another job', async (_, change) => {
  const { id } = await harness.create(A);
  expect((await harness.run(harness.update(id, A, packaging(change)))).id).not.toBe(id);
});

test('changed tags are set on the job that is there', async () => {
  const { id } = await harness.create(A);
  const tags = [{ Key: 'team', Value: 'edge' }];
  expect((await harness.run(harness.update(id, A, packaging({ Tags: tags })))).id).toBe(id);
  expect(harness.service.tags).toEqual([{ arn: `arn:aws:sagemaker:eu-west-1:111122223333:edge-packaging-job/${id}`, tags }]);
});

test('a tag that is taken away goes from the job that is there', async () => {
  const { id } = await harness.create(A);
  await harness.run(harness.update(id, packaging({ Tags: [{ Key: 'team', Value: 'edge' }] }), A));
  expect(harness.service.untagged).toEqual([{ arn: `arn:aws:sagemaker:eu-west-1:111122223333:edge-packaging-job/${id}`, keys: ['team'] }]);
});
