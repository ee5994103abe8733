import { Aggregator } from '../../../lambda/health/aggregator/aggregator';
import { parseSettings } from '../../../lambda/health/settings';
import type { DriftHealth } from '../../../lib/agent/private/health-report';
import { FakeCloud, message, NOW, report, SETTINGS, type Message } from './fake-cloud';

const BASELINE = { id: 'a'.repeat(16), counts: { 'input.mean': [100, 100, 0], 'output.length': [100, 100, 0] } };
let cloud: FakeCloud;
let aggregator: Aggregator;
beforeEach(() => {
  cloud = new FakeCloud();
  aggregator = new Aggregator({ ...SETTINGS, models: [{ name: 'reader', version: '1.0', baseline: BASELINE }, { name: 'reader', version: '1.1' }] }, cloud.calls);
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});

/** The report of a device with 60 predictions. */
function of(drift: Partial<DriftHealth>, thing: string, { version = '1.0', ring = 'main' } = {}): Message {
  const latency = [60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const full = { baseline: BASELINE.id, counts: { 'input.mean': [30, 30, 0] }, ...drift };
  return message(report({ from: NOW - 3_600_000, ring, models: [{ name: 'reader', version, predictions: 60, errors: {}, latency, drift: full }] }), thing);
}

function values(name: string): (number | undefined)[] {
  return cloud.told.filter(({ MetricName }) => MetricName === name).map(({ Value }) => Value);
}

it('counts of devices are added up, and judged from 100 predictions on', async () => {
  await aggregator.handle([of({}, 'camera-1')]);
  expect(values('DriftSeverity')).toEqual([]);
  await aggregator.handle([of({ counts: { 'input.mean': [60, 0, 0] } }, 'camera-2'), of({ counts: { 'input.mean': [60, 0, 0] } }, 'camera-3')]);
  expect(values('DriftSeverity')[0]).toBeGreaterThan(1);
  expect(values('DriftDistance')[0]).toBeCloseTo(0.5);
  expect(values('DriftDivergence')[0]).toBeGreaterThan(0.4);
});

describe('counts that are too few at once are kept', () => {
  const dark = { counts: { 'input.mean': [60, 0, 0] } };

  it('and judged together with those that come later', async () => {
    await aggregator.handle([of(dark, 'camera-1')]);
    expect(values('DriftSeverity')).toEqual([]);
    await aggregator.handle([of(dark, 'camera-2')]);
    const [severity = 0] = values('DriftSeverity');
    expect(severity).toBeGreaterThan(1);
    expect(values('DriftDistance')).toEqual([0.5]);
    expect(cloud.told.find(({ MetricName }) => MetricName === 'DriftSeverity')).toMatchObject({
      Dimensions: [{ Value: 'fleet-1' }, { Value: 'reader' }, { Value: '1.0' }, { Value: 'main' }], Timestamp: new Date(NOW - NOW % 60_000),
    });
  });

  it('until they were judged, and no longer', async () => {
    await aggregator.handle([of(dark, 'camera-1')]);
    await aggregator.handle([of(dark, 'camera-2')]);
    await aggregator.handle([of({}, 'camera-3')]);
    await aggregator.handle([of({}, 'camera-4')]);
    expect(values('DriftDistance')).toEqual([0.5, 0]);
  });

  it('for each ring by itself', async () => {
    await aggregator.handle([of(dark, 'camera-1')]);
    await aggregator.handle([of(dark, 'camera-2', { ring: 'canary' })]);
    expect(values('DriftSeverity')).toEqual([]);
  });

  it('and a report that comes twice is in them once', async () => {
    const twice = [of(dark, 'camera-1')];
    await aggregator.handle(twice);
    await aggregator.handle(twice);
    expect(values('DriftSeverity')).toEqual([]);
  });

  it('and nothing is kept of a device that has predicted nothing', async () => {
    await aggregator.handle([of({ counts: { 'input.mean': [0, 0, 0] } }, 'camera-1')]);
    expect([...cloud.ledger.keys()].filter((key) => key.startsWith('drift'))).toEqual([]);
  });

  it('by two that add at once, and judged by one of them', async () => {
    const other = new Aggregator({ ...SETTINGS, models: [{ name: 'reader', version: '1.0', baseline: BASELINE }] }, cloud.calls);
    await aggregator.handle([of(dark, 'camera-1')]);
    await Promise.all([aggregator.handle([of(dark, 'camera-2')]), other.handle([of(dark, 'camera-3')])]);
    expect(values('DriftSeverity')).toHaveLength(1);
  });

  it.each(['updateItem', 'putItem', 'putMetricData'])('unless %s fails, which is told and brings no report again', async (call) => {
    await aggregator.handle([of(dark, 'camera-1')]);
    let calls = 0;
    cloud.before = (name): void => {
      calls += name === call ? 1 : 0;
      if (name === call && calls === 2) { // the first is the ledger's, or what the reports themselves tell
        throw new Error('down');
      }
    };
    expect(await aggregator.handle([of(dark, 'camera-2')])).toEqual({ batchItemFailures: [] });
    expect(values('DriftSeverity')).toEqual([]);
    expect(console.log).toHaveBeenCalledWith(expect.stringContaining('counts of drift are lost'));
  });
});

it('what is as it was has no drift', async () => {
  await aggregator.handle([of({}, 'camera-1'), of({}, 'camera-2')]);
  expect(values('DriftSeverity')).toEqual([0]);
});

it.each([
  ['of another baseline', { baseline: 'b'.repeat(16) }, '1.0'],
  ['of another number of bins', { counts: { 'input.mean': [60, 0, 0, 0] } }, '1.0'],
  ['of features that the baseline lacks', { counts: { 'input.other': [60, 0, 0], 'constructor.name': [60, 0, 0] } }, '1.0'],
  ['of a version without a baseline', {}, '1.1'],
])('counts %s are not judged', async (_, drift, version) => {
  const { batchItemFailures } = await aggregator.handle([of(drift, 'camera-1', { version }), of(drift, 'camera-2', { version })]);
  expect(batchItemFailures).toEqual([]);
  expect(values('DriftSeverity')).toEqual([]);
  expect(cloud.sum('RejectedReports')).toBe(0);
});

it('each device with a verdict counts as drifted or not, and one without as neither', async () => {
  await aggregator.handle([of({ drifted: [] }, 'camera-1'), of({ drifted: [] }, 'camera-2'), of({ drifted: ['input.mean'] }, 'camera-3'), of({}, 'camera-4')]);
  expect(cloud.told).toContainEqual(expect.objectContaining({ MetricName: 'DriftedDevices', Values: [0, 1], Counts: [2, 1] }));
});

it('the row of a device says in what it has drifted', async () => {
  await aggregator.handle([of({ drifted: ['input.mean', 'output.length'] }, 'camera-1'), of({ drifted: [] }, 'camera-2')]);
  expect(cloud.devices.get('camera-1')?.drifted).toEqual({ S: 'reader: input.mean output.length' });
  expect(cloud.devices.get('camera-2')?.drifted).toEqual({ S: '' });
});

it('a report that comes twice is judged once', async () => {
  const twice = [of({ drifted: [] }, 'camera-1'), of({ drifted: [] }, 'camera-2')];
  await aggregator.handle(twice);
  await aggregator.handle(twice);
  expect(values('DriftSeverity')).toHaveLength(1);
});

it('the settings have the baselines of models', () => {
  const settings = { ...SETTINGS, models: [{ name: 'reader', version: '1.0', baseline: BASELINE }, { name: 'reader', version: '1.1' }] };
  expect(parseSettings(JSON.stringify(settings))).toEqual(settings);
});

it('fails when the baseline in the settings is none', () => {
  const settings = { ...SETTINGS, models: [{ name: 'reader', version: '1.0', baseline: { id: 1 } }] };
  expect(() => parseSettings(JSON.stringify(settings))).toThrow('the baseline of a model must have an id, and counts by feature');
});
