import { BREACHES, MISSING_DATA, type AlarmRule, type WatchedAlarm } from './rule';
import { isBreaching, type Evaluation } from './state';

/** Why an alarm is in its state, in CloudWatch's words as they stand in messages that people have published. */
export function reasonOf(rule: AlarmRule, { state, evaluated, filled }: Evaluation): string {
  const { evaluationPeriods, datapointsToAlarm, comparison, threshold, missingData } = rule;
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${counted(evaluationPeriods)} ${isOrAre(evaluationPeriods)} unknown.`;
  }
  const treated = `${filled} missing ${plural(filled)} ${isOrAre(filled)} treated as [${MISSING_DATA[missingData]}]`;
  if (evaluated.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${periods(evaluationPeriods)} and ${treated}.`;
  }
  const breaching = evaluated.filter(({ value }) => isBreaching(rule, value));
  const limit = `${BREACHES[comparison].words} the threshold (${numeral(threshold)})`;
  if (state === 'ALARM' && breaching.length > 0) {
    const share = `${breaching.length} out of the last ${evaluationPeriods} datapoints ${listed(breaching)}`;
    const rest = filled === 0 ? '' : ` and ${treated}`;
    return `Threshold Crossed: ${share} ${isOrAre(breaching.length)} ${limit}${rest} (minimum ${counted(datapointsToAlarm)} for OK -> ALARM transition).`;
  }
  if (filled > 0) {
    const received = `${counted(evaluated.length)} ${isOrAre(evaluated.length)} received for ${periods(evaluationPeriods)}`;
    return `Threshold Crossed: ${received} and ${treated}.`;
  }
  const within = evaluated.filter((point) => !breaching.includes(point));
  return `Threshold Crossed: ${counted(within.length)} ${listed(within)} ${isOrAre(within.length)} not ${limit}.`;
}

/** The same for programs. */
export function reasonData({ rule, series }: WatchedAlarm, { evaluated }: Evaluation, now: number): string {
  const { statistic, periodSeconds: period } = series;
  const first = evaluated[0]?.at;
  return JSON.stringify({
    version: '1.0', queryDate: stamp(now), ...first === undefined ? {} : { startDate: stamp(first) }, statistic, period,
    recentDatapoints: evaluated.map(({ value }) => value), threshold: rule.threshold,
    evaluatedDatapoints: evaluated.map(({ at, value }) => ({ timestamp: stamp(at), value })).reverse(),
  });
}

/** The newest first, with the time that the period began at, in UTC. */
function listed(points: Evaluation['evaluated']): string {
  return `[${points.map(({ at, value }) => `${numeral(value)} (${clock(at)})`).reverse().join(', ')}]`;
}

function clock(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().slice(2, 19).split('T');
  return `${date.split('-').reverse().join('/')} ${time}`;
}

function stamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

/** As Java writes a double. */
function numeral(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function counted(count: number): string {
  return `${count} ${plural(count)}`;
}

function plural(count: number): string {
  return count === 1 ? 'datapoint' : 'datapoints';
}

function isOrAre(count: number): string {
  return count === 1 ? 'was' : 'were';
}

function periods(count: number): string {
  return count === 1 ? '1 period' : `${count} periods`;
}
