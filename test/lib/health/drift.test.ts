import { createHash } from 'node:crypto';
import { App, Stack, type aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FleetAlarm, FleetAlarms, FleetDashboard, FleetHealth, ModelSource, MonitoredModel, OnnxModel, type FleetAlarmsProps } from '../../../lib';
import { SERIES_METRICS } from '../../../lib/health/private/contract';
import { onnxBytes } from '../onnx-bytes';
import { modelFolder } from '../temp-models';

const onnx = onnxBytes();
const modelSha256 = createHash('sha256').update(onnx).digest('hex');
const bins = [10, 10, 10, 0];
let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } });
});

function watched(modelName: string, features = ['input.mean']): OnnxModel {
  const baseline = {
    v: 1, modelSha256, samples: 30, features: Object.fromEntries(features.map((name) => [name, { edges: [0, 1], counts: bins }])),
  };
  const folder = modelFolder({ 'model.onnx': onnx, 'drift-baseline.json': JSON.stringify(baseline) });
  return new OnnxModel(stack, modelName, { model: ModelSource.fromAsset(folder), modelName, modelVersion: '1.1' });
}

function health(...models: MonitoredModel[]): FleetHealth {
  return new FleetHealth(stack, 'Health', { fleetName: 'shop', models, rings: ['main', 'canary'] });
}

function alarms(props: Partial<FleetAlarmsProps> = {}): cloudwatch.Alarm[] {
  const fleet = health(MonitoredModel.fromModel(watched('reader'), '1.0'), MonitoredModel.fromName('other', '1.0'));
  const others = Object.values(FleetAlarm).filter((kind) => kind !== FleetAlarm.DRIFT && kind !== FleetAlarm.DRIFTED_DEVICES);
  return new FleetAlarms(stack, 'Alarms', { health: fleet, without: others, ...props }).alarms;
}

test('there are alarms of drift for the version with a baseline in each ring, and for no other', () => {
  expect(alarms().map(({ node }) => node.id)).toEqual([
    'Drift-reader-1.1-main', 'Drift-reader-1.1-canary', 'DriftedDevices-reader-1.1-main', 'DriftedDevices-reader-1.1-canary',
  ]);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'DriftSeverity', Threshold: 1, Statistic: 'Average', TreatMissingData: 'notBreaching' });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'DriftedDevices', Threshold: 0.01, EvaluationPeriods: 2 });
});

test.each([FleetAlarm.DRIFT, FleetAlarm.DRIFTED_DEVICES])('%s can be left out', (kind) => {
  expect(alarms({ without: [kind] }).filter(({ node }) => node.id.startsWith(`${kind}-`))).toEqual([]);
});

test('the limits of the alarms of drift can be given', () => {
  alarms({ driftSeverity: 3, driftedPercent: 20 });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'DriftSeverity', Threshold: 3 });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'DriftedDevices', Threshold: 0.2 });
});

test.each([{ driftSeverity: 0 }, { driftedPercent: 101 }, { driftedPercent: -1 }])('fails when a limit of drift is out of its range: %j', (props) => {
  expect(() => alarms(props)).toThrow(/drift\w+ must be/);
});

test('the functions are told of the bins', () => {
  health(MonitoredModel.fromModel(watched('reader'), '1.0'));
  const functions = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
  expect(JSON.stringify(functions)).toContain(JSON.stringify(JSON.stringify({ counts: { 'input.mean': bins } }).slice(1, -1)).slice(1, -1));
});

test('the dashboard shows all metrics of drift', () => {
  new FleetDashboard(stack, 'Dashboard', { health: health(MonitoredModel.fromModel(watched('reader'))) });
  const shown = JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  expect(SERIES_METRICS.filter((name) => !shown.includes(name))).toEqual([]);
});

test('the dashboard of models without a baseline has no widget of drift', () => {
  new FleetDashboard(stack, 'Dashboard', { health: health(MonitoredModel.fromName('reader', '1.0')) });
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'))).not.toContain('Drift');
});

test('fails when the baselines do not fit into the settings of a function', () => {
  const features = ['input.mean', 'input.deviation', 'input.roughness', 'output.confidence', 'output.surprise', 'output.length'];
  const models = Array.from({ length: 20 }, (_, index) => MonitoredModel.fromModel(watched(`reader-${index}`, features)));
  expect(() => new FleetHealth(stack, 'Health', { fleetName: 'shop', models })).toThrow(/the drift baselines of models must have at most 2600 bytes together in the settings of a function, got \d+ of 20 models/);
});
