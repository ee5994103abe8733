import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PNG } from 'pngjs';
import { AgentCalls } from '../../agent/client/calls';
import type { MachineSummary } from '../../local/device/host';
import { capture, floats } from '../agent/support/tensors';
import { needlessWidth, type Listed } from '../rights/width';
import { readState } from '../../local/cloud/state';
import { AlarmMessages } from './alarm-messages';
import { Browser } from './browser';
import type { Evidence } from './evidence';
import { exportLabels, keysOf, readManifest, readUri, type ManifestLine } from './exported-labels';
import { TestCloud } from './harness';
import { readEvidence } from './permissions';
import { processesOf } from './sockets';
import { rolesNamed } from './template-rules';

const APP = { app: 'test/deploy/fixtures/device-app.ts' };
/** What the agent lets pass at least between two captures by itself: see its `dailyBudget`. */
const SPREAD_MS = 2_200;
const CAPTURES = String.raw`arn:aws:s3:::[\w-]+/captures/\*/fixture/orientation/\*`;
const LABELS = String.raw`arn:aws:s3:::[\w-]+/labels/fixture/\*`;
const LISTED: readonly Listed[] = [
  {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    pattern: /arn:aws:logs:us-east-1:000000000000:log-group:\/aws\/cloudformation\/DeviceFixture\/LabelsExporter\w+:\*/,
    reason: 'the Lambda service writes a function\'s log with the function\'s role, which calls neither',
  },
  {
    actions: ['s3:GetObject'],
    pattern: new RegExp(CAPTURES),
    stands: /fixture-camera|\d{4}\/\d\d\/\d\d\/\d\d\/[\w-]+\.jsonl|.*raw-data\/[\w./-]+/,
    reason: 'a fleet has many devices, whose captures are named by their time; there is one device here',
  },
  {
    actions: ['s3:GetObject', 's3:PutObject'],
    pattern: new RegExp(LABELS),
    stands: /orientation\/(state\.json|manifests\/[\w./-]+|images\/[\w./-]+)/,
    reason: 'there is a folder for each model, with what is named by time, device and capture; there is one model here',
  },
];

let cloud: TestCloud;
let evidence: Evidence;
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

/** The keys of the records of captures. */
async function captured(): Promise<string[]> {
  return keysOf(cloud, new URL(outputs.CapturesOutput ?? '').host, 'captures/', '.jsonl');
}

beforeAll(async () => {
  cloud = await TestCloud.start('simulated-device');
  await cloud.deploy(APP);
  evidence = await readEvidence(cloud, ['DeviceFixture'], { roles: rolesNamed(/^LabelsExporter/), isByPolicy: true });
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
  const captureId = '0a0b0c0d-0000-4000-8000-000000000001';
  await agent().captureData({ ...capture('orientation', { inputTensors: [floats('x', [2], [1, 2])] }), captureId });
  const Key = await until('the capture', async () => (await captured()).find((key) => key.endsWith(`${captureId}.jsonl`)));
  expect(Key).toMatch(/^captures\/fixture-camera\/fixture\/orientation\/\d{4}\/\d{2}\/\d{2}\/\d{2}\/.*\.jsonl$/);
  const record = await readUri(cloud, `s3://${new URL(outputs.CapturesOutput ?? '').host}/${Key}`);
  expect(JSON.parse(record.toString())).toMatchObject({
    eventMetadata: { modelName: 'orientation', deviceFleetName: 'fixture' },
  });
  expect(cloud.requests().map(({ operation }) => operation)).toContain('AssumeRoleWithCertificate');
});

describe('what the agent captures by itself', () => {
  // A picture of 48 × 192 that the model is sure of: each value is a byte over 255, so that it can be had back.
  const values = Array.from({ length: 3 * 48 * 192 }, (_, index) => ((index * 31) % 256) / 255);
  const black = values.map(() => 0);
  let events: AlarmMessages;
  let lines: ManifestLine[];

  const exported = async (): Promise<unknown> => exportLabels(cloud, outputs.ExporterOutput);

  beforeAll(async () => {
    const before = (await captured()).length;
    for (const picture of [values, black]) {
      await sleep(SPREAD_MS);
      await agent().predict('orientation', [floats('x', [1, 3, 48, 192], picture)]);
    }
    await until('both captures', async () => (await captured()).length >= before + 2 || undefined);
    events = new AlarmMessages(cloud, outputs.ReadyOutput ?? '');
  });

  test('is on the page of the local cloud, where a real browser shows both pictures and the reasons', async () => {
    const { status, text, pictures, complaints } = await (await Browser.install()).visit(cloud.cloud.endpoints.page);
    expect([status, complaints]).toEqual([200, []]);
    expect(pictures.filter((width) => width === 192).length).toBeGreaterThanOrEqual(2);
    expect(pictures).not.toContain(0);
    expect(text).toContain('fixture-camera, orientation 1.0, ');
    expect(text).toContain('{"reason":"unsure"');
  });

  test('is exported with its reason, and a rule tells where', async () => {
    const [outcome] = await exported() as { captures: number }[];
    const [event] = await until('the event', async () => {
      await events.receive();
      return events.received.length > 0 ? events.received : undefined;
    });
    const { manifest, captures } = event?.detail as { manifest: string; captures: number };
    expect(manifest).toMatch(/\/\d{6}Z-[\da-f-]{36}\/manifest\.jsonl$/); // by hand, so that the next one of this second is another run
    lines = await readManifest(cloud, manifest);
    expect(outcome).toEqual({ model: 'orientation', captures, isComplete: true });
    expect(event).toMatchObject({
      source: 'cdk-sagemaker-edge', 'detail-type': 'Labels Ready', detail: { modelName: 'orientation', count: lines.length, skipped: [] },
    });
    expect(captures).toBe(lines.length); // of the client's capture there is none
    const place = { device: 'fixture-camera', fleet: 'fixture', model: 'orientation', version: '1.0', input: 'x' };
    for (const { metadata } of lines) {
      expect(metadata).toMatchObject({ ...place, prediction: [{ top: [{ class: expect.any(Number) as unknown }, {}] }] });
    }
    expect([...new Set(lines.map(({ metadata }) => metadata.reason))].sort()).toEqual(['sampled', 'unsure']);
  });

  test.each([
    ['unsure', 'of which the model is less sure than it should be', black, (confidence: number) => confidence < 0.7],
    ['sampled', 'of which it is sure', values, (confidence: number) => confidence >= 0.7],
  ])('is %s for a picture %s', async (reason, _, picture, isRight) => {
    const found = lines.filter(({ metadata }) => metadata.reason === reason);
    expect(found.map(({ metadata }) => isRight(metadata.confidence))).toEqual(found.map(() => true));
    const { width, height, data } = PNG.sync.read(await readUri(cloud, found[0]?.['source-ref'] ?? ''));
    expect([width, height]).toEqual([192, 48]);
    const wanted = picture.map((value) => Math.round(value * 255));
    const got = Array.from(wanted, (_value, index) => data[(index % (48 * 192)) * 4 + Math.floor(index / (48 * 192))]);
    expect(got).toEqual(wanted);
  });

  test('is exported once', async () => {
    expect(await exported()).toEqual([{ model: 'orientation', captures: 0, isComplete: true }]);
  });

  test('is exported with rights that were used, but for those that are listed with their reason', () => {
    expect(evidence.unknownCalls()).toEqual([]);
    expect(needlessWidth(evidence.rights(), LISTED)).toEqual([]);
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
