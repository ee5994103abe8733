import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Ajv from 'ajv';
import { fromNumbers } from '../../../agent/client/elements';
import { writeNpy } from '../../../agent/client/npy';
import { isRecord } from '../../../agent/config/reader';
import { Aggregator } from '../../../lambda/health/aggregator/aggregator';
import { baselineId, parseBaseline, type Baseline } from '../../../lib/model/private/drift-baseline';
import { FakeCloud, message, SETTINGS } from '../../lambda/health/fake-cloud';
import { agentBundle, AgentProcess, scratchFolder, waitFor } from '../support/agent-process';
import { IotServer } from '../support/iot-server';
import { identityModel, writePackage } from '../support/models';
import { floats } from '../support/tensors';

jest.setTimeout(120_000); // processes of their own, on a busy machine

const folder = scratchFolder();
const MODEL = identityModel('float32', [1, 1, 2, 3]);
const schema: unknown = JSON.parse(readFileSync('agent/health/report.schema.json', 'utf8'));
let iot: IotServer;
let agent: AgentProcess;

beforeAll(async () => {
  iot = await IotServer.start();
  agent = await AgentProcess.start({
    folder,
    config: {
      sagemaker_edge_provider_provider: 'Custom', sagemaker_edge_heartbeat_period_seconds: 0,
      sagemaker_edge_core_iot_thing_name: 'camera-1', sagemaker_edge_health_rule: 'rule', sagemaker_edge_health_report_period_seconds: 1,
      sagemaker_edge_capture_daily_budget: 10_000,
    },
    environment: iot.environment,
  });
  await agent.calls.loadModel('bare', writePackage(join(folder, 'bare'), MODEL));
});
afterAll(async () => {
  await agent.stop();
  await iot.stop();
});

/** A picture of 2 × 3, somewhat different each time. */
function picture(index: number): number[] {
  return [0, 1, 2, 3, 4, 5].map((place) => Math.sin(index * 7 + place));
}

function makeBaseline(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const program = join(agentBundle(), 'agent-client.js');
  return promisify(execFile)(process.execPath, [program, '-a', agent.socketPath, 'Baseline', ...args]);
}

function samples(name: string, count: number): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (let index = 0; index < count; index += 1) {
    const data = fromNumbers('float32', picture(index));
    writeFileSync(join(path, `${index}.npy`), writeNpy({ type: 'float32', shape: [1, 1, 2, 3], data }));
  }
  return path;
}

async function predict(name: string, times: number, change: (value: number) => number): Promise<void> {
  for (let index = 0; index < times; index += 1) {
    await agent.calls.predict(name, [floats('x', [1, 1, 2, 3], picture(index).map(change))]);
  }
}

/** The reasons of what the agent has captured by itself. */
function reasons(): string[] {
  const captures = join(folder, 'disk');
  const files = existsSync(captures) ? readdirSync(captures, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.jsonl')) : [];
  return files.flatMap((file) => readFileSync(join(captures, file), 'utf8').trim().split('\n')).map((line) => {
    const record: unknown = JSON.parse(line);
    const outputs: unknown = isRecord(record) ? record.deviceFleetAuxiliaryOutputs : undefined;
    const found: unknown = Array.isArray(outputs) ? outputs.find((output: unknown) => isRecord(output) && output.name === 'capture-reason') : undefined;
    return isRecord(found) ? Buffer.from(String(found.data), 'base64').toString('utf8') : line;
  });
}

/** What the newest reports say. */
function verdict(): unknown {
  const verdicts = iot.models.map(({ drift }) => (isRecord(drift) ? drift.drifted : undefined)).filter((drifted) => drifted !== undefined);
  return verdicts.at(-1);
}

it('fails when there are too few samples, and writes nothing', async () => {
  const out = join(folder, 'few.json');
  await expect(makeBaseline('bare', samples('few', 29), '--output', out)).rejects.toMatchObject({
    code: 1, stderr: 'a baseline needs at least 30 samples, got 29\n',
  });
  expect(existsSync(out)).toBe(false);
});

it('fails when no file is given for it', async () => {
  await expect(makeBaseline('bare', folder)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('Baseline: wanted --output <file>, got none') as unknown });
});

describe('a model with a baseline', () => {
  let baseline: Baseline;

  beforeAll(async () => {
    const out = join(folder, 'baseline.json');
    const { stdout, stderr } = await makeBaseline('bare', samples('samples', 40), '--output', out);
    expect(stdout).toBe(`${out}: input.mean, input.deviation, input.roughness, output.confidence, output.surprise, output.length of 40 samples\n`);
    const parsed = parseBaseline(readFileSync(out, 'utf8'));
    if ('problem' in parsed) {
      throw new Error(parsed.problem);
    }
    baseline = parsed;
    expect(stderr).toBe('40 samples: with 200 or more, smaller drift is found\n');
    await agent.calls.loadModel('watched', writePackage(join(folder, 'watched'), MODEL, { version: '2.0', others: { 'drift-baseline.json': readFileSync(out) } }));
  });

  it('has its predictions in the bins of the baseline in the report, which follows the schema', async () => {
    await predict('watched', 40, (value) => value);
    await waitFor('a report with the predictions', () => iot.models.some(({ version, predictions }) => version === '2.0' && Number(predictions) > 0));
    const matches = new Ajv().compile(isRecord(schema) ? schema : {});
    expect(iot.published.filter(({ report }) => !matches(report))).toEqual([]);
    const counted = iot.models.filter(({ version }) => version === '2.0').map(({ predictions, drift }) => {
      const counts = isRecord(drift) && isRecord(drift.counts) ? drift.counts['input.mean'] : [];
      const bins: unknown[] = Array.isArray(counts) ? counts : [];
      return { predictions, inBins: bins.reduce<number>((sum, count) => sum + Number(count), 0) };
    });
    expect(counted.filter(({ predictions, inBins }) => predictions !== inBins)).toEqual([]);
  });

  it('is told to have drifted when it is darker, also by the metrics of its fleet, and not any more when it is not', async () => {
    const until = (what: string, wanted: (text: string) => boolean, change: (value: number) => number): Promise<void> => (
      waitFor(what, async () => {
        await predict('watched', 20, change);
        return wanted(JSON.stringify(verdict() ?? null));
      }, 60_000));
    await until('a verdict without drift', (text) => text === '[]', (value) => value);
    await until('the verdict', (text) => text.includes('input.mean'), (value) => value - 3);
    await until('a capture', () => reasons().length > 0, (value) => value - 3);
    expect(reasons()[0]).toMatch(/^\{"reason":"drifted","confidence":[\d.e-]+\}$/);
    const cloud = new FakeCloud();
    const messages = iot.published.map(({ report }) => message(report, 'camera-1', Date.now()));
    const bins = Object.entries(baseline.features).map(([feature, { counts: ofFeature }]) => [feature, ofFeature] as const);
    const counts = Object.fromEntries(bins);
    const name = 'text-recogniser';
    const models = [{ name, version: '1.0' }, { name, version: '2.0', baseline: { id: baselineId(baseline), counts } }];
    await new Aggregator({ ...SETTINGS, models, silentSeconds: 1 }, cloud.calls).handle(messages);
    expect(cloud.sum('RejectedReports')).toBe(0);
    expect(cloud.told.filter(({ MetricName, Value = 0 }) => MetricName === 'DriftSeverity' && Value > 1)).not.toEqual([]);
    expect(cloud.told.filter(({ MetricName, Values }) => MetricName === 'DriftedDevices' && Values?.includes(1) === true)).not.toEqual([]);
    await until('the end of it', (text) => text === '[]', (value) => value);
  });
});

it('a model without a baseline has no drift in the report', async () => {
  await predict('bare', 1, (value) => value);
  await waitFor('a report', () => iot.models.some(({ version, predictions }) => version === '1.0' && Number(predictions) > 0));
  expect(iot.models.filter(({ version }) => version === '1.0').map(({ drift }) => drift).filter((drift) => drift !== undefined)).toEqual([]);
});

it('FAILED_PRECONDITION for a baseline of another model, or none at all', async () => {
  const other = identityModel('float32', [1, 1, 2, 4]);
  const file = readFileSync(join(folder, 'baseline.json'));
  const load = (name: string, text: Buffer): Promise<unknown> => (
    agent.calls.loadModel(name, writePackage(join(folder, name), other, { others: { 'drift-baseline.json': text } })));
  await expect(load('other', file)).rejects.toThrow(/drift-baseline\.json was made of another model, with the SHA-256/);
  await expect(load('none', Buffer.from('[]'))).rejects.toThrow(/drift-baseline\.json: a baseline must be JSON with "v": 1/);
  await expect(load('large', Buffer.alloc(65_537))).rejects.toThrow(/drift-baseline\.json has 65537 bytes, a baseline has at most 65536/);
});
