import * as fs from 'node:fs';
import * as path from 'node:path';
import { World } from './world';

let world: World;
beforeEach(() => { world = new World(); jest.spyOn(console, 'log').mockImplementation(); });
afterEach(() => { world.remove(); });

test('a device without a manifest waits and reports nothing', async () => {
  await world.device.step();
  expect(world.report()).toBeUndefined();
});

test('a first manifest ends in a model that serves, and a report of exactly this manifest', async () => {
  const manifestHash = await world.deliver();
  await world.device.step();
  expect(world.report()).toEqual({ manifestHash, instanceId: 'i-1', status: 'READY', message: 'serves reader 1.0', models: [{ name: 'reader', version: '1.0' }] });
  expect(world.servedVersion()).toBe('1.0');
});

test('the agent gets its configuration, its certificate and a key that only its owner may read', async () => {
  await world.deliver();
  await world.device.step();
  const folder = fs.readlinkSync(world.paths.current);
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
  await world.deliver('1.0', { config: { sagemaker_edge_core_capture_data_destination: 'Disk' }, signingRoots: ['a root'] });
  await world.device.step();
  const folder = fs.readlinkSync(world.paths.current);
  expect(fs.readFileSync(path.join(folder, 'config.json'), 'utf8')).toContain(world.paths.captures);
  expect(fs.readFileSync(path.join(folder, 'signing-roots', '0.pem'), 'utf8')).toBe('a root');
});

test('the key is in no log line and in no report', async () => {
  const lines = jest.spyOn(console, 'log').mockImplementation();
  await world.deliver();
  await world.device.step();
  world.secret = '{"privateKeyPem":"the private key"}';
  await world.deliver('2.0');
  await world.device.step();
  expect(JSON.stringify([lines.mock.calls, world.report()])).not.toContain('the private key');
  expect(world.report()).toMatchObject({ status: 'FAILED', message: expect.stringContaining('must hold privateKeyPem, certificatePem and certificateId') as string });
});

test('an unchanged manifest is no work', async () => {
  await world.deliver();
  await world.device.step();
  const downloads = world.objects.downloads.length;
  await world.device.step();
  expect(world.objects.downloads).toHaveLength(downloads);
  expect(world.agents.started).toHaveLength(1);
});

test('a new model takes the place of the old, whose agent stops', async () => {
  await world.deliver('1.0');
  await world.device.step();
  const old = world.switcher.current?.socket ?? '';
  await world.deliver('2.0');
  await world.device.step();
  expect(world.servedVersion()).toBe('2.0');
  expect(world.agents.running.has(old)).toBe(false);
});

test('a bad model leaves the old one serving, and the report says why', async () => {
  await world.deliver('1.0');
  await world.device.step();
  const manifestHash = await world.deliver('2.0', {}, { bad: '' });
  await world.device.step();
  expect(world.servedVersion()).toBe('1.0');
  expect(world.agents.running.size).toBe(1);
  expect(world.report()).toEqual({
    manifestHash, instanceId: 'i-1', status: 'FAILED', models: [{ name: 'reader', version: '1.0' }],
    message: 'model reader 2.0 was not loaded: FAILED_PRECONDITION: the model is for DLR. The device still serves reader 1.0',
  });
});

test('a bad first model is reported, and the device serves nothing', async () => {
  await world.deliver('1.0', {}, { bad: '' });
  await world.device.step();
  expect(world.report()).toMatchObject({ status: 'FAILED', message: expect.stringMatching(/the model is for DLR\. The device serves nothing$/) as string });
});

test('a rollback to the manifest that still serves is reported without a download or a restart', async () => {
  const good = await world.deliver('1.0');
  await world.device.step();
  await world.deliver('2.0', {}, { bad: '' });
  await world.device.step();
  const downloads = world.objects.downloads.length;
  await world.deliver('1.0');
  await world.device.step();
  expect(world.report()).toMatchObject({ manifestHash: good, status: 'READY' });
  expect(world.objects.downloads).toHaveLength(downloads);
});

test('a rollback to the manifest before needs no download', async () => {
  await world.deliver('1.0');
  await world.device.step();
  await world.deliver('2.0');
  await world.device.step();
  const downloads = world.objects.downloads.length;
  await world.deliver('1.0');
  await world.device.step();
  expect(world.servedVersion()).toBe('1.0');
  expect(world.objects.downloads).toHaveLength(downloads);
});

test('a failed manifest is tried again after a pause', async () => {
  await world.deliver('1.0');
  const [body, key] = [world.objects.objects.get('artefacts/model-1.0.tar.gz') ?? Buffer.alloc(0), 'artefacts/model-1.0.tar.gz'];
  world.objects.objects.delete(key);
  await world.device.step();
  expect(world.report()).toMatchObject({ status: 'FAILED' });
  world.objects.objects.set(key, body);
  await world.device.step();
  expect(world.report()).toMatchObject({ status: 'FAILED' });
  world.now += 60_000;
  await world.device.step();
  expect(world.report()).toMatchObject({ status: 'READY' });
});

test('a manifest for another instance is left alone', async () => {
  await world.deliver('1.0', { instanceId: 'i-2' });
  await world.device.step();
  expect(world.report()).toBeUndefined();
  expect(world.agents.started).toEqual([]);
});

test('a manifest that asks for another bootstrap makes this one end', async () => {
  await world.deliver('1.0', { bootstrap: { uri: 's3://artefacts/new.js', sha256: 'a'.repeat(64) } });
  expect(await world.device.step()).toBe('superseded');
});

test('a manifest of a newer format is refused, not guessed at', async () => {
  await world.deliver('1.0', { format: 'cdk-sagemaker-edge/device-9' });
  await world.device.step();
  expect(world.report()).toMatchObject({ status: 'FAILED', message: expect.stringContaining('got "cdk-sagemaker-edge/device-9"') as string });
});

test('an agent that never answers is reported with its last words', async () => {
  await world.deliver();
  world.agents.silent = true;
  await world.device.step();
  expect(world.report()).toMatchObject({ status: 'FAILED', message: expect.stringContaining('did not answer within 30 s (UNAVAILABLE: no connection); its last words: cannot read the configuration') as string });
  expect(world.agents.running.size).toBe(0);
});

test('a report that does not reach S3 is written at the next step', async () => {
  await world.deliver();
  world.objects.errors.push(...Array.from({ length: 6 }, () => ({ operation: 'write' as const, name: 'SlowDown' })));
  await world.device.step();
  expect(world.report()).toBeUndefined();
  await world.device.step();
  expect(world.report()).toMatchObject({ status: 'READY' });
});

test('a manifest that cannot be read for a while does not stop the device', async () => {
  world.objects.errors.push({ operation: 'read', name: 'NetworkingError' });
  await world.deliver();
  await world.device.step();
  await world.device.step();
  expect(world.report()).toMatchObject({ status: 'READY' });
});

test('a model that a restarted agent forgot is loaded again', async () => {
  await world.deliver();
  await world.device.step();
  world.agents.running.get(world.switcher.current?.socket ?? '')?.loaded.clear();
  await world.switcher.heal();
  expect(world.servedVersion()).toBe('1.0');
});

test('after a reboot the device serves again without network', async () => {
  await world.deliver();
  await world.device.step();
  world.agents.running.clear();
  fs.rmSync(world.paths.run, { recursive: true });
  world.objects.objects.clear();
  const stop = new AbortController();
  const running = world.boot();
  world.onSleep = () => { stop.abort(); };
  expect(await running.run(stop.signal)).toBe('stopped');
  expect(world.servedVersion()).toBe('1.0');
});

test('captures that the old agent could not upload are uploaded by it, unseen by clients', async () => {
  await world.deliver('1.0');
  await world.device.step();
  const old = world.switcher.current;
  if (old === undefined) { throw new Error('nothing serves'); }
  const spool = path.join(world.paths.generationData(old.id), 'spool', '000000000001.spool');
  fs.mkdirSync(path.dirname(spool), { recursive: true });
  fs.writeFileSync(spool, 'captures');
  await world.deliver('2.0');
  await world.device.step();
  await world.deliver('3.0');
  await world.device.step();
  await world.switcher.heal();
  expect(world.agents.running.has(old.socket)).toBe(true);
  expect(world.servedVersion()).toBe('3.0');
  fs.rmSync(spool);
  await world.switcher.heal();
  expect(world.agents.running.has(old.socket)).toBe(false);
  expect(fs.existsSync(world.paths.generationData(old.id))).toBe(false);
});

test('what no generation needs any more is removed, all but the one before', async () => {
  for (const version of ['1.0', '2.0', '3.0']) {
    await world.deliver(version);
    await world.device.step();
  }
  expect(fs.readdirSync(world.paths.generations)).toHaveLength(2);
  expect(fs.readdirSync(path.join(world.paths.store, 'models'))).toHaveLength(2);
});
