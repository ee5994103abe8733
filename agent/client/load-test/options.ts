import { hostname } from 'node:os';
import { readPredict, type PredictOptions } from '../predict-options';
import { count, number, UsageError } from '../usage';
import type { Values } from '../arguments';
import type { Limits, Plan } from '../../../lambda/endpoint/report/run';

/** More streams than this wait in the agent anyway: it takes 256 predictions of a model, and refuses the next. */
const MAX_USERS = 1000;
const MAX_SECONDS = 3600;

export interface LoadTestOptions {
  readonly predict: PredictOptions;
  readonly plan: Plan;
  readonly limits: Limits;
  readonly deviceName: string;
  /** Where the run goes as JSON. */
  readonly outputFile?: string;
}

export function readLoadTest(positionals: readonly string[], values: Values): LoadTestOptions {
  for (const option of ['decode', 'repeat', 'out'] as const) {
    if (values[option] !== undefined) {
      throw new UsageError(`--${option}: wanted Predict, got LoadTest`);
    }
  }
  const { output, ...others } = values;
  const users = (values.users ?? '1,2,4,8').split(',').map((text) => count('--users', text));
  const max = Math.max(...users);
  if (max > MAX_USERS) {
    throw new UsageError(`--users: wanted at most ${MAX_USERS}, got ${max}`);
  }
  if (users.some((step, index) => step <= (users[index - 1] ?? 0))) {
    throw new UsageError(`--users: wanted numbers that rise, got ${users.join(',')}`);
  }
  return {
    predict: readPredict('Predict', positionals, others),
    plan: { users, settleSeconds: seconds('--settle', values.settle ?? '2', 0), holdSeconds: seconds('--hold', values.hold ?? '10', 0.1) },
    limits: {
      errorPercent: atLeast('--errors', values.errors ?? '1', 0),
      maxUsers: max,
      ...(values.target === undefined ? {} : { targetTps: atLeast('--target', values.target, 0) }),
      ...(values.p99 === undefined ? {} : { p99Ms: atLeast('--p99', values.p99, 0) }),
    },
    deviceName: values.device ?? hostname(),
    ...(output === undefined ? {} : { outputFile: output }),
  };
}

function seconds(label: string, text: string, min: number): number {
  const value = atLeast(label, text, min);
  if (value > MAX_SECONDS) {
    throw new UsageError(`${label}: wanted at most ${MAX_SECONDS} seconds, got ${text}`);
  }
  return value;
}

function atLeast(label: string, text: string, min: number): number {
  const value = number(label, text);
  if (value < min) {
    throw new UsageError(`${label}: wanted at least ${min}, got ${text}`);
  }
  return value;
}
