import * as fs from 'node:fs';
import * as path from 'node:path';
import { DescribeCertificateCommand, DescribeRoleAliasCommand, ListThingPrincipalsCommand } from '@aws-sdk/client-iot';
import {
  CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { sha256, untar } from '../../local/sagemaker/archive';
import { onnxBytes } from '../lib/onnx-bytes';
import { TestCloud } from './harness';
import { describeCompilation, download, listJobs, type ModelState, readModelState } from './model-states';
import { CLASSIFIER, RECOGNISER } from '../ocr-models';


const deployment = (model: string, inputShapes: string) => ({
  app: 'bin/sample.ts', stacks: ['EdgeSample'], context: { delivery: 'edge-manager', deviceCount: '1', model, inputShapes, health: 'off' },
});
const references = (role: string) => ({ app: 'test/deploy/fixtures/references-app.ts', context: { role } });
const bucketModel = (objectVersion: string) => ({ app: 'test/deploy/fixtures/bucket-model-app.ts', context: { objectVersion } });
const renamed = (isRenamed: boolean) => ({ app: 'test/deploy/fixtures/renamed-app.ts', context: { renamed: String(isRenamed) } });
const FIRST = deployment(RECOGNISER, 'x:1,3,48,320');
const SECOND = deployment(CLASSIFIER, 'x:1,3,48,192');

/** One stack's life, in order: each test begins where the one before it ended. */
describe('a stack with a compiled and packaged model', () => {
  let cloud: TestCloud;
  let first: ModelState;
  let second: ModelState;

  beforeAll(async () => {
    cloud = await TestCloud.start('lifecycle');
  });
  afterAll(async () => {
    await cloud.stop();
  });

  test('compiles and packages the model, registers the device, and names artifacts that are there', async () => {
    await cloud.deploy(FIRST);

    first = await readModelState(cloud);
    const jobs = await listJobs(cloud);
    expect(jobs.compilations).toEqual({ [first.compilationJobName]: 'COMPLETED' });
    expect(Object.values(jobs.packagings)).toEqual(['COMPLETED']);
  });

  test('gives a package whose model answers as the original does', async () => {
    const input = Float32Array.from({ length: 3 * 48 * 320 }, (_, index) => Math.sin(index / 7));
    const packaged = await predict(await unpackModel(await download(cloud, first.packaged)), input);
    const original = await predict(fs.readFileSync(RECOGNISER), input);

    expect(packaged.length).toBe(40 * 6625);
    expect(greatestDifference(packaged, original)).toBeLessThan(1e-4);
  });

  test('does nothing where nothing changed', async () => {
    const before = cloud.requests().length;
    await cloud.deploy(FIRST);

    expect(cloud.requests().slice(before).filter(({ service }) => service === 'SageMaker')).toEqual([]);
  });

  test('makes a new job and package for a new model, and deletes the old record', async () => {
    await cloud.deploy(SECOND);

    second = await readModelState(cloud);
    const jobs = await listJobs(cloud);
    expect(second.compilationJobName).not.toBe(first.compilationJobName);
    expect(jobs.compilations).toEqual({ [second.compilationJobName]: 'COMPLETED' });
    expect(Object.values(jobs.packagings)).toEqual(['COMPLETED', 'COMPLETED']); // no API deletes the first one's record
  });

  test('finds the first names and places again when the model is changed back', async () => {
    await cloud.deploy(FIRST);

    expect(await readModelState(cloud)).toEqual(first);
    expect((await listJobs(cloud)).compilations).toEqual({ [first.compilationJobName]: 'COMPLETED' });
  });

  test('rolls back from a model that does not compile, says why, and leaves the old artifacts unchanged', async () => {
    const broken = path.join(cloud.cloud.folder.root, 'broken.onnx');
    fs.writeFileSync(broken, onnxBytes());
    const { code, output } = await cloud.tryDeploy(deployment(broken, 'x:1,3,48,320'));

    expect(code).not.toBe(0);
    expect(await cloud.stackStatus('EdgeSample')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(output).toMatch(/\/aws\/sagemaker\/CompilationJobs/); // where the log is
    expect(await readModelState(cloud)).toEqual(first);
    expect((await listJobs(cloud)).compilations).toEqual({ [first.compilationJobName]: 'COMPLETED' });
    expect(await describeCompilation(cloud, first.compilationJobName)).toMatchObject({ CompilationJobStatus: 'COMPLETED' });
  });

  test('another role is given to a role alias, although only the argument of a Fn::GetAtt changes in the template', async () => {
    const roleOf = async () => {
      const { roleAliasDescription } = await cloud.cloud.clients.iot.send(new DescribeRoleAliasCommand({ roleAlias: 'references' }));
      return roleAliasDescription?.roleArn;
    };
    await cloud.deploy(references('first'));
    expect(await roleOf()).toMatch(/references-first$/);
    await cloud.deploy(references('second'));
    expect(await roleOf()).toMatch(/references-second$/);
    await cloud.destroy(references('second'));
  });

  test('a device whose construct is renamed and moved has the thing, the certificate and the key that it had', async () => {
    const { iot, secrets } = cloud.cloud.clients;
    const identity = async () => {
      const { CertificateId = '', SecretArn = '' } = await cloud.outputs('renamed');
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: SecretArn }));
      const { principals } = await iot.send(new ListThingPrincipalsCommand({ thingName: 'renamed-door' }));
      const { certificateDescription: { certificatePem, status } = {} } = await iot.send(
        new DescribeCertificateCommand({ certificateId: CertificateId }),
      );
      return { CertificateId, SecretString, principals, certificatePem, status };
    };
    await cloud.deploy(renamed(false));
    const before = await identity();
    expect(before).toMatchObject({ status: 'ACTIVE', principals: [expect.stringContaining(before.CertificateId)] });
    expect(before.SecretString).toContain('PRIVATE KEY');

    await cloud.deploy(renamed(true));
    expect(await identity()).toEqual(before);
    await cloud.destroy(renamed(true));
  });

  test('a model that lies in S3 is packaged at deployment, and a new version of the object is a new model', async () => {
    const { s3 } = cloud.cloud.clients;
    const Bucket = 'trained-models';
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const Key = 'run-1/model.onnx';
    const versions: string[] = [];
    const put = async (Body: Buffer) => {
      const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
      versions.push(VersionId);
      return bucketModel(VersionId);
    };
    let good = bucketModel('');
    for (const file of [CLASSIFIER, RECOGNISER]) {
      good = await put(fs.readFileSync(file));
      await cloud.deploy(good);
      const { Uri = '', Digest } = await cloud.outputs('bucket-model');
      const archive = await download(cloud, Uri);
      expect(Digest).toBe(sha256(archive));
      expect(await unpackModel(archive)).toEqual(fs.readFileSync(file));
    }

    const served = await cloud.outputs('bucket-model');
    const { code, output } = await cloud.tryDeploy(await put(Buffer.from('no model')));
    expect(code).not.toBe(0);
    expect(output).toContain('model.onnx is not an ONNX model');
    expect(await cloud.outputs('bucket-model')).toEqual(served);
    expect(sha256(await download(cloud, served.Uri ?? ''))).toBe(served.Digest);
    await cloud.destroy(good);
    for (const VersionId of versions) {
      await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    }
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });

  test('leaves nothing behind', async () => {
    await cloud.destroy(FIRST);

    expect(await cloud.leftovers()).toEqual([]);
    expect(await cloud.standInState()).toMatchObject({ compilationJobs: [], deviceFleets: [], devices: [] });
  });
});

/** `model.onnx` of a package. */
async function unpackModel(archive: Buffer): Promise<Buffer> {
  const model = (await untar(archive)).get('model.onnx');
  if (!model) {
    throw new Error('the package has no model.onnx');
  }
  return model;
}

async function predict(model: Buffer, input: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(model);
  const { [session.outputNames[0] ?? '']: output } = await session.run({ x: new Tensor('float32', input, [1, 3, 48, 320]) });
  if (!(output?.data instanceof Float32Array)) {
    throw new Error('the model has no float32 output');
  }
  return output.data;
}

function greatestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((greatest, value, index) => Math.max(greatest, Math.abs(value - (b[index] ?? Number.NaN))), 0);
}
