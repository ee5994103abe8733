import type { CreateEdgePackagingJobCommandInput, DescribeEdgePackagingJobCommandOutput } from '@aws-sdk/client-sagemaker';
import {
  CreateCompilationJobCommand, CreateEdgePackagingJobCommand, ListEdgePackagingJobsCommand, StopEdgePackagingJobCommand,
} from '@aws-sdk/client-sagemaker';

import type { Files } from '../../../local/sagemaker/archive';
import { sha256, untar } from '../../../local/sagemaker/archive';
import type { Fixture } from './fakes';
import { ROLE, startFixture } from './fakes';
import { compilationRequest, compiled, containing, packagingEnd, putAddModel } from './requests';

const PACKAGING_ROLE = 'arn:aws:iam::000000000000:role/packaging';
const PRESET = { PresetDeploymentType: 'GreengrassV2Component' } as const;
let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  fixture.authority.trusted.add(PACKAGING_ROLE);
  await putAddModel(fixture);
  await compiled(fixture, compilationRequest('compiled'));
});
afterAll(() => fixture.close());

function request(name: string, change: Partial<CreateEdgePackagingJobCommandInput> = {}): CreateEdgePackagingJobCommandInput {
  return {
    EdgePackagingJobName: name, CompilationJobName: 'compiled', ModelName: 'adder', ModelVersion: '1.0', RoleArn: PACKAGING_ROLE,
    OutputConfig: { S3OutputLocation: `s3://output/${name}` }, ...change,
  };
}

async function packaged(
  name: string, change: Partial<CreateEdgePackagingJobCommandInput> = {},
): Promise<DescribeEdgePackagingJobCommandOutput> {
  await fixture.root.send(new CreateEdgePackagingJobCommand(request(name, change)));
  return packagingEnd(fixture, name);
}

async function contents(uri: string | undefined): Promise<Files> {
  return untar(fixture.storage.get(uri));
}

test('the package holds the compiled files and a manifest with their digests and the shapes of the compilation job', async () => {
  const job = await packaged('whole');
  expect(job).toMatchObject({
    ...request('whole'),
    EdgePackagingJobStatus: 'COMPLETED',
    ModelArtifact: 's3://output/whole/adder-1.0.tar.gz',
    EdgePackagingJobArn: containing(':edge-packaging-job/whole'),
  });
  const files = await contents(job.ModelArtifact);
  const model = files.get('model.onnx') ?? Buffer.alloc(0);
  const meta = files.get('compiled.meta') ?? Buffer.alloc(0);
  expect([...files.keys()]).toEqual(['compiled.meta', 'model.onnx', 'sagemaker_edge_manifest']);
  expect(JSON.parse(files.get('sagemaker_edge_manifest')?.toString() ?? '')).toEqual({
    metadata: { model_name: 'adder', model_version: '1.0', runtime: 'ONNX' },
    model_file: 'model.onnx',
    inputs: [{ name: 'a', shape: [2, 2] }, { name: 'b', shape: [2, 2] }],
    files: [
      { path: 'compiled.meta', size: meta.length, sha256: sha256(meta) },
      { path: 'model.onnx', size: model.length, sha256: sha256(model) },
    ],
  });
});

test('the packaging role reads and writes, with the key of the request', async () => {
  await packaged('keyed', { OutputConfig: { S3OutputLocation: 's3://output/keyed', KmsKeyId: 'alias/mine' } });
  expect(fixture.storage.writes).toContainEqual({
    uri: 's3://output/keyed/adder-1.0.tar.gz',
    roleArn: PACKAGING_ROLE,
    kmsKeyId: 'alias/mine',
  });
});

test.each(['s3:GetObject', 's3:PutObject'])('a packaging role without %s fails the job with that action', async (action) => {
  fixture.storage.refuse = (asked, role) => asked === action && role === PACKAGING_ROLE;
  const job = await packaged(`without-${action.slice(3).toLowerCase()}`);
  fixture.storage.refuse = () => false;
  expect(job).toMatchObject({
    EdgePackagingJobStatus: 'FAILED',
    EdgePackagingJobStatusMessage: containing(`is not authorized to perform: ${action}`),
  });
  expect(job.ModelArtifact).toBeUndefined();
});

test('an artifact that was taken away fails the job', async () => {
  await compiled(fixture, compilationRequest('lost'));
  fixture.storage.objects.delete('s3://output/lost/model-LINUX_X86_64.tar.gz');
  expect(await packaged('of-lost', { CompilationJobName: 'lost' })).toMatchObject({
    EdgePackagingJobStatus: 'FAILED',
    EdgePackagingJobStatusMessage: containing('S3 object does not exist'),
  });
});

test('an artifact that was exchanged fails the job', async () => {
  await compiled(fixture, compilationRequest('exchanged'));
  await fixture.storage.putArchive('else', { 'other.txt': Buffer.from('x') });
  fixture.storage.objects.set('s3://output/exchanged/model-LINUX_X86_64.tar.gz', fixture.storage.get('s3://models/else'));
  expect(await packaged('of-exchanged', { CompilationJobName: 'exchanged' })).toMatchObject({
    EdgePackagingJobStatusMessage: containing('it has no model.onnx'),
  });
});

test('a compilation that is not COMPLETED is not packaged', async () => {
  await fixture.fault({ jobNameContains: 'running', become: 'NEVER_ENDING' });
  await fixture.root.send(new CreateCompilationJobCommand(compilationRequest('running')));
  await expect(packaged('of-running', { CompilationJobName: 'running' })).rejects.toMatchObject({
    name: 'ValidationException',
    message: containing('only a COMPLETED one can be packaged'),
  });
});

test('a name stays taken', async () => {
  await packaged('once');
  await expect(packaged('once')).rejects.toMatchObject({ name: 'ResourceInUse', message: containing('already exists') });
});

test('a running job stops', async () => {
  await fixture.fault({ jobNameContains: 'endless', become: 'NEVER_ENDING' });
  await fixture.root.send(new CreateEdgePackagingJobCommand(request('endless')));
  await fixture.root.send(new StopEdgePackagingJobCommand({ EdgePackagingJobName: 'endless' }));
  expect(await packagingEnd(fixture, 'endless')).toMatchObject({ EdgePackagingJobStatus: 'STOPPED' });
});

test('a preset makes a component of the job\'s name, unless another is given', async () => {
  expect(await packaged('preset', { OutputConfig: { S3OutputLocation: 's3://output/p', ...PRESET } })).toMatchObject({
    EdgePackagingJobStatus: 'COMPLETED',
    PresetDeploymentOutput: {
      Type: 'GreengrassV2Component',
      Status: 'COMPLETED',
      Artifact: 'arn:aws:greengrass:us-east-1:000000000000:components:SagemakerEdgeManagerpreset:versions:1.0.0',
    },
  });
});

test('a component version is immutable: the job is COMPLETED, its preset FAILED', async () => {
  const OutputConfig = {
    S3OutputLocation: 's3://output/p',
    ...PRESET,
    PresetDeploymentConfig: '{"ComponentName":"com.example.adder","ComponentVersion":"2.0.0"}',
  };
  expect(await packaged('component-1', { OutputConfig })).toMatchObject({ PresetDeploymentOutput: { Status: 'COMPLETED' } });
  expect(await packaged('component-2', { OutputConfig })).toMatchObject({
    EdgePackagingJobStatus: 'COMPLETED',
    PresetDeploymentOutput: { Status: 'FAILED', StatusMessage: containing('com.example.adder version 2.0.0 already exists') },
  });
});

test('a preset needs greengrass:CreateComponentVersion in the packaging role', async () => {
  fixture.authority.allowed = (action) => action !== 'greengrass:CreateComponentVersion';
  const job = await packaged('no-greengrass', { OutputConfig: { S3OutputLocation: 's3://output/p', ...PRESET } });
  fixture.authority.allowed = () => true;
  expect(job).toMatchObject({
    EdgePackagingJobStatus: 'COMPLETED',
    PresetDeploymentOutput: { Status: 'FAILED', StatusMessage: containing('greengrass:CreateComponentVersion') },
  });
});

test('a list knows models and names', async () => {
  await packaged('of-model', { ModelName: 'special', RoleArn: ROLE });
  const { EdgePackagingJobSummaries } = await fixture.root.send(new ListEdgePackagingJobsCommand({
    ModelNameContains: 'special',
    SortBy: 'NAME',
    StatusEquals: 'COMPLETED',
  }));
  expect(EdgePackagingJobSummaries).toMatchObject([{
    EdgePackagingJobName: 'of-model',
    CompilationJobName: 'compiled',
    ModelName: 'special',
    ModelVersion: '1.0',
    EdgePackagingJobStatus: 'COMPLETED',
  }]);
});
