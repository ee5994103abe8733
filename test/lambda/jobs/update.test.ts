import { JobHarness } from './harness';
import { ServiceFault, throttled } from './fake-service';
import { compilation, model } from './properties';
import { WAITS } from '../functions';

const A = compilation(model('a'));
const B = compilation(model('b'));

let harness: JobHarness;
let id: string;
beforeEach(async () => {
  jest.spyOn(console, 'log').mockImplementation();
  harness = new JobHarness();
  ({ id } = await harness.create(A));
  harness.phase = 'UPDATE_IN_PROGRESS 2027-01-15T09:00:00.000Z';
  harness.service.calls.length = 0;
});
afterEach(() => {
  jest.restoreAllMocks();
});

const started = () => harness.service.count('createCompilationJob');
const records = () => [...harness.service.compilations.keys()];

test('other inputs are another job with another id, and the old job is left for the Delete that follows', async () => {
  const updated = await harness.run(harness.update(id, A, B));
  expect(updated.id).not.toBe(id);
  expect(updated.data.S3ModelArtifacts).toContain(updated.id);
  expect(records()).toEqual([id, updated.id]);

  await harness.run(harness.delete(id, A));
  expect(records()).toEqual([updated.id]);
});

test.each([
  ['another role', { RoleArn: 'arn:aws:iam::111122223333:role/Other' }],
  ['another maxRuntime', { MaxRuntimeInSeconds: '1200' }],
  ['another VPC', { VpcConfig: { SecurityGroupIds: ['sg-9'], Subnets: ['subnet-9'] } }],
  ['other tags', { Tags: [{ Key: 'team', Value: 'edge' }] }],
])('unchanged inputs keep the id and start nothing: %s', async (_, change) => {
  const updated = await harness.run(harness.update(id, A, compilation({ ...model('a'), ...change })));
  expect(updated).toMatchObject({ id, data: { JobName: id } });
  expect(started()).toBe(0);
});

test.each([
  ['source', { Input: { S3Uri: 's3://models/z.tar.gz', Framework: 'ONNX', DataInputConfig: '{"x":[1,3,48,320]}' } }],
  ['content of the source', { ModelFingerprint: 'version-2' }],
  ['framework', { Input: { S3Uri: 's3://models/a.tar.gz', Framework: 'DARKNET', DataInputConfig: '{"x":[1,3,48,320]}' } }],
  ['shapes', { Input: { S3Uri: 's3://models/a.tar.gz', Framework: 'ONNX', DataInputConfig: '{"x":[1,3,48,640]}' } }],
  [
    'framework version',
    { Input: { S3Uri: 's3://models/a.tar.gz', Framework: 'ONNX', DataInputConfig: '{"x":[1,3,48,320]}', FrameworkVersion: '1.7' } },
  ],
  ['target', { Output: { S3BaseUri: 's3://compiled/out', TargetDevice: 'jetson_nano' } }],
  [
    'compiler options',
    { Output: { S3BaseUri: 's3://compiled/out', TargetPlatform: { Os: 'LINUX', Arch: 'X86_64' }, CompilerOptions: '{"mcpu":"skylake"}' } },
  ],
  ['output place', { Output: { S3BaseUri: 's3://elsewhere/out', TargetPlatform: { Os: 'LINUX', Arch: 'X86_64' } } }],
])('another %s is another job', async (_, change) => {
  const updated = await harness.run(harness.update(id, A, compilation({ ...model('a'), ...change })));
  expect(updated.id).not.toBe(id);
  expect(started()).toBe(1);
});

test('changed tags are set on the job that is there', async () => {
  const tags = [{ Key: 'team', Value: 'edge' }];
  await harness.run(harness.update(id, A, compilation({ ...model('a'), Tags: tags })));
  expect(harness.service.tags).toEqual([{ arn: `arn:aws:sagemaker:eu-west-1:111122223333:compilation-job/${id}`, tags }]);
});

test('a tag that is taken away goes from the job that is there', async () => {
  const before = compilation({ ...model('a'), Tags: [{ Key: 'cost', Value: '1' }, { Key: 'team', Value: 'edge' }] });
  await harness.run(harness.update(id, before, compilation({ ...model('a'), Tags: [{ Key: 'team', Value: 'edge' }] })));
  const arn = `arn:aws:sagemaker:eu-west-1:111122223333:compilation-job/${id}`;
  expect(harness.service.untagged).toEqual([{ arn, keys: ['cost'] }]);
  expect(harness.service.tags).toEqual([{ arn, tags: [{ Key: 'team', Value: 'edge' }] }]);
});

test('the last tag goes, too', async () => {
  await harness.run(harness.update(id, compilation({ ...model('a'), Tags: [{ Key: 'team', Value: 'edge' }] }), A));
  expect(harness.service.untagged).toMatchObject([{ keys: ['team'] }]);
  expect(harness.service.tags).toEqual([]);
});

test('fails with the service\'s words when a tag cannot be taken away', async () => {
  const denied = () => new ServiceFault('AccessDeniedException', 'not authorized to perform: sagemaker:DeleteTags');
  harness.service.faults.push({ operation: 'deleteTags', error: denied });
  const tagged = compilation({ ...model('a'), Tags: [{ Key: 'team', Value: 'edge' }] });
  await expect(harness.run(harness.update(id, tagged, A))).rejects.toThrow('not authorized to perform: sagemaker:DeleteTags');
});

test('unchanged tags are not set again', async () => {
  const tagged = compilation({ ...model('a'), Tags: [{ Key: 'team', Value: 'edge' }] });
  const next = compilation({ ...model('a'), Tags: [{ Key: 'team', Value: 'edge' }], MaxRuntimeInSeconds: '60' });
  await harness.run(harness.update(id, tagged, next));
  expect(harness.service.tags).toEqual([]);
});

test('an update that fails cleans up after itself, and its rollback finds the old job as it was', async () => {
  const artifact = harness.service.compilations.get(id);
  harness.service.plan = () => ({ runs: 5_000, ends: 'FAILED' });
  await expect(harness.run(harness.update(id, A, B))).rejects.toThrow('is FAILED');
  expect(records()).toEqual([id]);

  const back = await harness.run(harness.update(id, B, A));
  expect(back).toMatchObject({ id, data: { JobName: id } });
  expect(harness.service.compilations.get(id)).toBe(artifact);
  expect(started()).toBe(1);
});

test('a rollback that carries the failed job\'s id finds the old job, too', async () => {
  harness.service.plan = () => ({ runs: 5_000, ends: 'FAILED' });
  const failed = await harness.start(harness.update(id, A, B));
  await expect(harness.settle(failed)).rejects.toThrow('is FAILED');

  const back = await harness.run(harness.update(failed.PhysicalResourceId, B, A));
  expect(back.id).toBe(id);
  await harness.run(harness.delete(failed.PhysicalResourceId, B)); // CloudFormation sees another id
  expect(records()).toEqual([id]);
});

test('when a later resource fails, going back is an update that adopts the old job', async () => {
  const { id: newId } = await harness.run(harness.update(id, A, B));
  const back = await harness.run(harness.update(newId, B, A));
  expect(back).toMatchObject({ id, data: { JobName: id } });
  await harness.run(harness.delete(newId, B));
  expect(records()).toEqual([id]);
  expect(started()).toBe(1);
});

test('the rollback of an update that CloudFormation cancelled stops its job and deletes the record', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const cancelled = await harness.start(harness.update(id, A, B)); // never answered
  harness.clock.now += 30_000;

  const back = await harness.run(harness.update(id, B, A));
  expect(back.id).toBe(id);
  expect(records()).toEqual([id]);
  await expect(harness.settle(cancelled)).rejects.toThrow('is gone'); // its waiter starts nothing
  expect(records()).toEqual([id]);
});

test('a cancelled update whose start was put off starts nothing after the rollback', async () => {
  harness.service.faults.push({ operation: 'createCompilationJob', error: throttled });
  const cancelled = await harness.start(harness.update(id, A, B));
  harness.phase = 'UPDATE_IN_PROGRESS 2027-01-15T09:00:09.000Z';
  await harness.run(harness.update(id, B, A));
  await expect(harness.settle(cancelled)).rejects.toThrow('CloudFormation has gone on');
  expect(records()).toEqual([id]);
});

test('the rollback outlasts an onEvent of the cancelled update that comes seconds late', async () => {
  harness.service.plan = () => ({ runs: Infinity });
  const back = await harness.start(harness.update(id, B, A));
  expect(await harness.poll(back)).toEqual(WAITS);
  harness.clock.now += 2_000;
  await harness.start(harness.update(id, A, B));
  await harness.settle(back);
  expect(records()).toEqual([id]);
});

test('a forward update never touches the job that is live', async () => {
  const waiting = await harness.start(harness.update(id, A, B));
  await harness.settle(waiting);
  expect(
    harness.service.calls.filter(({ operation }) => operation === 'stopCompilationJob' || operation === 'deleteCompilationJob'),
  ).toEqual([]);
});

test('an unchanged update whose record somebody deleted runs the job again under its name', async () => {
  harness.service.compilations.clear();
  const updated = await harness.run(harness.update(id, A, compilation({ ...model('a'), MaxRuntimeInSeconds: '60' })));
  expect(updated).toMatchObject({ id, data: { JobName: id } });
  expect(started()).toBe(1);
});
