import type { aws_cloudwatch as cloudwatch, aws_iam as iam, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { MonitoredModel } from './monitored-model';

/** Properties of a `FleetHealth`. */
export interface FleetHealthProps {
  /** The name of the fleet: 1 to 63 letters, digits and hyphens, as its devices have it. */
  readonly fleetName: string;

  /**
   * The models that devices may report, with their versions. What a device reports of others is not counted.
   *
   * Together with the rings they make the custom metrics, which CloudWatch charges for: 8 for each version and ring. More than 500 are
   * refused.
   */
  readonly models: MonitoredModel[];

  /**
   * The role that the devices assume. It is granted the right to report.
   *
   * @default - grant it yourself, by `grants.deviceReport`
   */
  readonly deviceRole?: iam.IRole;

  /**
   * The rings of the fleet: parts that get a new version one after the other. 1 to 5 names of at most 32 letters, digits, hyphens and
   * underscores. A device says itself in which ring it is.
   *
   * @default ['main']
   */
  readonly rings?: string[];

  /**
   * The period of the reports: 5 seconds to 1 day. IoT charges for each.
   *
   * @default Duration.minutes(5)
   */
  readonly reportPeriod?: Duration;

  /**
   * The time after which a device that does not report is silent: at least two report periods.
   *
   * @default - 1 hour, or 4 report periods if that is more
   */
  readonly silentAfter?: Duration;

  /**
   * The time for which the history is kept, in whole days. The history is all reports as JSON lines in `historyBucket`.
   *
   * @default Duration.days(90)
   */
  readonly historyExpiration?: Duration;

  /**
   * What happens to the bucket of the history when it is removed from the stack. `DESTROY` also deletes its objects.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The namespace of the metrics. It does not begin with `AWS/`.
   *
   * @default 'EdgeFleet'
   */
  readonly metricNamespace?: string;
}

/** What is known of the health of a fleet that another stack defines. */
export interface FleetHealthAttributes {
  /** The name of the fleet: 1 to 63 letters, digits and hyphens. */
  readonly fleetName: string;

  /** The models, with the versions that there are metrics of. */
  readonly models: MonitoredModel[];

  /**
   * The rings of the fleet.
   *
   * @default ['main']
   */
  readonly rings?: string[];

  /**
   * The namespace of the metrics.
   *
   * @default 'EdgeFleet'
   */
  readonly metricNamespace?: string;
}

/** A metric of a model. */
export interface ModelMetricOptions extends cloudwatch.MetricOptions {
  /**
   * The name of the model.
   *
   * @default - the only model of the fleet. It must be given where there are several
   */
  readonly modelName?: string;

  /**
   * The version of the model.
   *
   * @default - the newest one
   */
  readonly modelVersion?: string;

  /**
   * The ring.
   *
   * @default - the only ring of the fleet. It must be given where there are several
   */
  readonly ring?: string;
}
