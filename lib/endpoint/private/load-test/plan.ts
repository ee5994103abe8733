import { Duration, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateInteger, ValidationError } from '../../../private/validation';
import type { EndpointLoadTestProps } from '../../endpoint-load-test-props';
import { tooManyUsers, type ControllerSettings } from './contract';

const USERS = [1, 2, 4, 8, 16, 32, 64];

export type PlanSettings = Pick<
  ControllerSettings,
  'users' | 'settleSeconds' | 'holdSeconds' | 'targetTps' | 'p99Ms' | 'errorPercent' | 'workers' | 'maxWorkers' | 'metricPeriodSeconds'
  | 'metricDelaySeconds' | 'startSeconds'
>;

export interface Plan {
  readonly settings: PlanSettings;
  readonly timeout: Duration;
}

/** What a run does by default. Throws for what cannot be done. */
export function checkedPlan(scope: Construct, props: EndpointLoadTestProps): Plan {
  const {
    users = USERS, targetTps, maxLatency, maxErrorPercent = 1, settleTime = Duration.seconds(60), holdTime = Duration.minutes(3),
    metricPeriod = Duration.minutes(1), metricTimeout = Duration.minutes(5), workers = 2, maxWorkers = Math.max(10, workers),
    startTimeout = Duration.minutes(5), timeout = Duration.hours(4),
  } = props;
  validateInteger(scope, 'workers', workers, 1, 100);
  validateInteger(scope, 'maxWorkers', maxWorkers, workers, 100);
  checkUsers(scope, users, maxWorkers);
  checkNumber(scope, 'targetTps', targetTps, Number.MAX_SAFE_INTEGER);
  checkNumber(scope, 'maxErrorPercent', maxErrorPercent, 100);
  const [hold, period] = [holdTime.toSeconds(), metricPeriod.toSeconds()];
  if (![1, 5, 10, 20, 30].includes(period) && period % 60 !== 0) {
    throw new ValidationError(scope, `metricPeriod must be 10 or 30 seconds or whole minutes, as SageMaker publishes metrics, got ${period} s`);
  }
  if (hold < 2 * period) {
    throw new ValidationError(
      scope, `holdTime must be at least two metric periods, ${2 * period} s, so that a whole one lies in it, got ${hold} s`,
    );
  }
  const seconds = users.length * (settleTime.toSeconds() + hold);
  if (timeout.toSeconds() <= seconds) {
    throw new ValidationError(scope, `timeout must be longer than all steps, which take ${seconds} s without what CloudWatch takes, got ${timeout.toSeconds()} s`);
  }
  return {
    timeout,
    settings: {
      users, targetTps, workers, maxWorkers, errorPercent: maxErrorPercent, p99Ms: maxLatency?.toMilliseconds(),
      settleSeconds: settleTime.toSeconds(), holdSeconds: hold, metricPeriodSeconds: period, metricDelaySeconds: metricTimeout.toSeconds(),
      startSeconds: startTimeout.toSeconds(),
    },
  };
}

function checkUsers(scope: Construct, users: readonly number[], maxWorkers: number): void {
  if (users.some((each) => Token.isUnresolved(each)) || Token.isUnresolved(users)) {
    throw new ValidationError(scope, 'users must be known at synth: give others in the input of an execution');
  }
  const rising = users.every((each, index) => index === 0 || each > (users[index - 1] ?? 0));
  if (users.length === 0 || !rising || users.some((each) => !Number.isInteger(each) || each < 1)) {
    throw new ValidationError(scope, `users must be whole numbers of at least 1 that rise, got ${JSON.stringify(users)}`);
  }
  const refusal = tooManyUsers(users.at(-1) ?? 0, maxWorkers);
  if (refusal !== undefined) {
    throw new ValidationError(scope, refusal);
  }
}

function checkNumber(scope: Construct, what: string, value: number | undefined, max: number): void {
  if (value !== undefined && !Token.isUnresolved(value) && !(value >= 0 && value <= max)) {
    throw new ValidationError(scope, `${what} must be a number of at least 0${max === 100 ? ' and at most 100' : ''}, got ${value}`);
  }
}
