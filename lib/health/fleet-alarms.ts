import { aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions, Duration, Size, Token, type aws_sns as sns } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { LATENCY_BOUNDS } from '../agent/private/health-report';
import { validateInteger, ValidationError } from '../private/validation';
import type { FleetHealth } from './fleet-health';
import { labelOf, seriesOf, watchedSeriesOf, type SeriesOf } from './private/series';

/** Minutes. */
const HOUR = 60;
const DAY = 1440;

/** The alarms of a fleet. */
export enum FleetAlarm {
  /** Too many devices are silent. */
  SILENT_DEVICES = 'SilentDevices',
  /** Too many predictions of a version in a ring fail. */
  ERRORS = 'Errors',
  /** The slowest hundredth of the predictions of a version in a ring is too slow. */
  LATENCY = 'Latency',
  /** What all devices of a ring see together is not what the model was trained for. */
  DRIFT = 'Drift',
  /** Too many devices see what the model was not trained for. */
  DRIFTED_DEVICES = 'DriftedDevices',
  /** Captures pile up on the devices. */
  CAPTURE_BACKLOG = 'CaptureBacklog',
  /** Devices send what cannot be counted. */
  REJECTED_REPORTS = 'RejectedReports',
  /** Reports could not be counted, and wait for a person. */
  DEAD_LETTERS = 'DeadLetters',
}

/** Properties of `FleetAlarms`. */
export interface FleetAlarmsProps {
  /** The health of the fleet. */
  readonly health: FleetHealth;

  /**
   * The topic that is told when an alarm goes off, and when it is over.
   *
   * @default - nobody is told
   */
  readonly topic?: sns.ITopic;

  /**
   * The share of silent devices above which there is an alarm, in percent: 0 to 100. Where the devices are not counted any more there is an
   * alarm, too.
   *
   * @default 5
   */
  readonly silentPercent?: number;

  /**
   * The share of predictions that fail above which there is an alarm, in percent: 0 to 100.
   *
   * @default 1
   */
  readonly errorPercent?: number;

  /**
   * The 99th percentile of the latency above which there is an alarm, in **milliseconds**. It is an upper bound of the buckets that the
   * devices count in: 2, 5, 10, 20, 35, 50, 75, 100, 200, 500 or 2,000.
   *
   * @default - the latency has no alarm, since what is slow depends on the model
   */
  readonly latencyP99Millis?: number;

  /**
   * How far the predictions of all devices together may be from the drift baseline, as a multiple of the threshold: more than 0.
   *
   * @default 1
   */
  readonly driftSeverity?: number;

  /**
   * The share of devices that have drifted above which there is an alarm, in percent: 0 to 100.
   *
   * @default 1
   */
  readonly driftedPercent?: number;

  /**
   * The captures that wait on a device, in the average of the fleet, above which there is an alarm.
   *
   * @default Size.mebibytes(64)
   */
  readonly captureBacklog?: Size;

  /**
   * The number of rejected reports in a period above which there is an alarm: at least 0.
   *
   * @default 10
   */
  readonly rejectedReports?: number;

  /**
   * The alarms that are not made.
   *
   * @default - all are made
   */
  readonly without?: FleetAlarm[];

  /**
   * The period that values are taken over: a whole number of minutes, at least the fleet's report period.
   *
   * @default - 5 minutes, or the report period in whole minutes if that is more
   */
  readonly period?: Duration;

  /**
   * The number of periods that all must be above the limit: at least 1. They may be 1 day together, or 7 days where the period is an hour
   * or more: `PutMetricAlarm` of CloudWatch takes no more.
   *
   * @default 2
   */
  readonly periods?: number;
}

/**
 * Defines alarms of a fleet: silent devices, errors, latency, captures that pile up, and reports that are not counted.
 *
 * Errors, latency and drift have an alarm for each version and ring, so that a new version in a small ring is not hidden by the others.
 * A version that does nothing has no alarm.
 */
export class FleetAlarms extends Construct {
  /** All alarms that there are. */
  public readonly alarms: cloudwatch.Alarm[] = [];

  private readonly period: Duration;
  private readonly periods: number;
  private readonly topic?: sns.ITopic;

  public constructor(scope: Construct, id: string, props: FleetAlarmsProps) {
    super(scope, id);
    const { health, without = [] } = props;
    this.topic = props.topic;
    const reportMinutes = Math.ceil(health.reportPeriod.toSeconds() / 60);
    this.period = props.period ?? Duration.minutes(Math.max(5, reportMinutes));
    this.periods = props.periods ?? 2;
    const minutes = this.period.toMinutes({ integral: false });
    validateInteger(this, 'period in minutes, not below the report period,', minutes, reportMinutes, DAY);
    const together = minutes < HOUR ? DAY : 7 * DAY;
    validateInteger(this, `periods, of ${minutes} minutes each,`, this.periods, 1, Math.floor(together / minutes));
    const make: Readonly<Record<FleetAlarm, () => void>> = {
      [FleetAlarm.SILENT_DEVICES]: () => {
        this.silentDevices(props);
      },
      [FleetAlarm.ERRORS]: () => {
        this.errors(props);
      },
      [FleetAlarm.LATENCY]: () => {
        this.latency(props);
      },
      [FleetAlarm.DRIFT]: () => {
        this.drift(props);
      },
      [FleetAlarm.DRIFTED_DEVICES]: () => {
        this.driftedDevices(props);
      },
      [FleetAlarm.CAPTURE_BACKLOG]: () => {
        this.captureBacklog(props);
      },
      [FleetAlarm.REJECTED_REPORTS]: () => {
        this.rejectedReports(props);
      },
      [FleetAlarm.DEAD_LETTERS]: () => {
        this.deadLetters(props);
      },
    };
    for (const kind of Object.values(FleetAlarm).filter((each) => !without.includes(each))) {
      make[kind]();
    }
  }

  private silentDevices({ health, silentPercent = 5 }: FleetAlarmsProps): void {
    this.checkRange('silentPercent', silentPercent, 0, 100);
    this.alarm('SilentDevices', health.metricSilentPercent({ period: this.period }), silentPercent,
      `more than ${silentPercent} % of the devices of ${health.fleetName} are silent, or nobody counts them any more: look at the silent ones on the dashboard`,
      cloudwatch.TreatMissingData.BREACHING);
  }

  private errors({ health, errorPercent = 1 }: FleetAlarmsProps): void {
    this.checkRange('errorPercent', errorPercent, 0, 100);
    for (const [index, series] of seriesOf(health).entries()) {
      this.alarm(idOf('Errors', series, index), health.metricErrorRate({ ...series, period: this.period }), errorPercent / 100,
        `more than ${errorPercent} % of the predictions of ${labelOf(health, series)} in ${health.fleetName} fail: the worst devices are on the dashboard, the codes are in the history`);
    }
  }

  private latency({ health, latencyP99Millis }: FleetAlarmsProps): void {
    if (latencyP99Millis === undefined) {
      return;
    }
    if (Token.isUnresolved(latencyP99Millis) || !LATENCY_BOUNDS.includes(latencyP99Millis)) {
      const got = Token.isUnresolved(latencyP99Millis) ? 'a token' : latencyP99Millis;
      throw new ValidationError(this, `latencyP99Millis must be one of ${LATENCY_BOUNDS.join(', ')}, since devices count in these buckets, got ${got}`);
    }
    for (const [index, series] of seriesOf(health).entries()) {
      this.alarm(idOf('Latency', series, index), health.metricLatency({ ...series, period: this.period }), latencyP99Millis,
        `the slowest hundredth of the predictions of ${labelOf(health, series)} in ${health.fleetName} takes more than ${latencyP99Millis} ms`);
    }
  }

  private drift({ health, driftSeverity = 1 }: FleetAlarmsProps): void {
    this.checkRange('driftSeverity', driftSeverity, Number.MIN_VALUE, Number.MAX_VALUE);
    for (const [index, series] of watchedSeriesOf(health).entries()) {
      this.alarm(idOf('Drift', series, index), health.metricDriftSeverity({ ...series, period: this.period }), driftSeverity,
        `what the devices of ${health.fleetName} see with ${labelOf(health, series)} has moved away from its drift baseline: label captures of today, and train anew`);
    }
  }

  private driftedDevices({ health, driftedPercent = 1 }: FleetAlarmsProps): void {
    this.checkRange('driftedPercent', driftedPercent, 0, 100);
    for (const [index, series] of watchedSeriesOf(health).entries()) {
      this.alarm(idOf('DriftedDevices', series, index), health.metricDriftedDevices({ ...series, period: this.period }), driftedPercent / 100,
        `more than ${driftedPercent} % of the devices of ${health.fleetName} with ${labelOf(health, series)} have drifted: the worst devices are on the dashboard`);
    }
  }

  private captureBacklog({ health, captureBacklog = Size.mebibytes(64) }: FleetAlarmsProps): void {
    const bytes = captureBacklog.toBytes();
    this.alarm('CaptureBacklog', health.metricCaptureBacklog({ period: this.period }), bytes,
      `more than ${bytes} bytes of captures wait on a device of ${health.fleetName} on average: see whether the role of the devices may write to the capture bucket`);
  }

  private rejectedReports({ health, rejectedReports = 10 }: FleetAlarmsProps): void {
    validateInteger(this, 'rejectedReports', rejectedReports, 0, Number.MAX_SAFE_INTEGER);
    this.alarm('RejectedReports', health.metricRejectedReports({ period: this.period }), rejectedReports,
      `more than ${rejectedReports} reports of ${health.fleetName} were rejected: the dashboard says for which reason. UnknownModel is a version that FleetHealth does not name`);
  }

  private deadLetters({ health }: FleetAlarmsProps): void {
    this.alarm('DeadLetters', health.metricDeadLetters({ period: this.period }), 0,
      `reports of ${health.fleetName} could not be counted: read the log of the aggregator, then move them back from the dead-letter queue`);
  }

  private alarm(
    id: string, metric: cloudwatch.IMetric, threshold: number, alarmDescription: string,
    treatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
  ): void {
    const alarm = new cloudwatch.Alarm(this, id, {
      metric,
      threshold,
      alarmDescription,
      evaluationPeriods: this.periods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData,
    });
    if (this.topic) {
      const action = new actions.SnsAction(this.topic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    this.alarms.push(alarm);
  }

  private checkRange(what: string, value: number, min: number, max: number): void {
    if (Token.isUnresolved(value)) {
      throw new ValidationError(this, `${what} must be known at synth, since it is described, got a token`);
    }
    if (!(value >= min && value <= max)) {
      throw new ValidationError(this, `${what} must be ${min} to ${max}, got ${value}`);
    }
  }
}

/** Of the names, so that an alarm stays the same where another version is named before it. */
function idOf(kind: string, { modelName, modelVersion, ring }: SeriesOf, index: number): string {
  const names = [modelName, modelVersion, ring].map((name) => (Token.isUnresolved(name) ? `Token${index}` : name));
  return [kind, ...names].join('-');
}
