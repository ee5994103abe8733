import { App, Stack, type aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FleetHealth, MonitoredModel, type FleetHealthAttributes, type IFleetHealth } from '../../../lib';
import { healthStack } from './health-stack';

const ATTRS: FleetHealthAttributes = { fleetName: 'shop', models: [MonitoredModel.fromName('reader', '2.0', '1.0')] };

function imported(attrs: Partial<FleetHealthAttributes> = {}): IFleetHealth {
  const stack = new Stack(new App(), 'Other', { env: { account: '111122223333', region: 'eu-west-1' } });
  return FleetHealth.fromFleetHealthAttributes(stack, 'Health', { ...ATTRS, ...attrs });
}

function shown({ dimensions = {}, metricName, namespace, statistic }: cloudwatch.Metric): object {
  return { namespace, metricName, statistic, dimensions };
}

test('has the names that were given, and the default ring', () => {
  expect(imported()).toMatchObject({ fleetName: 'shop', models: ATTRS.models, rings: ['main'] });
});

test('adds nothing to its stack', () => {
  expect(Template.fromStack(Stack.of(imported())).toJSON()).not.toHaveProperty('Resources');
});

test('has metrics of the fleet', () => {
  expect(shown(imported().metricDevicesSilent())).toEqual({
    namespace: 'EdgeFleet', metricName: 'DevicesSilent', statistic: 'Maximum', dimensions: { FleetName: 'shop' },
  });
});

test('has metrics by model, version and ring, in the namespace of the fleet', () => {
  const health = imported({ rings: ['canary', 'rest'], metricNamespace: 'Shops' });
  expect(shown(health.metricErrorRate({ modelVersion: '1.0', ring: 'canary' }))).toEqual({
    namespace: 'Shops', metricName: 'Errors', statistic: 'Average',
    dimensions: { FleetName: 'shop', ModelName: 'reader', ModelVersion: '1.0', Ring: 'canary' },
  });
});

test('has the newest version by default', () => {
  expect(imported().metricPredictions().dimensions).toMatchObject({ ModelVersion: '2.0', Ring: 'main' });
});

test('has the same metrics as the health that it stands for', () => {
  const { health } = healthStack();
  const { fleetName, models, rings } = health;
  const all = (each: IFleetHealth): object[] => [
    each.metricPredictions(), each.metricErrors(), each.metricErrorRate(), each.metricLatency(), each.metricReports(),
    each.metricDriftSeverity(), each.metricDriftDivergence(), each.metricDriftDistance(), each.metricDriftedDevices(),
    each.metricDevicesReporting(), each.metricDevicesSilent(), each.metricSilentPercent(), each.metricCaptureBacklog(), each.metricMemory(),
    each.metricRejectedReports(),
  ].map(shown);
  expect(all(imported({ fleetName, models, rings }))).toEqual(all(health));
});

test.each<[string, Partial<FleetHealthAttributes>, string]>([
  ['the name of the fleet is none', { fleetName: 'a/b' }, 'fleetName must be letters, digits and hyphens'],
  ['there is no model', { models: [] }, 'models must have at least one, got none'],
  ['a model is there twice', { models: [...ATTRS.models, ...ATTRS.models] }, "models must have different names, got 'reader' twice"],
  ['there is no ring', { rings: [] }, 'rings must be 1 to 5, got 0'],
  ['a ring is there twice', { rings: ['a', 'a'] }, "rings must be different, got 'a' twice"],
  ['the namespace is of AWS', { metricNamespace: 'AWS/IoT' }, 'metricNamespace must be letters, digits'],
])('fails when %s', (_, attrs, words) => {
  expect(() => imported(attrs)).toThrow(words);
});

test('fails when a metric is asked for of a version that there is none of', () => {
  expect(() => imported().metricErrors({ modelVersion: '3.0' })).toThrow("modelVersion of 'reader' must be one of 2.0, 1.0, got '3.0'");
});
