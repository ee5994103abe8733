import { parseManifest } from '../../../agent/bootstrap/manifest';
import { DeviceFixture } from './device-fixture';

let fixture: DeviceFixture;
beforeEach(() => {
  fixture = new DeviceFixture();
});
afterEach(() => {
  fixture.remove();
});

async function parse(changes: Readonly<Record<string, unknown>>): Promise<unknown> {
  await fixture.deliver('1.0', changes);
  return parseManifest(fixture.objects.objects.get('devices/manifest')?.toString() ?? '');
}

test('a manifest is read whole', async () => {
  expect(await parse({})).toMatchObject({ thingName: 'camera', models: [{ name: 'reader', version: '1.0' }], config: { sagemaker_edge_core_region: 'us-east-1' } });
});

test('an agent may have a digest for each file', async () => {
  expect(await parse({ agent: { uri: 's3://a/b', files: { 'agent.js': 'a'.repeat(64) } } })).toMatchObject({ agent: { files: { 'agent.js': 'a'.repeat(64) } } });
});

test('a model may come without a digest', async () => {
  expect(await parse({ models: [{ name: 'a', version: '1', uri: 's3://a/b' }] })).toMatchObject({ models: [{ name: 'a', version: '1', uri: 's3://a/b' }] });
});

test.each([
  ['instanceId', undefined, 'instanceId of the manifest must be text, got nothing'],
  ['bootstrap', { uri: 'x', sha256: 'short' }, 'bootstrap.sha256 of the manifest must be 64 lower-case hexadecimal digits, got "short"'],
  ['agent', [], 'agent must be an object, got []'],
  ['agent', { uri: 's3://a/b', files: { x: 1 } }, "agent.files['x'] of the manifest must be 64"],
  ['config', { x: [1] }, 'config.x must be a scalar, got [1]'],
  ['models', {}, 'models of the manifest must be a list'],
  ['models', [{ name: 'a', version: '1', uri: 'u' }, { name: 'a', version: '2', uri: 'u' }], 'the manifest names model a twice'],
  ['signingRoots', [1], 'signingRoots of the manifest must be text, got 1'],
])('a manifest with a wrong %s is refused', async (name, value, message) => {
  await expect(parse({ [name]: value })).rejects.toThrow(message);
});

test('what is not JSON is refused', () => {
  expect(() => parseManifest('{')).toThrow('the manifest is not JSON');
});
