import { MAX_USERS_PER_WORKER, tooManyUsers, type ControllerSettings } from '../../../lib/endpoint/private/load-test/contract';
import { isRecord, type Properties } from '../../shared/properties';
import { LoadTestProblem } from './problem';

/** What an execution's input may set, instead of the construct's. */
const NAMES = ['users', 'settleSeconds', 'holdSeconds', 'targetTps', 'p99Ms', 'errorPercent'] as const;

export type Wanted = Pick<ControllerSettings, typeof NAMES[number]>;

/** What one run is to do: the construct's settings, and over them the execution's input. Throws for what cannot be done. */
export function wantedOf(settings: ControllerSettings, input: unknown): Wanted {
  const given = input ?? {};
  if (!isRecord(given)) {
    throw new LoadTestProblem(`the execution's input must be an object, got ${JSON.stringify(given)}`);
  }
  const unknown = Object.keys(given).filter((name) => !NAMES.some((known) => known === name));
  if (unknown.length > 0) {
    throw new LoadTestProblem(`the execution's input may have ${NAMES.join(', ')}, got ${unknown.join(', ')}`);
  }
  const wanted: Wanted = {
    users: given.users === undefined ? settings.users : usersOf(given.users),
    settleSeconds: numberOf(given, 'settleSeconds') ?? settings.settleSeconds,
    holdSeconds: numberOf(given, 'holdSeconds') ?? settings.holdSeconds,
    targetTps: numberOf(given, 'targetTps') ?? settings.targetTps,
    p99Ms: numberOf(given, 'p99Ms') ?? settings.p99Ms,
    errorPercent: numberOf(given, 'errorPercent') ?? settings.errorPercent,
  };
  checkUsers(wanted.users, settings.maxWorkers);
  const shortest = 2 * settings.metricPeriodSeconds;
  if (wanted.holdSeconds < shortest) {
    throw new LoadTestProblem(
      `holdSeconds must be at least ${shortest}, two periods of the endpoint's metrics, so that one whole period lies in it, got ${wanted.holdSeconds}`,
    );
  }
  return wanted;
}

function usersOf(value: unknown): number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const users = list.filter((each) => typeof each === 'number');
  if (users.length !== list.length) {
    throw new LoadTestProblem(`users must be a list of whole numbers, got ${JSON.stringify(value)}`);
  }
  return users;
}

function checkUsers(users: readonly number[], maxWorkers: number): void {
  const text = JSON.stringify(users);
  if (users.length === 0 || users.some((each) => !Number.isInteger(each) || each < 1)) {
    throw new LoadTestProblem(`users must have at least one step, each a whole number of at least 1, got ${text}`);
  }
  if (users.some((each, index) => index > 0 && each <= (users[index - 1] ?? 0))) {
    throw new LoadTestProblem(`users must rise from step to step, got ${text}`);
  }
  const refusal = tooManyUsers(users.at(-1) ?? 0, maxWorkers);
  if (refusal !== undefined) {
    throw new LoadTestProblem(refusal);
  }
}

/** The workers with which a step begins. */
export function workersFor(users: number, least: number): number {
  return Math.max(Math.min(least, users), Math.ceil(users / MAX_USERS_PER_WORKER));
}

function numberOf(given: Properties, name: string): number | undefined {
  const value = given[name];
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new LoadTestProblem(`${name} must be a number of at least 0, got ${JSON.stringify(value)}`);
  }
  return value;
}
