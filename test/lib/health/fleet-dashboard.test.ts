import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FleetDashboard, FleetHealth, MonitoredModel, type FleetHealthProps } from '../../../lib';
import { FLEET_METRICS, SERIES_METRICS } from '../../../lib/health/private/contract';
import { isRecord } from '../../../lib/private/objects';
import { healthStack } from './health-stack';

interface Widget { readonly type: string; readonly title: string; readonly metrics: readonly unknown[]; readonly endpoint: string }

function widgets(stack: Stack): Widget[] {
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  const properties: unknown = dashboard?.Properties;
  const body = isRecord(properties) ? JSON.stringify(properties.DashboardBody) : '';
  const joined: unknown = JSON.parse(body);
  const parts = isRecord(joined) && Array.isArray(joined['Fn::Join']) ? joined['Fn::Join'] : [];
  const [, texts] = parts.map((part: unknown) => part);
  const text = Array.isArray(texts) ? texts.map((part: unknown) => (typeof part === 'string' ? part : 'reference')).join('') : '';
  const read: unknown = JSON.parse(text);
  const list = isRecord(read) && Array.isArray(read.widgets) ? read.widgets.filter(isRecord) : [];
  return list.map(({ type, properties: of }) => {
    const { title, metrics, endpoint } = isRecord(of) ? of : {};
    return { type: String(type), title: String(title), metrics: Array.isArray(metrics) ? metrics : [], endpoint: String(endpoint) };
  });
}

function dashboard(props: Partial<FleetHealthProps> = {}): Widget[] {
  const { stack, health } = healthStack(props);
  new FleetDashboard(stack, 'Dashboard', { health });
  return widgets(stack);
}

test('a page shows devices, versions, predictions, errors, latency, captures, rejections and the worst devices', () => {
  expect(dashboard().map(({ title }) => title)).toEqual([
    'Fleet shop', 'Versions in the field', 'Predictions', 'Errors', 'Latency', 'Captures that wait, and memory', 'Rejected reports',
    'Worst and silent devices',
  ]);
});

test('every metric that the functions write is on it, but for the share that has an alarm', () => {
  const shown = JSON.stringify(dashboard());
  const ofAll = SERIES_METRICS.filter((name) => !name.startsWith('Drift')); // those of drift: drift.test.ts
  const missing = [...ofAll, ...FLEET_METRICS].filter((name) => !shown.includes(`"${name}"`));
  expect(missing).toEqual(['SilentPercent']);
});

test('each version in each ring has its own line', () => {
  const models = [MonitoredModel.fromName('reader', '1.1', '1.0')];
  const versions = dashboard({ models, rings: ['main', 'canary'] }).find(({ title }) => title === 'Versions in the field');
  const labels = [...JSON.stringify(versions?.metrics).matchAll(/"label":"([^"]*)"/g)].map(([, label]) => label);
  expect(labels).toEqual(['reader 1.1 main', 'reader 1.1 canary', 'reader 1.0 main', 'reader 1.0 canary']);
});

test('a fleet with one ring does not tell it', () => {
  expect(JSON.stringify(dashboard())).toContain('"label":"reader 1.1"');
});

test('the worst devices are drawn by a function', () => {
  const widget = dashboard().find(({ type }) => type === 'custom');
  expect(widget?.endpoint).toBe('reference');
});

test('it can have a name', () => {
  const { stack, health } = healthStack();
  new FleetDashboard(stack, 'Dashboard', { health, dashboardName: 'shop' });
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'shop' });
  expect(health).toBeInstanceOf(FleetHealth);
});
