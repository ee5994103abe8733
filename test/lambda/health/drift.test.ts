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
function of(drift: Partial<DriftHealth>, thing: string, version = '1.0'): Message {
  const latency = [60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const full = { baseline: BASELINE.id, counts: { 'input.mean': [30, 30, 0] }, ...drift };
  return message(report({ from: NOW - 3_600_000, models: [{ name: 'reader', version, predictions: 60, errors: {}, latency, drift: full }] }), thing);
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
  const { batchItemFailures } = await aggregator.handle([of(drift, 'camera-1', version), of(drift, 'camera-2', version)]);
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
