import { readFileSync } from 'node:fs';

import { InferenceSession, Tensor } from 'onnxruntime-node';

import { sha256, untar } from '../../../local/sagemaker/archive';
import type { Fixture } from './fakes';
import { RECOGNISER, ROLE, startFixture } from './fakes';
import { addModel } from './onnx-bytes';
import { compilationRequest, compiled, putAddModel } from './requests';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  await putAddModel(fixture);
});
afterAll(() => fixture.close());

async function outputs(model: Uint8Array, input: Tensor): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const results = await session.run({ x: input });
  const [output] = Object.values(results);
  const data = await output?.getData();
  await session.release();
  if (!(data instanceof Float32Array)) {
    throw new Error('the recogniser gives float32');
  }
  return data;
}

const onnx = (name: string, DataInputConfig: string | undefined, S3Uri = 's3://models/add.tar.gz') =>
  compilationRequest(name, { InputConfig: { S3Uri, Framework: 'ONNX', DataInputConfig } });

test('the text recogniser, compiled, gives the outputs of the original', async () => {
  const uri = await fixture.storage.putArchive('recogniser.tar.gz', { './recogniser.onnx': RECOGNISER, 'keys.txt': Buffer.from('a') });
  const job = await compiled(fixture, onnx('recogniser', '{"x":[1,3,48,320]}', uri));
  expect(job).toMatchObject({
    CompilationJobStatus: 'COMPLETED',
    ModelArtifacts: { S3ModelArtifacts: 's3://output/recogniser/model-LINUX_X86_64.tar.gz' },
  });

  const files = await untar(fixture.storage.get(job.ModelArtifacts?.S3ModelArtifacts));
  expect([...files.keys()]).toEqual(['compiled.meta', 'model.onnx']);
  const data = Float32Array.from({ length: 3 * 48 * 320 }, (_, i) => Math.sin(i / 7));
  const input = new Tensor('float32', data, [1, 3, 48, 320]);
  const wanted = await outputs(RECOGNISER, input);
  const got = await outputs(files.get('model.onnx') ?? Buffer.alloc(0), input);
  expect(got).toHaveLength(wanted.length);
  expect(got.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (wanted[i] ?? NaN))), 0)).toBeLessThan(1e-4);
}, 30_000);

test('the artifact names inputs and outputs, and its digest is that of its bytes, the same for the same input', async () => {
  const [one, other] = await Promise.all(['one', 'other'].map((name) => compiled(fixture, onnx(name, '{"a":[2,2],"b":[2,2]}'))));
  const archive = fixture.storage.get(one?.ModelArtifacts?.S3ModelArtifacts);
  expect(one?.ModelDigests).toEqual({ ArtifactDigest: sha256(archive) });
  expect(other?.ModelDigests).toEqual(one?.ModelDigests);
  const meta: unknown = JSON.parse((await untar(archive)).get('compiled.meta')?.toString() ?? '');
  expect(meta).toMatchObject({
    Model: {
      Inputs: [{ name: 'a', type: 'float32', shape: [2, 2] }, { name: 'b', type: 'float32', shape: [2, 2] }],
      Outputs: [{ name: 'sum' }],
    },
    Compilation: { Runtime: 'ONNX', Target: 'LINUX_X86_64' },
  });
});

test('the execution role reads and writes, with the key of the request', async () => {
  await compiled(fixture, compilationRequest('with-key', {
    OutputConfig: { S3OutputLocation: 's3://output/keyed/', TargetDevice: 'jetson_xavier', KmsKeyId: 'alias/mine' },
  }));
  expect(fixture.storage.writes).toContainEqual({
    uri: 's3://output/keyed/model-jetson_xavier.tar.gz',
    roleArn: ROLE,
    kmsKeyId: 'alias/mine',
  });
});

test('without DataInputConfig the shapes are the model\'s own, and are reported', async () => {
  const job = await compiled(fixture, onnx('derived', undefined));
  expect(job.DerivedInformation).toEqual({ DerivedDataInputConfig: '{"a":[2,2],"b":[2,2]}' });
});

describe('a compilation fails', () => {
  let count = 0;
  async function reasonOf(change: Parameters<typeof compilationRequest>[1]): Promise<string | undefined> {
    const job = await compiled(fixture, compilationRequest(`bad-${(count += 1)}`, change));
    expect(job.CompilationJobStatus).toBe('FAILED');
    expect(job.ModelArtifacts?.S3ModelArtifacts).toBe('');
    return job.FailureReason;
  }
  const files = async (content: Readonly<Record<string, Buffer>>, framework: 'ONNX' | 'DARKNET' | 'KERAS' = 'ONNX'): Promise<string | undefined> =>
    reasonOf({
      InputConfig: {
        S3Uri: await fixture.storage.putArchive(`bad-${count}.tar.gz`, content),
        Framework: framework,
        DataInputConfig: '{"a":[2,2],"b":[2,2]}',
      },
    });
  const shapes = (config: string | undefined): Promise<string | undefined> =>
    reasonOf({ InputConfig: { S3Uri: 's3://models/add.tar.gz', Framework: 'ONNX', DataInputConfig: config } });
  const model = Buffer.from('not a model');

  test('for an archive that is no tar.gz', async () => {
    fixture.storage.objects.set('s3://models/plain', readFileSync(__filename));
    expect(await reasonOf({ InputConfig: { S3Uri: 's3://models/plain', Framework: 'ONNX' } })).toMatch(
      /^ClientError: InputConfiguration: Unable to untar input model/,
    );
  });
  test('for an object that does not exist', async () => {
    expect(await reasonOf({ InputConfig: { S3Uri: 's3://models/nowhere', Framework: 'ONNX' } }))
      .toBe('ClientError: InputConfiguration: S3 object does not exist. Bucket: models, Key: nowhere');
  });
  test('for a bucket of another region', async () => {
    expect(await reasonOf({ InputConfig: { S3Uri: 's3://far/model', Framework: 'ONNX' } }))
      .toMatch(/Bucket far is in region eu-west-1 different from AWS Sagemaker service region us-east-1/);
  });
  test('for an output bucket that does not exist', async () => {
    expect(await reasonOf({ OutputConfig: { S3OutputLocation: 's3://absent', TargetDevice: 'ml_c5' } })).toBe(
      'ClientError: OutputConfiguration: S3 bucket does not exist. Bucket: absent',
    );
  });
  test.each(['s3:GetObject', 's3:PutObject'])('for an execution role without %s', async (action) => {
    fixture.storage.refuse = (asked) => asked === action;
    const reason = await reasonOf({});
    fixture.storage.refuse = () => false;
    expect(reason).toMatch(new RegExp(`${action} of s3://.* with role ${ROLE} failed: AccessDenied: User: ${ROLE} is not authorized to perform: ${action}`));
  });
  test('for an archive without a model', async () => {
    expect(await files({ 'sub/model.onnx': model })).toMatch(/No onnx file found for ONNX model/);
  });
  test('for an archive with two models', async () => {
    expect(await files({ 'one.onnx': model, 'two.onnx': model })).toMatch(/Multiple onnx files found/);
  });
  test('for a file that is no model', async () => {
    expect(await files({ 'model.onnx': model })).toBe('ClientError: InputConfiguration: Unable to load provided ONNX model. Error: Load model from model.onnx failed:Protobuf parsing failed.');
  });
  test('for a framework that only SageMaker Neo compiles, and says so', async () => {
    expect(await files({ 'yolo.cfg': model, 'yolo.weights': model }, 'DARKNET')).toMatch(
      /the local stand-in compiles ONNX models only, this one is DARKNET/,
    );
  });
  test.each([['no file', {}, 'No h5 file provided'], ['two files', { 'a.h5': model, 'b.h5': model }, 'Multiple h5 files provided']])(
    'for a Keras archive with %s, as Neo fails it', async (_, content, reason) => {
      expect(await files(content, 'KERAS')).toBe(`ClientError: InputConfiguration: ${reason}`);
    });
  test('for a model of the registry', async () => {
    expect(await reasonOf({
      InputConfig: undefined,
      ModelPackageVersionArn: 'arn:aws:sagemaker:us-east-1:000000000000:model-package/x/1',
    })).toMatch(/no model registry/);
  });
  test.each([
    ['an unknown input', '{"a":[2,2],"b":[2,2],"c":[1]}', 'Input c of DataInputConfig is not an input of the model, which has: a, b'],
    ['an input without a shape', '{"a":[2,2]}', 'Input b has no shape in DataInputConfig'],
    ['a wrong rank', '{"a":[2,2],"b":[2]}', 'Input b has wrong shape in Input Shape dictionary: the model wants [2,2], got [2]'],
    ['a wrong fixed dimension', '{"a":[2,2],"b":[2,3]}', 'the model wants [2,2], got [2,3]'],
    ['a dimension that is not given', '{"a":[2,null],"b":[2,2]}', 'must give each dimension of a as a whole number above 0'],
    ['a list', '[[2,2],[2,2]]', 'must be a dictionary of shapes'],
    ['no JSON', 'a:2,2', 'DataInputConfig must be JSON'],
  ])('for shapes with %s', async (_, config, reason) => { expect(await shapes(config)).toContain(reason); });
  test('for shapes that each fit and together do not run', async () => {
    const uri = await fixture.storage.putArchive('open.tar.gz', { 'model.onnx': addModel(['rows', 'columns']) });
    expect(await reasonOf({ InputConfig: { S3Uri: uri, Framework: 'ONNX', DataInputConfig: '{"a":[2,3],"b":[3,2]}' } })).toMatch(
      /does not run with the shapes of DataInputConfig/,
    );
    expect(await reasonOf({ InputConfig: { S3Uri: uri, Framework: 'ONNX' } })).toMatch(
      /Input a has no fixed shape in the model \(\[\?,\?\]\)/,
    );
  });
});
