import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { AgentCalls } from '../../../agent/client/calls';
import { agentBundle } from '../support/agent-process';
import { identityModel } from '../support/models';
import { bytes, capture, floats } from '../support/tensors';
import { DeviceFixture } from './device-fixture';

const AGENT = 'a'.repeat(64);
let fixture: DeviceFixture;
let calls: AgentCalls;

beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation();
  fixture = new DeviceFixture(true);
  fs.mkdirSync(path.join(fixture.paths.store, 'agents'), { recursive: true });
  fs.symlinkSync(agentBundle(), path.join(fixture.paths.store, 'agents', AGENT));
  calls = new AgentCalls(fixture.paths.socket, 10_000);
});
afterEach(async () => {
  calls.close();
  await fixture.host.stopAllBut(undefined);
  fixture.remove();
});

const CONFIG = {
  core_device_name: 'camera', core_device_fleet_name: 'shop', core_region: 'us-east-1', provider_provider: 'None', core_folder_prefix: 'camera',
  core_capture_data_destination: 'Disk', core_capture_data_buffer_size: 30, core_capture_data_batch_size: 10, core_capture_data_push_period_seconds: 1, metrics_period_seconds: 0,
};

/** A manifest with the real agent and a model `y = x` of this version. */
async function deliver(version: string, runtime = 'ONNX'): Promise<void> {
  const model = identityModel('float32', ['n']);
  const manifest = JSON.stringify({
    metadata: { model_name: 'reader', model_version: version, runtime }, model_file: 'model.onnx',
    files: [{ path: 'model.onnx', size: model.length, sha256: createHash('sha256').update(model).digest('hex') }],
  });
  const config = Object.fromEntries(Object.entries(CONFIG).map(([key, value]) => [`sagemaker_edge_${key}`, value]));
  await fixture.deliver(version, { agent: { uri: 's3://artifacts/agent.zip', sha256: AGENT }, config }, { 'model.onnx': model, 'sagemaker_edge_manifest': manifest });
}

async function predict(value: number): Promise<number> {
  const { tensors } = await calls.predict('reader', [floats('x', [1], [value])]);
  return bytes(tensors[0]).readFloatLE();
}

test('a real agent serves the model, and no prediction fails while another takes its place', async () => {
  await deliver('1.0');
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'READY' });
  expect(await predict(1.5)).toBe(1.5);

  const stop = { now: false };
  const answers: number[] = [];
  const clients = Array.from({ length: 4 }, async () => {
    while (!stop.now) {
      answers.push(await predict(2));
    }
  });
  await deliver('2.0');
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'READY', message: 'serves reader 2.0' });
  const during = answers.length;
  stop.now = true;
  await Promise.all(clients);
  expect(during).toBeGreaterThan(10);
}, 60_000);

test('a model for another runtime is refused by the real agent, in whose words the report says so', async () => {
  await deliver('1.0');
  await fixture.device.step();
  await deliver('2.0', 'DLR');
  await fixture.device.step();
  expect(fixture.report()).toMatchObject({ status: 'FAILED', message: expect.stringMatching(/^model reader 2\.0 was not loaded: FAILED_PRECONDITION: .*DLR.*The device still serves reader 1\.0$/) as string });
  expect(await predict(3)).toBe(3);
}, 60_000);

test('captures that the old agent accepted are kept when another takes its place', async () => {
  await deliver('1.0');
  await fixture.device.step();
  await calls.captureData(capture('reader'));
  await deliver('2.0');
  await fixture.device.step();
  await fixture.switcher.heal();
  const kept = fs.readdirSync(fixture.paths.captures, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.jsonl'));
  expect(kept).toHaveLength(1);
}, 60_000);
