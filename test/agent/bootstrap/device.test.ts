import * as fs from 'node:fs';
import * as path from 'node:path';
import { DeviceFixture } from './device-fixture';

let fixture: DeviceFixture;
beforeEach(() => {
  fixture = new DeviceFixture();
  jest.spyOn(console, 'log').mockImplementation();
});
afterEach(() => {
  fixture.remove();
});

test('a device without a manifest waits and reports nothing', async () => {
  await fixture.device.step();
  expect(fixture.report()).toBeUndefined();
});

test('a first manifest ends in a model that serves, and a report of exactly this manifest', async () => {
  const manifestHash = await fixture.deliver();
  await fixture.device.step();
  expect(fixture.report()).toEqual({ manifestHash, instanceId: 'i-1', status: 'READY', message: 'serves reader 1.0', models: [{ name: 'reader', version: '1.0' }] });
  expect(fixture.servedVersion()).toBe('1.0');
});

test('the agent gets its configuration, its certificate and a key that only its owner may read', async () => {
  await fixture.deliver();
  await fixture.device.step();
  const folder = fs.readlinkSync(fixture.paths.current);
  const config: unknown = JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8'));
  const identity = path.join(folder, 'identity');
  expect(config).toMatchObject({
    sagemaker_edge_core_region: 'us-east-1', sagemaker_edge_provider_aws_cert_pk_file: path.join(identity, 'private.pem.key'),
    sagemaker_edge_provider_aws_ca_cert_file: path.join(identity, 'AmazonRootCA1.pem'), sagemaker_edge_core_root_certs_path: path.join(folder, 'signing-roots'),
  });
  expect(fs.readFileSync(path.join(identity, 'private.pem.key'), 'utf8')).toBe('the private key');
  expect(fs.statSync(path.join(identity, 'private.pem.key')).mode & 0o777).toBe(0o400);
  expect(fs.readFileSync(path.join(identity, 'AmazonRootCA1.pem'), 'utf8')).toBe('the root');
});

test('captures kept on the device get a folder, signing roots a file each', async () => {
  await fixture.deliver('1.0', { config: { sagemaker_edge_core_capture_data_destination: 'Disk' }, signingRoots: ['a root'] });
  await fixture.device.step();
  const folder = fs.readlinkSync(fixture.paths.current);
  expect(fs.readFileSync(path.join(folder, 'config.json'), 'utf8')).toContain(fixture.paths.captures);
  expect(fs.readFileSync(path.join(folder, 'signing-roots', '0.pem'), 'utf8')).toBe('a root');
});

test('the key is in no log line and in no report', async () => {
  const lines = jest.spyOn(console, 'log').mockImplementation();
  await fixture.deliver();
  await fixture.device.step();
  fixture.secret = '{"privateKeyPem":"the private key"}';
  await fixture.deliver('2.0');
  await fixture.device.step();
  expect(JSON.stringify([lines.mock.calls, fixture.report()])).not.toContain('the private key');
  expect(fixture.report()).toMatchObject({ status: 'FAILED', message: expect.stringContaining('must hold privateKeyPem, certificatePem and certificateId') as string });
});

test('an unchanged manifest is no work', async () => {
  await fixture.deliver();
  await fixture.device.step();
  const downloads = fixture.objects.downloads.length;
  await fixture.device.step();
  expect(fixture.objects.downloads).toHaveLength(downloads);
  expect(fixture.agents.started).toHaveLength(1);
});

test('a new model takes the place of the old, whose agent stops', async () => {
  await fixture.deliver('1.0');
  await fixture.device.step();
  const old = fixture.switcher.current?.socket ?? '';
  await fixture.deliver('2.0');
  await fixture.device.step();
  expect(fixture.servedVersion()).toBe('2.0');
  expect(fixture.agents.running.has(old)).toBe(false);
});

test('a bad model leaves the old one serving, and the report says why', async () => {
  await fixture.deliver('1.0');
  await fixture.device.step();
  const manifestHash = await fixture.deliver('2.0', {}, { bad: '' });
  await fixture.device.step();
  expect(fixture.servedVersion()).toBe('1.0');
  expect(fixture.agents.running.size).toBe(1);
  expect(fixture.report()).toEqual({
    manifestHash, instanceId: 'i-1', status: 'FAILED', models: [{ name: 'reader', version: '1.0' }],
    message: 'model reader 2.0 was not loaded: FAILED_PRECONDITION: the model is for DLR. The device still serves reader 1.0',
  });
});

test('a bad first model is reported, and the device serves nothing', async () => {
  await fixture.deliver('1.0', {}, { bad: '' });
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'FAILED', message: expect.stringMatching(/the model is for DLR\. The device serves nothing$/) as string });
});

test('a rollback to the manifest that still serves is reported without a download or a restart', async () => {
  const good = await fixture.deliver('1.0');
  await fixture.device.step();
  await fixture.deliver('2.0', {}, { bad: '' });
  await fixture.device.step();
  const downloads = fixture.objects.downloads.length;
  await fixture.deliver('1.0');
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ manifestHash: good, status: 'READY' });
  expect(fixture.objects.downloads).toHaveLength(downloads);
});

test('a rollback to the manifest before needs no download', async () => {
  await fixture.deliver('1.0');
  await fixture.device.step();
  await fixture.deliver('2.0');
  await fixture.device.step();
  const downloads = fixture.objects.downloads.length;
  await fixture.deliver('1.0');
  await fixture.device.step();
  expect(fixture.servedVersion()).toBe('1.0');
  expect(fixture.objects.downloads).toHaveLength(downloads);
});

test('a failed manifest is tried again after a pause', async () => {
  await fixture.deliver('1.0');
  const [body, key] = [fixture.objects.objects.get('artifacts/model-1.0.tar.gz') ?? Buffer.alloc(0), 'artifacts/model-1.0.tar.gz'];
  fixture.objects.objects.delete(key);
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'FAILED' });
  fixture.objects.objects.set(key, body);
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'FAILED' });
  fixture.now += 60_000;
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'READY' });
});

test('a manifest for another instance is left alone', async () => {
  await fixture.deliver('1.0', { instanceId: 'i-2' });
  await fixture.device.step();
  expect(fixture.report()).toBeUndefined();
  expect(fixture.agents.started).toEqual([]);
});

test('a manifest that asks for another bootstrap makes this one end', async () => {
  await fixture.deliver('1.0', { bootstrap: { uri: 's3://artifacts/new.js', sha256: 'a'.repeat(64) } });
  expect(await fixture.device.step()).toBe('superseded');
});

test('a manifest of a newer format is refused, not guessed at', async () => {
  await fixture.deliver('1.0', { format: 'cdk-sagemaker-edge/device-9' });
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'FAILED', message: expect.stringContaining('got "cdk-sagemaker-edge/device-9"') as string });
});

test('an agent that never answers is reported with its last words', async () => {
  await fixture.deliver();
  fixture.agents.silent = true;
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'FAILED', message: expect.stringContaining('did not answer within 30 s (UNAVAILABLE: no connection); its last words: cannot read the configuration') as string });
  expect(fixture.agents.running.size).toBe(0);
});

test('a report that does not reach S3 is written at the next step', async () => {
  await fixture.deliver();
  fixture.objects.errors.push(...Array.from({ length: 6 }, () => ({ operation: 'write' as const, name: 'SlowDown' })));
  await fixture.device.step();
  expect(fixture.report()).toBeUndefined();
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'READY' });
});

test('a manifest that cannot be read for a while does not stop the device', async () => {
  fixture.objects.errors.push({ operation: 'read', name: 'NetworkingError' });
  await fixture.deliver();
  await fixture.device.step();
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'READY' });
});

test('a model that a restarted agent forgot is loaded again', async () => {
  await fixture.deliver();
  await fixture.device.step();
  fixture.agents.running.get(fixture.switcher.current?.socket ?? '')?.loaded.clear();
  await fixture.switcher.heal();
  expect(fixture.servedVersion()).toBe('1.0');
});

test('after a reboot the device serves again without network', async () => {
  await fixture.deliver();
  await fixture.device.step();
  fixture.agents.running.clear();
  fs.rmSync(fixture.paths.run, { recursive: true });
  fixture.objects.objects.clear();
  const stop = new AbortController();
  const running = fixture.boot();
  fixture.onSleep = () => {
    stop.abort();
  };
  expect(await running.run(stop.signal)).toBe('stopped');
  expect(fixture.servedVersion()).toBe('1.0');
});

test('captures that the old agent could not upload are uploaded by it, unseen by clients', async () => {
  await fixture.deliver('1.0');
  await fixture.device.step();
  const old = fixture.switcher.current;
  if (old === undefined) {
    throw new Error('nothing serves');
  }
  const spool = path.join(fixture.paths.generationData(old.id), 'spool', '000000000001.spool');
  fs.mkdirSync(path.dirname(spool), { recursive: true });
  fs.writeFileSync(spool, 'captures');
  await fixture.deliver('2.0');
  await fixture.device.step();
  await fixture.deliver('3.0');
  await fixture.device.step();
  await fixture.switcher.heal();
  expect(fixture.agents.running.has(old.socket)).toBe(true);
  expect(fixture.servedVersion()).toBe('3.0');
  fs.rmSync(spool);
  await fixture.switcher.heal();
  expect(fixture.agents.running.has(old.socket)).toBe(false);
  expect(fs.existsSync(fixture.paths.generationData(old.id))).toBe(false);
});

test('what no generation needs any more is removed, all but the one before', async () => {
  for (const version of ['1.0', '2.0', '3.0']) {
    await fixture.deliver(version);
    await fixture.device.step();
  }
  expect(fs.readdirSync(fixture.paths.generations)).toHaveLength(2);
  expect(fs.readdirSync(path.join(fixture.paths.store, 'models'))).toHaveLength(2);
});
