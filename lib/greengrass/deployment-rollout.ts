import type { aws_greengrassv2 as greengrass } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateInteger, ValidationError } from '../private/validation';

const MOST_A_MINUTE = 1000;
const MOST_FACTOR = 5;

/** When an exponential rollout goes faster. */
export class RateIncrease {
  /** After so many devices were told of the deployment. */
  public static afterNotified(devices: number): RateIncrease {
    return new RateIncrease('NumberOfNotifiedThings', devices);
  }

  /** After so many devices have carried it out. */
  public static afterSucceeded(devices: number): RateIncrease {
    return new RateIncrease('NumberOfSucceededThings', devices);
  }

  private constructor(private readonly criterion: string, private readonly devices: number) {}

  /** CloudFormation wants exactly one criterion, in its own case: CDK hands this property on as it is.
   * @internal */
  public _render(scope: Construct): Record<string, number> {
    validateInteger(scope, 'the number of devices of a rate increase', this.devices, 1, Number.MAX_SAFE_INTEGER);
    return { [this.criterion]: this.devices };
  }
}

/** How an exponential rollout begins and grows. */
export interface ExponentialRollout {
  /** Devices a minute at the beginning: 1 to 1000. */
  readonly baseRatePerMinute: number;

  /** By how much the rate grows at each increase: 1 to 5, with at most one decimal. */
  readonly incrementFactor: number;

  /** When the rate grows. */
  readonly increase: RateIncrease;

  /**
   * The highest rate, in devices a minute: 1 to 1000.
   *
   * @default 1000
   */
  readonly maximumPerMinute?: number;
}

/** How fast a deployment reaches the devices that are in the thing group when it is made. Devices that join later get it at once. */
export class DeploymentRollout {
  /** As fast as AWS IoT can: 1000 devices a minute. */
  public static allAtOnce(): DeploymentRollout {
    return new DeploymentRollout(() => undefined);
  }

  /** So many devices a minute, 1 to 1000. */
  public static linear(devicesPerMinute: number): DeploymentRollout {
    return new DeploymentRollout((scope) => {
      validateInteger(scope, 'devices a minute of a linear rollout', devicesPerMinute, 1, MOST_A_MINUTE);
      return { maximumPerMinute: devicesPerMinute };
    });
  }

  /** Slow at first, then faster. */
  public static exponential(options: ExponentialRollout): DeploymentRollout {
    return new DeploymentRollout((scope) => {
      const { baseRatePerMinute, incrementFactor, increase, maximumPerMinute = MOST_A_MINUTE } = options;
      validateInteger(scope, 'baseRatePerMinute', baseRatePerMinute, 1, MOST_A_MINUTE);
      validateInteger(scope, 'maximumPerMinute', maximumPerMinute, 1, MOST_A_MINUTE);
      if (baseRatePerMinute > maximumPerMinute) { throw new ValidationError(scope, `baseRatePerMinute must be at most maximumPerMinute, ${maximumPerMinute}, got ${baseRatePerMinute}`); }
      if (!(incrementFactor > 1 && incrementFactor <= MOST_FACTOR) || Number(incrementFactor.toFixed(1)) !== incrementFactor) {
        throw new ValidationError(scope, `incrementFactor must be more than 1 and at most ${MOST_FACTOR}, with at most one decimal, got ${incrementFactor}`);
      }
      return { maximumPerMinute, exponentialRate: { baseRatePerMinute, incrementFactor, rateIncreaseCriteria: increase._render(scope) } };
    });
  }

  private constructor(private readonly render: (scope: Construct) => greengrass.CfnDeployment.IoTJobExecutionsRolloutConfigProperty | undefined) {}

  /** As CloudFormation wants it.
   * @internal */
  public _render(scope: Construct): greengrass.CfnDeployment.IoTJobExecutionsRolloutConfigProperty | undefined {
    return this.render(scope);
  }
}

/** Outcomes on a device that count against a deployment. */
export enum DeploymentFailureType {
  /** The deployment failed on the device. */
  FAILED = 'FAILED',
  /** The device refused it. */
  REJECTED = 'REJECTED',
  /** The device did not finish in time. */
  TIMED_OUT = 'TIMED_OUT',
  /** Any of these. */
  ALL = 'ALL',
}

/** When a deployment is cancelled for the devices that have not begun with it. */
export interface DeploymentAbort {
  /** More than this share of devices with the outcome cancels the deployment: 0 to 100 percent, with at most two decimals. */
  readonly thresholdPercentage: number;

  /** So many devices must have finished before the share counts: at least 1. */
  readonly minimumDevices: number;

  /**
   * The outcome that counts.
   *
   * @default DeploymentFailureType.ALL
   */
  readonly failureType?: DeploymentFailureType;
}
