import { App, aws_cloudwatch as cloudwatch, Stack } from 'aws-cdk-lib';
import { FleetDashboard, FleetHealth, MonitoredModel } from '../../../lib';
import { readDashboard } from '../../../local/health/dashboard';

/** The body of the library's own dashboard. What CloudFormation would fill in is `reference`. */
function ownBody(): string {
  const stack = new Stack(new App(), 'S', { env: { account: '000000000000', region: 'us-east-1' } });
  const health = new FleetHealth(stack, 'H', { fleetName: 'shop', models: [MonitoredModel.fromName('reader', '2.0', '1.0')] });
  const made = new FleetDashboard(stack, 'D', { health }).dashboard.node.defaultChild;
  if (!(made instanceof cloudwatch.CfnDashboard)) {
    throw new Error('there is no dashboard');
  }
  const body = stack.resolve(made.dashboardBody) as { readonly 'Fn::Join': readonly [string, readonly unknown[]] };
  return body['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'reference')).join('');
}

const widget = (properties: Record<string, unknown>, type = 'metric'): string => JSON.stringify({ widgets: [{ type, width: 12, properties }] });
const graph = (metrics: unknown): string => widget({ title: 'T', view: 'timeSeries', metrics });

describe('the dashboard of a fleet, as the local page reads it', () => {
  const widgets = readDashboard(ownBody());

  test('has each widget, in its order', () => {
    expect(widgets.map(({ title, kind }) => [title, kind])).toEqual([
      ['Fleet shop', 'numbers'], ['Versions in the field', 'graph'], ['Predictions', 'graph'], ['Errors', 'graph'], ['Latency', 'graph'],
      ['Captures that wait, and memory', 'graph'], ['Rejected reports', 'graph'], ['Worst and silent devices', 'custom'],
    ]);
  });

  test('has a line for each version, with all dimensions', () => {
    const dimensions = (version: string): unknown => [
      { Name: 'FleetName', Value: 'shop' }, { Name: 'ModelName', Value: 'reader' }, { Name: 'ModelVersion', Value: version },
      { Name: 'Ring', Value: 'main' },
    ];
    expect(widgets[2]).toMatchObject({
      unit: 'predictions',
      lines: ['2.0', '1.0'].map((version) => ({
        label: `reader ${version}`, factor: 1,
        series: { namespace: 'EdgeFleet', name: 'Predictions', statistic: 'Sum', periodSeconds: 300, dimensions: dimensions(version) },
      })),
    });
  });

  test('shows the share of errors in percent, by the expression of each version', () => {
    const [first] = widgets[3]?.kind === 'graph' ? widgets[3].lines : [];
    expect(first).toMatchObject({ label: 'reader 2.0', factor: 100, series: { name: 'Errors', statistic: 'Average' } });
  });
});

test.each([
  ['it is no body', '{}', /has widgets/],
  ['a widget has no properties', '{"widgets":[{}]}', /a widget has properties/],
  ['a widget is a text', widget({ markdown: '# T' }, 'text'), /a custom one, or one of metrics/],
  ['a widget has an unknown view', widget({ view: 'pie', metrics: [] }), /a custom one, or one of metrics/],
  ['a metric is no list', graph(['N']), /a metric of a widget is a list/],
  ['a metric is shortened', graph([['N', 'M'], ['.', 'M2']]), /without the short forms/],
  ['a metric has no name', graph([['N']]), /a line is a metric or an expression/],
  ['an expression is a search', graph([[{ expression: "SEARCH('{N}', 'Sum')" }]]), /a number times the id of a metric/],
  ['an expression names what is not there', graph([[{ expression: '2 * m1' }]]), /a number times the id of a metric/],
])('fails when %s', (_, body, message) => {
  expect(() => readDashboard(body)).toThrow(message);
});
