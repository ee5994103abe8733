import { aws_cloudwatch as cloudwatch, Duration, type aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENTITY_NAME, validateText } from '../private/validation';
import type { EndpointInstanceType } from './endpoint-instance-type';
import { EndpointMetrics } from './endpoint-metrics';
import { DEFAULT_VARIANT } from './private/variant-name';

/** Properties of an `EndpointDashboard`. */
export interface EndpointDashboardProps {
  /** The endpoint: a `RealTimeEndpoint`, an L1, or one of another library. */
  readonly endpoint: sagemaker.IEndpointRef;

  /**
   * The name of the variant.
   * @default 'AllTraffic'
   */
  readonly variantName?: string;

  /**
   * The type of the instances. With its vCPUs, the use of the processors is shown in percent of all of them, with the range of 60 to 70 %
   * that an endpoint is best run at.
   * @default - the use of the processors is shown as CloudWatch has it, summed over vCPUs
   */
  readonly instanceType?: EndpointInstanceType;

  /**
   * The name of the dashboard: letters, digits, hyphens and underscores.
   * @default - CloudFormation generates one
   */
  readonly dashboardName?: string;
}

/**
 * Defines a dashboard of an endpoint's variant: requests a second, errors, latencies in milliseconds, and the use of the instances.
 */
export class EndpointDashboard extends Construct {
  /** The dashboard itself, to which more widgets can be added. */
  public readonly dashboard: cloudwatch.Dashboard;

  public constructor(scope: Construct, id: string, props: EndpointDashboardProps) {
    super(scope, id);
    const { dashboardName, endpoint, instanceType, variantName = DEFAULT_VARIANT } = props;
    validateText(this, 'variantName', variantName, ENTITY_NAME);
    const metrics = EndpointMetrics.fromEndpoint(endpoint, { variantName });
    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', { dashboardName });
    this.dashboard.addWidgets(requests(metrics), errors(metrics));
    this.dashboard.addWidgets(latency('Model latency', 'ModelLatency', (statistic) => metrics.metricModelLatency({ statistic })),
      latency('Overhead latency', 'OverheadLatency', (statistic) => metrics.metricOverheadLatency({ statistic })));
    this.dashboard.addWidgets(cpu(metrics, instanceType?.vcpus), memory(metrics, (instanceType?.gpus ?? 0) > 0));
  }
}

function requests(metrics: EndpointMetrics): cloudwatch.GraphWidget {
  const perSecond = everyMinute({
    expression: 'm / PERIOD(m)', label: 'requests a second', usingMetrics: { m: metrics.metricInvocations() },
  });
  return graph('Requests', {
    left: [perSecond], leftYAxis: { label: 'requests a second', showUnits: false, min: 0 },
    right: [metrics.metricInvocationsPerInstance({ label: 'requests for each instance and minute' })],
    rightYAxis: { label: 'a minute', showUnits: false, min: 0 },
  });
}

function errors(metrics: EndpointMetrics): cloudwatch.GraphWidget {
  return graph('Errors', {
    left: [metrics.metric4xx({ label: '4xx' }), metrics.metric5xx({ label: '5xx' }), metrics.metricModelErrors({ label: 'of the container' })],
    leftYAxis: { label: 'requests a minute', showUnits: false, min: 0 },
  });
}

/** CloudWatch has microseconds. */
function latency(title: string, name: string, metricOf: (statistic: string) => cloudwatch.Metric): cloudwatch.GraphWidget {
  const left = ['p50', 'p90', 'p99'].map((statistic) => {
    const key = `${name.charAt(0).toLowerCase()}${name.slice(1)}${statistic}`;
    return everyMinute({ expression: `${key} / 1000`, label: statistic, usingMetrics: { [key]: metricOf(statistic) } });
  });
  return graph(title, { left, leftYAxis: { label: 'ms', showUnits: false, min: 0 } });
}

function cpu(metrics: EndpointMetrics, vcpus: number | undefined): cloudwatch.GraphWidget {
  if (vcpus === undefined) {
    return graph('Processors', { left: [metrics.metricCpuUtilization()], leftYAxis: { label: 'percent, summed over vCPUs', showUnits: false, min: 0 } });
  }
  const percent = everyMinute({
    expression: `cpu / ${vcpus}`, label: `percent of ${vcpus} vCPUs`, usingMetrics: { cpu: metrics.metricCpuUtilization() },
  });
  return graph('Processors', {
    left: [percent], leftYAxis: { label: 'percent', showUnits: false, min: 0, max: 100 },
    leftAnnotations: [{ value: 60, label: 'best from 60' }, { value: 70, label: 'to 70 percent' }],
  });
}

function memory(metrics: EndpointMetrics, hasGpu: boolean): cloudwatch.GraphWidget {
  const gpu = hasGpu ? [metrics.metricGpuUtilization({ label: 'GPUs, summed' }), metrics.metricGpuMemoryUtilization({ label: 'memory of GPUs, summed' })] : [];
  return graph(hasGpu ? 'Memory and GPUs' : 'Memory', {
    left: [metrics.metricMemoryUtilization({ label: 'memory' }), metrics.metricDiskUtilization({ label: 'disk' }), ...gpu],
    leftYAxis: { label: 'percent', showUnits: false, min: 0 },
  });
}

/** In the period of its metrics: an expression has five minutes otherwise, and CDK warns of it. */
function everyMinute(props: cloudwatch.MathExpressionProps): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({ period: Duration.minutes(1), ...props });
}

function graph(title: string, props: cloudwatch.GraphWidgetProps): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, width: 12, height: 6, ...props });
}
