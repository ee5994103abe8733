import * as fs from 'node:fs';
import * as path from 'node:path';
import { ArtifactStore } from '../../../agent/bootstrap/store';
import { pack, packedRelease } from '../../../agent/release/packed';
import { writeZip } from '../../../lib/private/archive/zip';
import { sha256, DeviceFixture } from './device-fixture';

let fixture: DeviceFixture;
let store: ArtifactStore;
beforeEach(() => {
  fixture = new DeviceFixture();
  store = new ArtifactStore(fixture.paths.store, fixture.objects, { clock: { now: () => fixture.now, sleep: (ms) => {
    fixture.now += ms;
    return Promise.resolve();
  } }, totalMs: 60_000 });
});
afterEach(() => {
  fixture.remove();
});

const MODEL = { name: 'reader', version: '1.0', uri: 's3://artifacts/m.tar.gz' };
const modelFolders = (): string[] => fs.readdirSync(path.join(fixture.paths.store, 'models'));

test('a model is unpacked into a folder named by its digest', async () => {
  const digest = await fixture.archive('m.tar.gz', { 'model.onnx': 'x' });
  const folder = await store.model({ ...MODEL, sha256: digest });
  expect(folder).toBe(path.join(fixture.paths.store, 'models', digest));
  expect(fs.readFileSync(path.join(folder, 'model.onnx'), 'utf8')).toBe('x');
});

test('a model that is there already is not downloaded', async () => {
  const digest = await fixture.archive('m.tar.gz', { 'model.onnx': 'x' });
  await store.model({ ...MODEL, sha256: digest });
  await store.model({ ...MODEL, sha256: digest });
  expect(fixture.objects.downloads).toHaveLength(1);
});

test('a model without a digest is looked at anew, and named by the digest it has', async () => {
  const first = await fixture.archive('m.tar.gz', { 'model.onnx': 'x' });
  expect(path.basename(await store.model(MODEL))).toBe(first);
  const second = await fixture.archive('m.tar.gz', { 'model.onnx': 'y' });
  expect(path.basename(await store.model(MODEL))).toBe(second);
});

test('a changed byte is refused, and nothing of it stays', async () => {
  await fixture.archive('m.tar.gz', { 'model.onnx': 'x' });
  await expect(store.model({ ...MODEL, sha256: 'a'.repeat(64) })).rejects.toThrow(/^model reader from s3:\/\/artifacts\/m\.tar\.gz: its SHA-256 is [0-9a-f]{64}, not a{64}: it is not used$/);
  expect(modelFolders()).toEqual([]);
});

test('an archive that cannot be unpacked leaves nothing behind', async () => {
  fixture.objects.objects.set('artifacts/m.tar.gz', Buffer.from('no archive'));
  await expect(store.model(MODEL)).rejects.toThrow('the archive is damaged or no tar.gz');
  expect(modelFolders()).toEqual([]);
});

test('an artifact that is not there fails at once', async () => {
  await expect(store.model(MODEL)).rejects.toThrow('model reader could not be downloaded from s3://artifacts/m.tar.gz: NoSuchKey');
  expect(fixture.now).toBe(0);
});

test('a right that has not reached S3 yet is waited for', async () => {
  await fixture.archive('m.tar.gz', { 'model.onnx': 'x' });
  fixture.objects.errors.push({ operation: 'download', name: 'AccessDenied' }, { operation: 'download', name: 'AccessDenied' });
  await store.model(MODEL);
  expect(fixture.objects.downloads).toHaveLength(3);
});

test('a right that never comes is an error, with S3\'s word for it', async () => {
  fixture.objects.errors.push(...Array.from({ length: 20 }, () => ({ operation: 'download' as const, name: 'AccessDenied' })));
  await expect(store.model(MODEL)).rejects.toThrow('AccessDenied');
  expect(fixture.now).toBeLessThanOrEqual(60_000);
});

test('a URI that is none is refused', async () => {
  await expect(store.model({ ...MODEL, uri: 'https://example.com/m' })).rejects.toThrow('wanted a URI like s3://bucket/key');
});

describe('an agent whose files have digests', () => {
  const files = { 'agent.js': sha256('agent'), 'native.node': sha256('native') };
  const AGENT = { uri: 's3://artifacts/agent.zip', files };

  test('is taken if each file is as it should be', async () => {
    await fixture.archive('agent.zip', { 'agent.js': 'agent', 'native.node': 'native' });
    const folder = await store.agent(AGENT);
    expect(fs.readdirSync(folder).sort()).toEqual(['agent.js', 'native.node']);
    await store.agent(AGENT);
    expect(fixture.objects.downloads).toHaveLength(1);
  });

  test('is refused if one is changed', async () => {
    await fixture.archive('agent.zip', { 'agent.js': 'agent', 'native.node': 'changed' });
    await expect(store.agent(AGENT)).rejects.toThrow("the SHA-256 of 'native.node' is");
  });

  test('is refused if one is missing', async () => {
    await fixture.archive('agent.zip', { 'agent.js': 'agent' });
    await expect(store.agent(AGENT)).rejects.toThrow("'native.node' is missing");
  });

  test('is refused if there is one more', async () => {
    await fixture.archive('agent.zip', { 'agent.js': 'agent', 'native.node': 'native', 'lib/extra.js': '' });
    await expect(store.agent(AGENT)).rejects.toThrow("'lib/extra.js' is not on the manifest's list of files");
  });
});

describe('an agent with a packed file', () => {
  const library = Buffer.from('machine code');
  const put = async (digest: string): Promise<string> => {
    const files = packedRelease({ 'agent.js': Buffer.from('agent') }, [{ file: 'native.so', machine: 'x64', sha256: digest, content: await pack(library, 'x64', 5) }]);
    const zip = writeZip(files);
    if (zip === undefined) {
      throw new Error('too big');
    }
    fixture.objects.objects.set('artifacts/agent.zip', zip);
    return sha256(zip);
  };

  test('is unpacked whole', async () => {
    const folder = await store.agent({ uri: 's3://artifacts/agent.zip', sha256: await put(sha256(library)) });
    expect(fs.readdirSync(folder).sort()).toEqual(['agent.js', 'native.so']);
    expect(fs.readFileSync(path.join(folder, 'native.so'))).toEqual(library);
  });

  test('is refused if the file is another when it is unpacked', async () => {
    await expect(store.agent({ uri: 's3://artifacts/agent.zip', sha256: await put('a'.repeat(64)) })).rejects.toThrow("the SHA-256 of 'native.so' as unpacked is");
    expect(fs.readdirSync(path.join(fixture.paths.store, 'agents'))).toEqual([]);
  });
});

test('an agent without any digest is not run', async () => {
  await expect(store.agent({ uri: 's3://artifacts/agent.zip' })).rejects.toThrow('the manifest gives no digest of the agent');
});
