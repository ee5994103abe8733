import {
  aws_cloudwatch as cloudwatch, aws_dynamodb as dynamodb, aws_events as events, aws_events_targets as targets,
  aws_lambda_event_sources as sources, Duration, RemovalPolicy, type aws_lambda as lambda, type aws_s3 as s3, type aws_sqs as sqs,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HealthReporting } from '../agent/health-reporting';
import { DEFAULT_RING } from '../agent/private/health-report';
import { acknowledge, acknowledgeWildcards } from '../private/nag/acknowledge';
import { validateInteger, ValidationError } from '../private/validation';
import { FleetHealthBase } from './fleet-health-base';
import { FleetHealthGrants } from './fleet-health-grants';
import type { IFleetHealth } from './fleet-health-interface';
import type { FleetHealthAttributes, FleetHealthProps } from './fleet-health-props';
import type { MonitoredModel } from './monitored-model';
import { knownModels, validateFleet } from './private/checks';
import { DEVICE_KEY, EXPIRES, LEDGER_KEYS, MAX_METRICS, metricCount, type HealthSettings } from './private/contract';
import { HealthFunction } from './private/health-function';
import { HealthHistory } from './private/history';
import { HealthIntake } from './private/intake';
import { HealthMetrics } from './private/metrics';
import { allow, mayPutMetrics } from './private/statements';

const DAY = Duration.days(1).toSeconds();
/** Of a batch of reports. */
const MAX_BATCH = 1000;
const MAX_BATCH_SECONDS = 60;
const FUNCTION_TIMEOUT = Duration.seconds(60);
const DEFAULT_NAMESPACE = 'EdgeFleet';

/**
 * Defines the health of a fleet: what its devices report, as metrics of the fleet, and as a history.
 *
 * An IoT rule takes the reports into a queue. A function counts them by model, version and ring, so that the number of metrics does not
 * depend on the number of devices. Another one counts the devices that report and those that are silent.
 *
 * Give `reporting()` to the `AgentConfig` of the devices, and the role that they assume to `deviceRole`.
 */
export class FleetHealth extends FleetHealthBase {
  /**
   * Import the health of a fleet that another stack of this account and region defines: its metrics.
   *
   * @param attrs what the other stack has given its `FleetHealth`
   */
  public static fromFleetHealthAttributes(scope: Construct, id: string, attrs: FleetHealthAttributes): IFleetHealth {
    const { fleetName, metricNamespace: namespace = DEFAULT_NAMESPACE, models, rings = [DEFAULT_RING] } = attrs;
    class Import extends FleetHealthBase {
      public readonly fleetName = fleetName;
      public readonly models = models;
      public readonly rings = rings;
      /** @internal */
      protected readonly _metrics = new HealthMetrics(this, { fleetName, namespace, models, rings });
    }
    const imported = new Import(scope, id);
    validateFleet(imported, { fleetName, namespace, models, rings });
    return imported;
  }

  /** The name of the fleet. */
  public readonly fleetName: string;

  /** The name of the IoT rule that takes the reports. */
  public readonly ruleName: string;

  /** The bucket of the history: all reports as JSON lines, compressed by gzip, under `reports/<year>/<month>/<day>/<hour>/`. */
  public readonly historyBucket: s3.IBucket;

  /** The queue of the reports that could not be counted. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** The models with their versions. */
  public readonly models: MonitoredModel[];

  /** The rings. */
  public readonly rings: string[];

  /** The period of the reports. */
  public readonly reportPeriod: Duration;

  /** Draws the widget with the worst devices.
   * @internal */
  public readonly _widget: lambda.IFunction;

  /** @internal */
  protected readonly _metrics: HealthMetrics;

  public constructor(scope: Construct, id: string, props: FleetHealthProps) {
    super(scope, id);
    this.fleetName = props.fleetName;
    this.models = props.models;
    this.rings = props.rings ?? [DEFAULT_RING];
    this.reportPeriod = props.reportPeriod ?? Duration.minutes(5);
    const silentAfter = props.silentAfter ?? Duration.seconds(Math.max(3600, 4 * this.reportPeriod.toSeconds()));
    const historyExpiration = props.historyExpiration ?? Duration.days(90);
    const namespace = props.metricNamespace ?? DEFAULT_NAMESPACE;
    this.validate(silentAfter, historyExpiration, namespace);
    this._metrics = new HealthMetrics(this, { fleetName: this.fleetName, namespace, models: this.models, rings: this.rings });

    const batchSeconds = Math.min(MAX_BATCH_SECONDS, this.reportPeriod.toSeconds());
    const intake = new HealthIntake(this, 'Intake', {
      visibilityTimeout: Duration.seconds(6 * FUNCTION_TIMEOUT.toSeconds() + batchSeconds), // as Lambda's documentation advises
    });
    this.ruleName = intake.ruleName;
    this.deadLetterQueue = intake.deadLetterQueue;
    const history = new HealthHistory(this, 'History', {
      expiration: historyExpiration, removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    this.historyBucket = history.bucket;
    const ledger = this.table('Ledger', LEDGER_KEYS[0], LEDGER_KEYS[1]);
    const devices = this.table('Devices', DEVICE_KEY);
    const settings: HealthSettings = {
      fleetName: this.fleetName,
      models: knownModels(this, this.models),
      rings: this.rings,
      namespace,
      ledgerTable: ledger.tableName,
      deviceTable: devices.tableName,
      deliveryStream: history.streamName,
      silentSeconds: silentAfter.toSeconds(),
    };
    const putMetrics = mayPutMetrics(namespace);
    const aggregator = new HealthFunction(this, 'Aggregator', {
      handler: 'aggregator', description: 'counts the reports of a fleet', settings, timeout: FUNCTION_TIMEOUT,
      statements: [
        putMetrics,
        allow(['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], ledger.tableArn),
        allow(['dynamodb:UpdateItem'], devices.tableArn),
        allow(['firehose:PutRecordBatch'], history.streamArn),
      ],
    });
    const census = new HealthFunction(this, 'Census', {
      handler: 'census', description: 'counts the devices of a fleet', settings, timeout: Duration.minutes(2),
      statements: [putMetrics, allow(['dynamodb:Scan', 'dynamodb:PutItem'], devices.tableArn)],
    });
    const widget = new HealthFunction(this, 'Widget', {
      handler: 'widget', description: 'draws the worst devices of a fleet', settings, timeout: Duration.seconds(10),
      statements: [allow(['dynamodb:GetItem'], devices.tableArn)],
    });
    this._widget = widget.function;
    for (const { rights } of [aggregator, census]) {
      acknowledgeWildcards(rights, 'cloudwatch:PutMetricData has no resource: the condition limits it to one namespace', '*');
    }
    aggregator.function.addEventSource(new sources.SqsEventSource(intake.queue, {
      batchSize: MAX_BATCH, maxBatchingWindow: Duration.seconds(batchSeconds), reportBatchItemFailures: true,
    }));
    new events.Rule(this, 'CensusSchedule', {
      schedule: events.Schedule.rate(Duration.minutes(silentAfter.toSeconds() < 1800 ? 1 : 5)),
      description: `cdk-sagemaker-edge: counts the devices of fleet ${this.fleetName}`,
      targets: [new targets.LambdaFunction(census.function)],
    });
    if (props.deviceRole) {
      this.grants.deviceReport(props.deviceRole);
    }
  }

  /** Grants on the health of the fleet. */
  public get grants(): FleetHealthGrants {
    return FleetHealthGrants.fromFleetHealth(this);
  }

  /**
   * What the agents of devices are configured with, to report.
   *
   * @param ring the ring of these devices. By default it is `main`
   */
  public reporting(ring?: string): HealthReporting {
    if (!this.rings.includes(ring ?? DEFAULT_RING)) {
      throw new ValidationError(this, `ring must be one of ${this.rings.join(', ')}, got '${ring ?? DEFAULT_RING}'`);
    }
    return { ruleName: this.ruleName, reportPeriod: this.reportPeriod, ring };
  }

  /** The number of reports that could not be counted and wait for a person. Maximum over 5 minutes by default. */
  public metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /** The rejected reports by reason.
   * @internal */
  public get _rejectedByReason(): cloudwatch.Metric[] {
    return this._metrics.rejected();
  }

  private validate(silentAfter: Duration, historyExpiration: Duration, namespace: string): void {
    validateInteger(this, 'reportPeriod in seconds', this.reportPeriod.toSeconds({ integral: false }), 5, DAY);
    validateInteger(this, 'silentAfter in seconds', silentAfter.toSeconds({ integral: false }), 2 * this.reportPeriod.toSeconds(), 7 * DAY);
    validateInteger(this, 'historyExpiration in days', historyExpiration.toDays({ integral: false }), 1, 3650);
    validateFleet(this, { fleetName: this.fleetName, namespace, models: this.models, rings: this.rings });
    const versions = this.models.reduce((sum, { modelVersions }) => sum + modelVersions.length, 0);
    const metrics = metricCount(versions, this.rings.length);
    if (metrics > MAX_METRICS) {
      throw new ValidationError(this, `models and rings must make at most ${MAX_METRICS} custom metrics, got ${metrics} of ${versions} versions `
        + `in ${this.rings.length} rings: name fewer earlier versions, or make a FleetHealth for each part of the fleet`);
    }
  }

  private table(id: string, partition: string, sort?: string): dynamodb.Table {
    const key = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });
    const table = new dynamodb.Table(this, id, {
      partitionKey: key(partition),
      sortKey: sort === undefined ? undefined : key(sort),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: EXPIRES,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(table, 'AwsSolutions-DDB3', 'the devices write it again within the hour: there is nothing to go back to');
    return table;
  }
}
