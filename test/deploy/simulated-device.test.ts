import * as fs from 'node:fs';
import * as path from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { PNG } from 'pngjs';
import { AgentCalls } from '../../agent/client/calls';
import { Encoding } from '../../agent/generated/agent';
import type { MachineSummary } from '../../local/device/host';
import { capture, floats } from '../agent/support/tensors';
import { readState } from '../../local/cloud/state';
import { AlarmMessages } from './alarm-messages';
import { TestCloud } from './harness';
import { processesOf } from './sockets';

const APP = { app: 'test/deploy/fixtures/device-app.ts' };
let cloud: TestCloud;
let calls: AgentCalls | undefined;
let outputs: Record<string, string>;

const host = async <T>(what: string): Promise<T> => await (await fetch(
  `${cloud.cloud.endpoints.devices}/${what}`, { headers: cloud.control },
)).json() as T;
const machines = async (): Promise<MachineSummary[]> => host('machines');

function agent(): AgentCalls {
  if (!calls) {
    throw new Error('the stack was not deployed');
  }
  return calls;
}

async function predict(): Promise<number> {
  const { tensors } = await agent().predict('orientation', [floats('x', [1, 3, 48, 192])]);
  return tensors.length;
}

async function until<T>(what: string, read: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const found = await read();
    if (found !== undefined) {
      return found;
    }
    await new Promise((resume) => {
      setTimeout(resume, 250);
    });
  }
  throw new Error(`waited in vain for ${what}`);
}

beforeAll(async () => {
  cloud = await TestCloud.start('simulated-device');
  await cloud.deploy(APP);
  outputs = await cloud.outputs('DeviceFixture');
  const [machine] = await machines();
  calls = new AgentCalls(machine?.socket ?? '', 10_000);
});
afterAll(async () => {
  calls?.close();
  await cloud.stop();
});

test('the stack is complete when the device serves the model', async () => {
  expect((await machines()).map(({ instanceId, thingName }) => [instanceId, thingName])).toEqual([[
    outputs.InstanceOutput, 'fixture-camera',
  ]]);
  expect((await agent().listModels()).models.map(({ name }) => name)).toEqual(['orientation']);
  expect(await predict()).toBe(1);
});

(process.platform === 'linux' ? test : test.skip)('no program of the device has root\'s key, or the token of the cloud', () => {
  const { folder, endpoints: { root, controlToken } } = cloud.cloud;
  const programs = processesOf(readState(folder)?.processes.map(({ pid }) => pid) ?? []).map((pid) => ({
    command: fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8'), environment: fs.readFileSync(`/proc/${pid}/environ`, 'utf8'),
  })).filter(({ command }) => command.includes(path.join(folder.root, 'devices')));
  expect(programs.length).toBeGreaterThanOrEqual(2); // the bootstrap and the agent
  for (const secret of [root.accessKeyId, root.secretAccessKey, controlToken]) {
    expect(programs.filter(({ environment }) => environment.includes(secret)).map(({ command }) => command)).toEqual([]);
  }
});

test('a capture reaches the bucket under the device\'s own prefix, by the credentials of its certificate', async () => {
  await agent().captureData(capture('orientation', { inputTensors: [floats('x', [2], [1, 2])] }));
  const { host: Bucket } = new URL(outputs.CapturesOutput ?? '');
  const { s3 } = cloud.cloud.clients;
  const Key = await until('the capture', async () => (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.[0]?.Key);
  expect(Key).toMatch(/^captures\/fixture-camera\/fixture\/orientation\/\d{4}\/\d{2}\/\d{2}\/\d{2}\/.*\.jsonl$/);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  expect(JSON.parse(await Body?.transformToString() ?? '')).toMatchObject({
    eventMetadata: { modelName: 'orientation', deviceFleetName: 'fixture' },
  });
  expect(cloud.requests().map(({ operation }) => operation)).toContain('AssumeRoleWithCertificate');
});

describe('captures that become labels', () => {
  // A picture of 48 × 192: each value is a byte over 255, so that it can be had back.
  const values = Array.from({ length: 3 * 48 * 192 }, (_, index) => ((index * 31) % 256) / 255);
  const ID = '0a0b0c0d-0000-4000-8000-000000000016';
  let events: AlarmMessages;

  const read = async (uri: unknown): Promise<Buffer> => {
    const { host: Bucket, pathname } = new URL(String(uri));
    const { Body } = await cloud.cloud.clients.s3.send(new GetObjectCommand({ Bucket, Key: decodeURIComponent(pathname.slice(1)) }));
    return Buffer.from(await Body?.transformToByteArray() ?? []);
  };
  const exported = async (): Promise<unknown> => {
    const { FunctionError, Payload } = await cloud.cloud.clients.lambda.send(new InvokeCommand({ FunctionName: outputs.ExporterOutput, Payload: '{}' }));
    const text = Buffer.from(Payload ?? []).toString();
    expect(FunctionError === undefined ? '' : text).toBe('');
    return JSON.parse(text);
  };

  beforeAll(async () => {
    const input = floats('x', [1, 3, 48, 192], values);
    const { tensors } = await agent().predict('orientation', [input]);
    const reason = { name: 'capture-reason', encoding: Encoding.JSON, data: { $case: 'byteData', byteData: Buffer.from('{"reason":"unsure","confidence":0.41}') } } as const;
    await agent().captureData({ ...capture('orientation', { inputTensors: [input], outputTensors: tensors, outputs: [reason] }), captureId: ID });
    const Bucket = new URL(outputs.CapturesOutput ?? '').host;
    await until('the capture', async () => (
      (await cloud.cloud.clients.s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.find(({ Key = '' }) => Key.endsWith(`${ID}.jsonl`))
    ));
    events = new AlarmMessages(cloud, outputs.ReadyOutput ?? '');
  });

  test('are exported with their reason, and a rule tells where', async () => {
    expect(await exported()).toEqual([{ model: 'orientation', captures: 1, isComplete: true }]);
    const [event] = await until('the event', async () => {
      await events.receive();
      return events.received.length > 0 ? events.received : undefined;
    });
    expect(event).toMatchObject({
      source: 'cdk-sagemaker-edge', 'detail-type': 'Labels Ready', detail: { modelName: 'orientation', count: 1, captures: 1, skipped: [] },
    });
    const { manifest } = event?.detail as { manifest: string };
    const line = JSON.parse((await read(manifest)).toString()) as { 'source-ref': string; metadata: object };
    expect(line.metadata).toMatchObject({
      captureId: ID, device: 'fixture-camera', fleet: 'fixture', model: 'orientation', version: '1.0', reason: 'unsure', confidence: 0.41, input: 'x',
      prediction: [{ top: [{ class: expect.any(Number) as unknown }, {}] }],
    });
    const { width, height, data } = PNG.sync.read(await read(line['source-ref']));
    expect([width, height]).toEqual([192, 48]);
    const wanted = values.map((value) => Math.round(value * 255));
    const got = Array.from(wanted, (_, index) => data[(index % (48 * 192)) * 4 + Math.floor(index / (48 * 192))]);
    expect(got).toEqual(wanted);
  });

  test('are exported once', async () => {
    expect(await exported()).toEqual([{ model: 'orientation', captures: 0, isComplete: true }]);
  });
});

test('its documents are there, and the command line names one', async () => {
  const documents = Object.keys(await host<Record<string, unknown>>('documents'));
  expect(documents).toHaveLength(3);
  expect(
    documents.some((name) => outputs.PredictCommandOutput?.includes(`--document-name ${name} --instance-ids ${outputs.InstanceOutput ?? ''}`)),
  ).toBe(true);
});

test('the private key is on the device alone, for its owner alone', async () => {
  const [machine] = await machines();
  const key = path.join(machine?.root ?? '', 'current', 'identity', 'private.pem.key');
  expect(fs.statSync(key).mode & 0o777).toBe(0o400);
  expect(fs.readFileSync(cloud.cloud.folder.requests, 'utf8')).not.toContain('PRIVATE KEY');
  for (const log of fs.readdirSync(cloud.cloud.folder.logs)) {
    expect(fs.readFileSync(cloud.cloud.folder.log(path.parse(log).name), 'utf8')).not.toContain('PRIVATE KEY');
  }
});

test('a model that the agent refuses fails the deployment with its words, and the old one serves all the while', async () => {
  const stop = { now: false };
  const client = (async () => {
    while (!stop.now) {
      await predict();
    }
  })();
  const { code, output } = await cloud.tryDeploy({ ...APP, context: { model: 'dlr', version: '2.0' } });
  stop.now = true;
  await client;
  expect(code).not.toBe(0);
  const failure = /device fixture-camera failed: model orientation 2\.0 was not loaded: FAILED_PRECONDITION: (.*)/;
  expect(failure.exec(output)?.[1]).toContain('The device still serves orientation 1.0');
  expect(await cloud.stackStatus('DeviceFixture')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await predict()).toBe(1);
});

test('another version takes its place without a failed prediction', async () => {
  const stop = { now: false };
  const client = (async () => {
    while (!stop.now) {
      await predict();
    }
  })();
  await cloud.deploy({ ...APP, context: { version: '2.0' } });
  stop.now = true;
  await client;
  const [machine] = await machines();
  expect(fs.readFileSync(path.join(machine?.root ?? '', 'current', 'generation.json'), 'utf8')).toContain('"version":"2.0"');
});

test('the stack leaves nothing behind', async () => {
  await cloud.destroy(APP);
  expect(await machines()).toEqual([]);
  expect(await host('documents')).toEqual({});
  expect(await cloud.leftovers()).toEqual([]);
  expect(fs.readdirSync(cloud.cloud.folder.devices)).toEqual([]);
});
