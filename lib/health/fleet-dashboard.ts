import { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { FleetHealth } from './fleet-health';
import { labelOf, seriesOf, watchedSeriesOf, type SeriesOf } from './private/series';

/** Properties of a `FleetDashboard`. */
export interface FleetDashboardProps {
  /** The health of the fleet. */
  readonly health: FleetHealth;

  /**
   * The name of the dashboard: letters, digits, hyphens and underscores.
   *
   * @default - CloudFormation generates one
   */
  readonly dashboardName?: string;
}

const WIDTH = 24;
const HEIGHT = 6;

/**
 * Defines a dashboard of a fleet: how many devices report, which versions they run, how often these fail and how fast they are, and the
 * worst and the silent devices by name.
 *
 * A function draws the widget with the devices. Who looks at it needs `lambda:InvokeFunction` on it, and is asked for consent once.
 */
export class FleetDashboard extends Construct {
  /** The dashboard itself, to which more widgets can be added. */
  public readonly dashboard: cloudwatch.Dashboard;

  public constructor(scope: Construct, id: string, props: FleetDashboardProps) {
    super(scope, id);
    const { dashboardName, health } = props;
    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', { dashboardName });
    this.dashboard.addWidgets(new cloudwatch.SingleValueWidget({
      title: `Fleet ${health.fleetName}`, width: WIDTH, height: 3,
      metrics: [
        health.metricDevicesReporting({ label: 'devices report' }),
        health.metricDevicesSilent({ label: 'are silent' }),
        health.metricRejectedReports({ label: 'reports rejected' }),
        health.metricDeadLetters({ label: 'reports wait for a person' }),
      ],
    }));
    const series = seriesOf(health).map((each) => ({ each, label: labelOf(health, each) }));
    this.dashboard.addWidgets(
      graph('Versions in the field', 'reports', { left: series.map(({ each, label }) => health.metricReports({ ...each, label })), stacked: true }),
      graph('Predictions', 'predictions', { left: series.map(({ each, label }) => health.metricPredictions({ ...each, label })), stacked: true }),
    );
    this.dashboard.addWidgets(
      graph('Errors', 'percent', { left: series.map(({ each, label }, index) => percentOf(health.metricErrorRate(each), label, index)) }),
      graph('Latency', 'ms', {
        left: series.flatMap(({ each, label }) => ['p50', 'p99'].map((statistic) => (
          health.metricLatency({ ...each, statistic, label: `${label} ${statistic}` })))),
      }),
    );
    this.addDrift(health);
    this.dashboard.addWidgets(
      graph('Captures that wait, and memory', 'bytes', {
        left: [
          health.metricCaptureBacklog({ label: 'captures, average' }),
          health.metricCaptureBacklog({ label: 'captures, most', statistic: cloudwatch.Stats.MAXIMUM }),
          health.metricMemory({ label: 'memory, average' }),
        ],
      }),
      graph('Rejected reports', 'reports', { left: health._rejectedByReason }),
    );
    this.dashboard.addWidgets(new cloudwatch.CustomWidget({
      title: 'Worst and silent devices', functionArn: health._widget.functionArn, width: WIDTH, height: 2 * HEIGHT,
    }));
  }

  /** Where a model has a baseline. */
  private addDrift(health: FleetHealth): void {
    const watched = watchedSeriesOf(health).map((each: SeriesOf) => ({ each, label: labelOf(health, each) }));
    if (watched.length === 0) {
      return;
    }
    const distances = watched.flatMap(({ each, label }) => [
      health.metricDriftDivergence({ ...each, label: `${label} divergence` }),
      health.metricDriftDistance({ ...each, label: `${label} distance` }),
    ]);
    this.dashboard.addWidgets(
      graph('Drift of all devices together', 'times the threshold', {
        left: watched.map(({ each, label }) => health.metricDriftSeverity({ ...each, label })), leftAnnotations: [{ value: 1, label: 'drift' }], right: distances, rightYAxis: { label: '0 to 1', showUnits: false, min: 0, max: 1 },
      }),
      graph('Devices that have drifted', 'percent', {
        left: watched.map(({ each, label }, index) => percentOf(health.metricDriftedDevices(each), label, index)),
      }),
    );
  }
}

/** With names of its own for each, since a graph has several. */
function percentOf(metric: cloudwatch.IMetric, label: string, index: number): cloudwatch.MathExpression {
  const share = `share${index}`;
  return new cloudwatch.MathExpression({ expression: `100 * ${share}`, usingMetrics: { [share]: metric }, label });
}

function graph(title: string, unit: string, props: cloudwatch.GraphWidgetProps): cloudwatch.GraphWidget {
  const leftYAxis = { label: unit, showUnits: false, min: 0 };
  return new cloudwatch.GraphWidget({ title, width: WIDTH / 2, height: HEIGHT, leftYAxis, ...props });
}
