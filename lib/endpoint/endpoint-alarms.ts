import { aws_cloudwatch as cloudwatch, Token, type aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import type { EndpointInstanceType } from './endpoint-instance-type';
import { EndpointMetrics } from './endpoint-metrics';
import { DEFAULT_VARIANT } from './private/variant-name';

/** Properties of `EndpointAlarms`. */
export interface EndpointAlarmsProps {
  /** The endpoint: a `RealTimeEndpoint`, an L1, or one of another library. */
  readonly endpoint: sagemaker.IEndpointRef;

  /**
   * The name of the variant.
   * @default 'AllTraffic'
   */
  readonly variantName?: string;

  /**
   * The type of the instances, for the ceiling of the use of their processors.
   * @default - the use of processors has no alarm
   */
  readonly instanceType?: EndpointInstanceType;

  /**
   * The use of the processors of an instance above which there is an alarm, in percent of **all** its vCPUs: more than 0, up to 100. It
   * needs an `instanceType` whose vCPUs are known.
   * @default - 80 with such an `instanceType`; above it, a larger type or more instances are needed
   */
  readonly cpuPercent?: number;

  /**
   * The use of the memory of an instance above which there is an alarm, in percent: more than 0, up to 100.
   * @default 85
   */
  readonly memoryPercent?: number;

  /**
   * The share of requests that fail by 5xx above which there is an alarm, in percent: 0 to 100.
   * @default 1
   */
  readonly serverErrorPercent?: number;

  /**
   * The share of requests that are answered by 4xx above which there is an alarm, in percent: 0 to 100.
   * @default - 4xx have no alarm, since they may be a caller's fault
   */
  readonly clientErrorPercent?: number;

  /**
   * The 99th percentile of the container's latency above which there is an alarm, in **milliseconds**: more than 0.
   * @default - the latency has no alarm, since what is slow depends on the model
   */
  readonly modelLatencyMillis?: number;

  /**
   * Of how many minutes all must be above the limit: 1 or more.
   * @default 3
   */
  readonly minutes?: number;
}

/**
 * Defines alarms of an endpoint's variant: its processors, its memory, its errors and its latency.
 *
 * Errors while the processors are full say that the instances are too small or too few. Errors while they are not say that the container or
 * the model is at fault. No requests are no alarm.
 *
 * The alarms can roll an update back: `endpoint.addRollbackAlarms(...alarms.alarms)`.
 */
export class EndpointAlarms extends Construct {
  /** All alarms that there are. */
  public readonly alarms: cloudwatch.Alarm[];

  /** 5xx. */
  public readonly serverErrors: cloudwatch.Alarm;

  /** The memory of the instances. */
  public readonly memory: cloudwatch.Alarm;

  /**
   * The processors of the instances.
   * @default - there is none
   */
  public readonly cpu?: cloudwatch.Alarm;

  /**
   * 4xx.
   * @default - there is none
   */
  public readonly clientErrors?: cloudwatch.Alarm;

  /**
   * The container's latency.
   * @default - there is none
   */
  public readonly modelLatency?: cloudwatch.Alarm;

  private readonly minutes: number;

  public constructor(scope: Construct, id: string, props: EndpointAlarmsProps) {
    super(scope, id);
    const { clientErrorPercent, endpoint, memoryPercent = 85, modelLatencyMillis, serverErrorPercent = 1 } = props;
    const { variantName = DEFAULT_VARIANT } = props;
    validateText(this, 'variantName', variantName, ENTITY_NAME);
    this.minutes = props.minutes ?? 3;
    this.checkRange('minutes', this.minutes, 1, 1440, true);
    const metrics = EndpointMetrics.fromEndpoint(endpoint, { variantName });
    const average = { statistic: cloudwatch.Stats.AVERAGE };

    this.checkRange('serverErrorPercent', serverErrorPercent, 0, 100);
    this.serverErrors = this.alarm('ServerErrors', metrics.metric5xx(average), serverErrorPercent / 100,
      `more than ${serverErrorPercent} % of the requests were answered by 5xx: with full processors, the instances are too small or too few; without, look at the container's log`);
    this.checkRange('memoryPercent', memoryPercent, Number.MIN_VALUE, 100);
    this.memory = this.alarm('Memory', metrics.metricMemoryUtilization(), memoryPercent, `an instance uses more than ${memoryPercent} % of its memory: take a larger type`);
    this.cpu = this.cpuAlarm(props, metrics);
    if (clientErrorPercent !== undefined) {
      this.checkRange('clientErrorPercent', clientErrorPercent, 0, 100);
      this.clientErrors = this.alarm('ClientErrors', metrics.metric4xx(average), clientErrorPercent / 100, `more than ${clientErrorPercent} % of the requests were answered by 4xx`);
    }
    if (modelLatencyMillis !== undefined) {
      this.checkRange('modelLatencyMillis', modelLatencyMillis, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER / 1000);
      this.modelLatency = this.alarm('ModelLatency', metrics.metricModelLatency({ statistic: 'p99' }), modelLatencyMillis * 1000, // microseconds
        `the container takes more than ${modelLatencyMillis} ms for the slowest hundredth of the requests`);
    }
    this.alarms = [this.serverErrors, this.memory, this.cpu, this.clientErrors, this.modelLatency].filter((alarm) => alarm !== undefined);
  }

  private cpuAlarm({ cpuPercent, instanceType }: EndpointAlarmsProps, metrics: EndpointMetrics): cloudwatch.Alarm | undefined {
    const vcpus = instanceType?.vcpus;
    const percent = cpuPercent ?? 80;
    this.checkRange('cpuPercent', percent, Number.MIN_VALUE, 100);
    if (vcpus !== undefined) {
      return this.alarm('Cpu', metrics.metricCpuUtilization(), vcpus * percent, `an instance uses more than ${percent} % of its ${vcpus} vCPUs: take more instances, or a larger type`);
    }
    if (cpuPercent !== undefined) {
      throw new ValidationError(this, `cpuPercent needs an instanceType whose vCPUs are known, since the metric sums over vCPUs, got ${instanceType?.toString() ?? 'none'}: give vcpus to EndpointInstanceType.of`);
    }
    return undefined;
  }

  private alarm(id: string, metric: cloudwatch.Metric, threshold: number, alarmDescription: string): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, id, {
      metric,
      threshold,
      alarmDescription,
      evaluationPeriods: this.minutes,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }

  private checkRange(what: string, value: number, min: number, max: number, isWhole = false): void {
    const isRight = value >= min && value <= max && (!isWhole || Number.isInteger(value));
    if (!Token.isUnresolved(value) && !isRight) {
      const from = min === Number.MIN_VALUE ? 'more than 0, up to' : `${min} to`;
      throw new ValidationError(this, `${what} must be ${isWhole ? 'a whole number, ' : ''}${from} ${max}, got ${value}`);
    }
    if (Token.isUnresolved(value)) {
      throw new ValidationError(this, `${what} must be known at synth, since it is calculated with, got a token`);
    }
  }
}
