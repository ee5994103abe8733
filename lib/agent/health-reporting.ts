import type { Duration } from 'aws-cdk-lib';

/** Where an agent reports the health of its device, and as a member of which ring. `FleetHealth.reporting` gives it. */
export interface HealthReporting {
  /** The name of the IoT rule that takes the reports: 1 to 128 letters, digits and underscores. */
  readonly ruleName: string;

  /**
   * The period of the reports: 5 seconds to 1 day.
   *
   * @default Duration.minutes(5)
   */
  readonly reportPeriod?: Duration;

  /**
   * The ring of the devices with this configuration: 1 to 32 letters, digits, hyphens and underscores. `FleetHealth` must know it.
   *
   * @default 'main'
   */
  readonly ring?: string;
}
