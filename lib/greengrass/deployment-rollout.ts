import type { aws_greengrassv2 as greengrass } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateInteger, ValidationError } from '../private/validation';

type RolloutConfig = greengrass.CfnDeployment.IoTJobExecutionsRolloutConfigProperty;

const MOST_A_MINUTE = 1000;
const MOST_FACTOR = 5;

/** The criterion that increases the rate of an exponential rollout. */
export class RateIncrease {
  /** Increase the rate each time that this number of devices has been notified of the deployment. */
  public static afterNotified(devices: number): RateIncrease {
    return new RateIncrease('NumberOfNotifiedThings', devices);
  }

  /** Increase the rate each time that this number of devices has completed the deployment. */
  public static afterSucceeded(devices: number): RateIncrease {
    return new RateIncrease('NumberOfSucceededThings', devices);
  }

  private constructor(private readonly criterion: string, private readonly devices: number) {}

  /** CloudFormation wants exactly one criterion, in its own case: CDK passes this property on unchanged.
   * @internal */
  public _render(scope: Construct): Record<string, number> {
    validateInteger(scope, 'the number of devices of a rate increase', this.devices, 1, Number.MAX_SAFE_INTEGER);
    return { [this.criterion]: this.devices };
  }
}

/** Options of an exponential rollout. */
export interface ExponentialRollout {
  /** The initial rate in devices per minute: 1 to 1000. */
  readonly baseRatePerMinute: number;

  /** The factor by which the rate grows at each increase: more than 1 and at most 5, with at most one decimal. */
  readonly incrementFactor: number;

  /** The criterion that increases the rate. */
  readonly increase: RateIncrease;

  /**
   * The highest rate in devices per minute: 1 to 1000.
   *
   * @default 1000
   */
  readonly maximumPerMinute?: number;
}

/**
 * The rate at which a deployment reaches the devices that are in the thing group when it is created. Devices that join
 * later get it at once.
 */
export class DeploymentRollout {
  /** Deploy as fast as AWS IoT allows: 1000 devices per minute. */
  public static allAtOnce(): DeploymentRollout {
    return new DeploymentRollout(() => undefined);
  }

  /** Deploy at a constant rate, in devices per minute: 1 to 1000. */
  public static linear(devicesPerMinute: number): DeploymentRollout {
    return new DeploymentRollout((scope) => {
      validateInteger(scope, 'devices a minute of a linear rollout', devicesPerMinute, 1, MOST_A_MINUTE);
      return { maximumPerMinute: devicesPerMinute };
    });
  }

  /** Deploy at a rate that grows. */
  public static exponential(options: ExponentialRollout): DeploymentRollout {
    return new DeploymentRollout((scope) => {
      const { baseRatePerMinute, incrementFactor, increase, maximumPerMinute = MOST_A_MINUTE } = options;
      validateInteger(scope, 'baseRatePerMinute', baseRatePerMinute, 1, MOST_A_MINUTE);
      validateInteger(scope, 'maximumPerMinute', maximumPerMinute, 1, MOST_A_MINUTE);
      if (baseRatePerMinute > maximumPerMinute) {
        throw new ValidationError(scope, `baseRatePerMinute must be at most maximumPerMinute, ${maximumPerMinute}, got ${baseRatePerMinute}`);
      }
      if (!(incrementFactor > 1 && incrementFactor <= MOST_FACTOR) || Number(incrementFactor.toFixed(1)) !== incrementFactor) {
        throw new ValidationError(scope, `incrementFactor must be more than 1 and at most ${MOST_FACTOR}, with at most one decimal, got ${incrementFactor}`);
      }
      return { maximumPerMinute, exponentialRate: { baseRatePerMinute, incrementFactor, rateIncreaseCriteria: increase._render(scope) } };
    });
  }

  private constructor(private readonly render: (scope: Construct) => RolloutConfig | undefined) {}

  /** The rollout as CloudFormation wants it.
   * @internal */
  public _render(scope: Construct): RolloutConfig | undefined {
    return this.render(scope);
  }
}

/** The outcome of a deployment on a device that counts as a failure. */
export enum DeploymentFailureType {
  /** The deployment failed on the device. */
  FAILED = 'FAILED',
  /** The device rejected the deployment. */
  REJECTED = 'REJECTED',
  /** The device did not complete the deployment in time. */
  TIMED_OUT = 'TIMED_OUT',
  /** Any of these outcomes. */
  ALL = 'ALL',
}

/** A criterion that cancels a deployment on the devices that have not begun with it. */
export interface DeploymentAbort {
  /** The share of devices with the outcome above which the deployment is cancelled: 0 to 100 percent, with at most two decimals. */
  readonly thresholdPercentage: number;

  /** The number of devices that must have finished before the share counts: at least 1. */
  readonly minimumDevices: number;

  /**
   * The outcome that counts as a failure.
   *
   * @default DeploymentFailureType.ALL
   */
  readonly failureType?: DeploymentFailureType;
}
