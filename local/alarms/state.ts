import { BREACHES, type AlarmRule, type Datapoint, type StateValue } from './rule';

/** What an evaluation finds. */
export interface Evaluation {
  /** Undefined: the alarm stays as it is. */
  readonly state: StateValue | undefined;
  /** The datapoints that were there and were looked at, the oldest first: at most as many as the evaluation periods. */
  readonly evaluated: readonly Required<Datapoint>[];
  /** How many of the evaluation periods had none. */
  readonly filled: number;
}

/** How many periods before the evaluation periods are looked at, where values are missing. AWS says it of 3 periods of 5 minutes alone. */
const FURTHER_PERIODS = 2;

/** The number of periods that an alarm looks at. */
export function evaluationRange({ evaluationPeriods }: Pick<AlarmRule, 'evaluationPeriods'>): number {
  return evaluationPeriods + FURTHER_PERIODS;
}

/**
 * The state of an alarm by the datapoints of its evaluation range, the oldest first.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluate(rule: AlarmRule, range: readonly Datapoint[]): Evaluation {
  const there = range.filter((point): point is Required<Datapoint> => point.value !== undefined);
  const evaluated = there.slice(-rule.evaluationPeriods);
  return { state: stateOf(rule, range, evaluated), evaluated, filled: rule.evaluationPeriods - evaluated.length };
}

function stateOf(rule: AlarmRule, range: readonly Datapoint[], evaluated: readonly Required<Datapoint>[]): StateValue | undefined {
  const { evaluationPeriods, datapointsToAlarm, missingData } = rule;
  const filled = evaluationPeriods - evaluated.length;
  const breaching = evaluated.filter(({ value }) => isBreaching(rule, value)).length;
  if (breaching + (missingData === 'breaching' ? filled : 0) >= datapointsToAlarm) {
    return 'ALARM';
  }
  const isDecided = filled === 0 || missingData === 'breaching' || missingData === 'notBreaching';
  if (isDecided || breaching < evaluated.length) { // a value within the limit decides as well
    return 'OK';
  }
  if (missingData === 'ignore') {
    return undefined;
  }
  return isOldEnough(rule, range) ? 'ALARM' : 'INSUFFICIENT_DATA';
}

export function isBreaching({ comparison, threshold }: AlarmRule, value: number): boolean {
  return BREACHES[comparison].holds(value, threshold);
}

/**
 * "Avoiding premature transitions to alarm state": where all that is there breaches, it is an alarm from the age of the datapoints to alarm
 * on, although they are fewer.
 */
function isOldEnough({ datapointsToAlarm }: AlarmRule, range: readonly Datapoint[]): boolean {
  const oldest = range.findIndex(({ value }) => value !== undefined);
  return oldest >= 0 && range.length - oldest >= datapointsToAlarm;
}
