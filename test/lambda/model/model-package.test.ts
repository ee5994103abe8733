import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { App, Stack } from 'aws-cdk-lib';
import { pack, type Header } from 'tar-stream';
import type { PollEvent, ResourceEvent, Started } from '../../../lambda/shared/events';
import { handle } from '../../../lambda/shared/handle';
import { RESOURCES } from '../../../lambda/model/resources';
import { ModelInput, ModelSource, OnnxModel } from '../../../lib';
import { onnxBytes } from '../../lib/onnx-bytes';
import { modelArchive, modelFolder, tarList } from '../../lib/temp-models';
import { FakeS3, s3Error } from './fake-s3';

const TYPE = 'Custom::SageMakerEdge-ModelPackage';
const model = onnxBytes({ weights: ['w'] });
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
type Given = Readonly<Record<string, string | undefined>>;

const properties = (changes: Given = {}): Given => ({
  SourceBucket: 'trained', SourceKey: 'job/model.onnx', Bucket: 'packages', Prefix: 'models/Model', ModelName: 'net', ModelVersion: '1.0',
  Retain: 'false', ...changes,
});

function event(type: ResourceEvent['RequestType'], given: Given, rest: Partial<ResourceEvent> = {}): ResourceEvent {
  return { RequestType: type, RequestId: 'r', StackId: 's', ResourceType: TYPE, LogicalResourceId: 'Model', ResourceProperties: given, ...rest };
}

interface Answer { readonly id: string; readonly data: Readonly<Record<string, string>>; readonly polls: number }

let scratch: string;
let s3: FakeS3;

beforeAll(() => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
beforeEach(() => {
  scratch = path.join(modelFolder({}), 'scratch');
  s3 = new FakeS3(scratch);
  s3.put('job/model.onnx', model);
});

async function run(given: ResourceEvent): Promise<Answer> {
  const started = await handle(RESOURCES, s3.dependencies(), given) as Started;
  const poll: PollEvent = { ...given, ...started };
  for (let polls = 1; polls < 500; polls++) {
    const answer = await handle(RESOURCES, s3.dependencies(), poll);
    if ('IsComplete' in answer && answer.IsComplete) {
      return { id: started.PhysicalResourceId, data: answer.Data ?? {}, polls };
    }
    s3.time += 5000;
  }
  throw new Error('not complete');
}

const create = (changes: Given = {}): Promise<Answer> => run(event('Create', properties(changes)));
const update = (changes: Given, old: Given, id: string): Promise<Answer> =>
  run(event('Update', properties(changes), { OldResourceProperties: properties(old), PhysicalResourceId: id }));
const remove = (changes: Given, id: string): Promise<Answer> => run(event('Delete', properties(changes), { PhysicalResourceId: id }));

const served = ({ data }: Answer): Buffer | undefined => s3.objects.get((data.Uri ?? '').replace('s3://', ''));

async function tarOf(...entries: [Partial<Header> & { name: string }, string?][]): Promise<Buffer> {
  const tar = pack();
  entries.forEach(([header, content = '']) => tar.entry(header, content));
  tar.finalize();
  return gzipSync(await buffer(tar));
}

/** What OnnxModel makes of the same files at synth. */
function atSynth(source: string, inputs?: ModelInput[]): Buffer {
  const app = new App();
  new OnnxModel(new Stack(app, 'Stack'), 'Model', { model: ModelSource.fromAsset(source), modelName: 'net', modelVersion: '1.0', ...inputs ? { inputs } : {} });
  const { directory } = app.synth();
  return readFileSync(path.join(directory, readdirSync(directory).find((name) => name.endsWith('.tar.gz')) ?? ''));
}

describe('a package made at deployment', () => {
  test('has the bytes of the one made at synth, for an .onnx file', async () => {
    const answer = await create();
    const wanted = atSynth(path.join(modelFolder({ 'model.onnx': model }), 'model.onnx'));
    expect(served(answer)?.equals(wanted)).toBe(true);
    expect(answer.data).toMatchObject({ Digest: sha256(wanted), Size: String(wanted.length) });
    expect(answer.data.Uri).toContain(`/${sha256(wanted)}.tar.gz`);
  });

  test('has the bytes of the one made at synth, for an archive with labels, folders and long names, and inputs', async () => {
    const files = { 'net.onnx': model, 'labels.txt': 'a\n', [`data/${'x'.repeat(120)}/${'y'.repeat(120)}.bin`]: Buffer.alloc(200_000, 7) };
    s3.put('job/model.tar.gz', readFileSync(modelArchive(files)));
    const inputs = [ModelInput.tensor('x', [1, 3, 48, 320])];
    const answer = await create({
      SourceKey: 'job/model.tar.gz', Inputs: JSON.stringify(inputs.map(({ inputName, shape }) => ({ inputName, shape }))),
    });
    expect(served(answer)?.equals(atSynth(modelFolder(files), inputs))).toBe(true);
  });

  test('is uploaded in parts that are together the same, where it is large', async () => {
    const whole = served(await create());
    s3 = new FakeS3(scratch, { partBytes: 1000 });
    s3.put('job/model.onnx', model);
    const answer = await create();
    expect(served(answer)?.equals(whole ?? Buffer.alloc(0))).toBe(true);
    expect(s3.count('uploadPart')).toBe(Math.ceil(Number(answer.data.Size) / 1000));
  });

  test('is of the version of the object that is asked for', async () => {
    s3.put('job/model.onnx?v1', onnxBytes({ irVersion: 7 }));
    const first = await create({ SourceVersion: 'v1' });
    expect(first.data.Digest).not.toBe((await create()).data.Digest);
    expect(s3.calls.find(([name]) => name === 'getObject')?.[1]).toMatchObject({ VersionId: 'v1' });
  });

  test('leaves out what begins with a dot', async () => {
    s3.put('m.tgz', readFileSync(modelArchive({ 'model.onnx': model, '._model.onnx': 'x', '.git/a': 'x' })));
    const answer = await create({ SourceKey: 'm.tgz' });
    const file = path.join(modelFolder({ 'p.tar.gz': served(answer) ?? '' }), 'p.tar.gz');
    expect(tarList(file)).toEqual(['model.onnx', 'sagemaker_edge_manifest']);
  });

  test('leaves nothing on the disk', async () => {
    await create();
    expect(existsSync(scratch)).toBe(false);
  });
});

describe('what becomes of packages', () => {
  test('a new version of the object is a new package, and the old one goes with its Delete', async () => {
    s3.put('job/model.onnx?v1', model);
    s3.put('job/model.onnx?v2', onnxBytes({ irVersion: 7 }));
    const first = await create({ SourceVersion: 'v1' });
    const second = await update({ SourceVersion: 'v2' }, { SourceVersion: 'v1' }, first.id);
    expect([second.id === first.id, s3.packages().length]).toEqual([false, 2]);
    await remove({ SourceVersion: 'v1' }, first.id);
    expect(s3.packages().map((key) => `s3://${key}`)).toEqual([second.data.Uri]);
  });

  test('a rollback serves the package that was there, though the object has changed since', async () => {
    const first = await create();
    const second = await update({ ModelVersion: '2.0' }, {}, first.id);
    s3.put('job/model.onnx', onnxBytes({ irVersion: 7 }));
    const back = await update({}, { ModelVersion: '2.0' }, second.id);
    expect(back.data).toEqual(first.data);
    await remove({ ModelVersion: '2.0' }, second.id);
    expect(s3.packages().map((key) => `s3://${key}`)).toEqual([first.data.Uri]);
  });

  test('an update that fails leaves the old package, and its rollback needs no source', async () => {
    const first = await create();
    s3.put('bad.onnx', Buffer.from('no model'));
    await expect(update({ SourceKey: 'bad.onnx' }, {}, first.id)).rejects.toThrow('bad.onnx is not an ONNX model');
    s3.objects.delete('trained/job/model.onnx');
    const back = await update({}, { SourceKey: 'bad.onnx' }, first.id);
    expect(back.data).toEqual(first.data);
    expect(served(first)).toBeDefined();
  });

  test('the rollback of an update that was not answered takes its package away: no Delete comes for it', async () => {
    const first = await create();
    await update({ ModelVersion: '2.0' }, {}, first.id);
    await update({}, { ModelVersion: '2.0' }, first.id);
    expect(s3.packages().map((key) => `s3://${key}`)).toEqual([first.data.Uri]);
  });

  test('a Delete removes all that was made', async () => {
    const { id } = await create();
    await remove({}, id);
    expect(s3.packages('')).toEqual([]);
  });

  test('a package that is retained stays, and the same properties package anew', async () => {
    const first = await create({ Retain: 'true' });
    await remove({ Retain: 'true' }, first.id);
    expect(served(first)).toBeDefined();
    s3.put('job/model.onnx', onnxBytes({ irVersion: 7 }));
    const other = await create({ Retain: 'true', ModelVersion: '2.0' });
    const again = await update({ Retain: 'true' }, { Retain: 'true', ModelVersion: '2.0' }, other.id);
    expect(again.data.Digest).not.toBe(first.data.Digest);
  });

  test('a Delete of a create that failed, or whose bucket is gone, succeeds', async () => {
    await expect(create({ SourceKey: 'none.onnx' })).rejects.toThrow();
    await expect(remove({ SourceKey: 'none.onnx' }, 'invented')).resolves.toBeDefined();
    s3.buckets.delete('packages');
    await expect(remove({}, 'invented')).resolves.toBeDefined();
  });

  test('a Delete under an invented id goes on as long as the cancelled create may', async () => {
    expect((await remove({}, 'invented')).polls).toBeGreaterThan(750 / 5);
  });

  test('the first phase does nothing: were it to fail in it, the Delete would do nothing', async () => {
    await handle(RESOURCES, s3.dependencies(), event('Create', properties()));
    expect(s3.calls).toEqual([]);
  });
});

describe('what fails', () => {
  const wrong = async (key: string, content: Buffer | undefined, changes: Given = {}): Promise<unknown> => {
    if (content) {
      s3.put(key, content);
    }
    const failure: unknown = await create({ SourceKey: key, ...changes }).catch((error: unknown) => error);
    expect([s3.packages(''), existsSync(scratch)]).toEqual([[], false]);
    return failure instanceof Error ? failure.message : failure;
  };

  test('an object that is not there', async () => {
    expect(await wrong('none.onnx', undefined)).toContain('there is no model at s3://trained/none.onnx (NoSuchKey): upload it first');
  });

  test('an object that may not be read, after the time that rights need', async () => {
    s3.faults.set('getObject', Array.from({ length: 10 }, () => s3Error('AccessDenied', 'not authorized')));
    expect(await wrong('job/model.onnx', undefined)).toContain('s3://trained/job/model.onnx may not be read: not authorized. S3 says the same');
    expect(s3.count('getObject')).toBe(3);
  });

  test('a key of another kind', async () => {
    expect(await wrong('model.pt', Buffer.from('x'))).toContain("must end with .onnx, .tar.gz or .tgz, got 'model.pt'");
  });

  test.each([
    ['no gzip', Buffer.from('no archive'), /m\.tar\.gz must be a tar archive compressed by gzip.*incorrect header check/],
    ['a gzip that is cut', gzipSync(Buffer.alloc(100_000, 1)).subarray(0, 60), /must be a tar archive compressed by gzip/],
    ['a gzip of something else', gzipSync(Buffer.alloc(4096, 'x')), /must be a tar archive compressed by gzip.*tar header/],
  ])('%s', async (_, content, words) => {
    expect(await wrong('m.tar.gz', content)).toMatch(words);
  });

  test('an archive that ends in the middle', async () => {
    const tar = gunzipSync(await tarOf([{ name: 'a.onnx' }, 'x'.repeat(1000)]));
    expect(await wrong('m.tar.gz', gzipSync(tar.subarray(0, 700)))).toMatch(/must be a tar archive compressed by gzip.*Unexpected end of data/);
  });

  test.each(['../model.onnx', '/etc/model.onnx', 'a/../../b'])('a path out of the archive: %s', async (name) => {
    expect(await wrong('m.tar.gz', await tarOf([{ name }, 'x']))).toContain(`must hold paths within the archive alone, got "${name}"`);
  });

  test.each(['symlink', 'link'] as const)('a %s', async (type) => {
    expect(await wrong('m.tar.gz', await tarOf([{ name: 'a.onnx', type, linkname: '/etc/passwd' }])))
      .toContain('must hold no links, got a.onnx, which links to /etc/passwd');
  });

  test('a device', async () => {
    expect(await wrong('m.tar.gz', await tarOf([{ name: 'a.onnx', type: 'fifo' }]))).toContain('files and folders alone, got a.onnx, a fifo');
  });

  test('a path that comes twice', async () => {
    expect(await wrong('m.tar.gz', await tarOf([{ name: 'a' }, 'x'], [{ name: './a' }, 'y']))).toContain('each path once, got a twice');
  });

  test('an archive without an .onnx file', async () => {
    expect(await wrong('m.tar.gz', await tarOf([{ name: 'xgboost-model' }, 'x'])))
      .toContain('m.tar.gz: ONNX archive must hold exactly one .onnx file at its root, got none among xgboost-model');
  });

  test('a file that is no model, or one that is cut', async () => {
    expect(await wrong('m.onnx', Buffer.from('version https://git-lfs'))).toContain('m.onnx is not an ONNX model');
    expect(await wrong('m.onnx', model.subarray(0, 500))).toMatch(/m\.onnx is not an ONNX model: it ends at byte 500/);
  });

  test('inputs that the model does not have', async () => {
    expect(await wrong('job/model.onnx', undefined, { Inputs: JSON.stringify([{ inputName: 'z', shape: [1] }]) }))
      .toContain("the inputs of model.onnx are x float32[N, 3, 48, W], got an input named 'z'");
  });

  test('a manifest of the user\'s that names another model', async () => {
    const manifest = JSON.stringify({ metadata: { model_name: 'other' } });
    s3.put('m.tar.gz', readFileSync(modelArchive({ 'a.onnx': model, sagemaker_edge_manifest: manifest })));
    expect(await wrong('m.tar.gz', undefined)).toContain('metadata.model_name in sagemaker_edge_manifest must be "net", got "other"');
  });

  test('an object, or what is unpacked of it, that is larger than the disk', async () => {
    s3 = new FakeS3(scratch, { maxBytes: 10_000 });
    expect(await wrong('m.onnx', Buffer.alloc(10_001))).toContain('must have at most 10000 bytes together, which is what a device unpacks, got 10001 bytes: use a smaller model');
    expect(await wrong('m.tar.gz', await tarOf([{ name: 'a.onnx' }, 'x'.repeat(20_000)]))).toContain('must have at most 10000 bytes');
    expect(s3.count('putObject')).toBe(0);
  });

  test('a model that is not packaged in time', async () => {
    s3.tick = 500_000;
    expect(await wrong('job/model.onnx', undefined)).toContain('was not packaged within 12 minutes');
  });

  test('an upload in parts that breaks is taken back', async () => {
    s3 = new FakeS3(scratch, { partBytes: 1000 });
    s3.put('job/model.onnx', model);
    s3.faults.set('uploadPart', [s3Error('EntityTooLarge')]);
    expect(await wrong('job/model.onnx', undefined)).toContain('EntityTooLarge');
    expect(s3.uploads.size).toBe(0);
  });
});

test.each(['getObject', 'putObject', 'listObjects'])('a fault of S3 at %s is ridden out', async (name) => {
  const first = await create();
  s3.faults.set(name, [s3Error('SlowDown'), s3Error('SlowDown')]);
  const second = await update({ ModelVersion: '2.0' }, {}, first.id);
  expect([second.polls, served(second) === undefined]).toEqual([3, false]);
});
