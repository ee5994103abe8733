import type { aws_greengrassv2 as greengrass, Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DeploymentFailureType, type DeploymentAbort, type DeploymentRollout } from '../deployment-rollout';
import { validateInteger, ValidationError } from '../../private/validation';

const MOST_TIMEOUT_MINUTES = 10_080;

/** How a deployment goes through the fleet. */
export interface RolloutSettings {
  readonly rollout?: DeploymentRollout;
  readonly abort?: readonly DeploymentAbort[];
  readonly deviceTimeout?: Duration;
}

type JobConfiguration = greengrass.CfnDeployment.DeploymentIoTJobConfigurationProperty;

/** The job of a deployment as CloudFormation wants it. It is undefined where everything is default. */
export function renderJob(scope: Construct, { rollout, abort = [], deviceTimeout }: RolloutSettings): JobConfiguration | undefined {
  const jobExecutionsRolloutConfig = rollout?._render(scope);
  const criteriaList = abort.map(({ thresholdPercentage, minimumDevices, failureType }) => {
    validateInteger(scope, 'minimumDevices of an abort criterion', minimumDevices, 1, Number.MAX_SAFE_INTEGER);
    if (!(thresholdPercentage >= 0 && thresholdPercentage <= 100) || Number(thresholdPercentage.toFixed(2)) !== thresholdPercentage) {
      throw new ValidationError(scope, `thresholdPercentage must be from 0 to 100, with at most two decimals, got ${thresholdPercentage}`);
    }
    return {
      action: 'CANCEL',
      failureType: failureType ?? DeploymentFailureType.ALL,
      minNumberOfExecutedThings: minimumDevices,
      thresholdPercentage,
    };
  });
  const minutes = deviceTimeout?.toMinutes({ integral: false });
  validateInteger(scope, 'deviceTimeout in minutes', minutes, 1, MOST_TIMEOUT_MINUTES);
  if (!jobExecutionsRolloutConfig && criteriaList.length === 0 && minutes === undefined) {
    return undefined;
  }
  return {
    ...(jobExecutionsRolloutConfig ? { jobExecutionsRolloutConfig } : {}),
    ...(criteriaList.length > 0 ? { abortConfig: { criteriaList } } : {}),
    ...(minutes === undefined ? {} : { timeoutConfig: { inProgressTimeoutInMinutes: minutes } }),
  };
}
