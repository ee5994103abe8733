import type { AlarmRule } from '../../../local/alarms/rule';
import { evaluate, evaluationRange } from '../../../local/alarms/state';

const START = Date.UTC(2026, 10, 28, 12);
const rule = (change: Partial<AlarmRule> = {}): AlarmRule => ({
  comparison: 'GreaterThanThreshold', threshold: 10, evaluationPeriods: 3, datapointsToAlarm: 3, missingData: 'missing', ...change,
});

/** As AWS draws them: 0 is within the limit, X breaches, - is missing; the newest is on the right. */
function drawn(text: string): { at: number; value?: number }[] {
  return text.split(' ').map((sign, index) => {
    const at = START + index * 60_000;
    return sign === '-' ? { at } : { at, value: sign === 'X' ? 11 : 1 };
  });
}

const stateOf = (text: string, change: Partial<AlarmRule> = {}): string => evaluate(rule(change), drawn(text)).state ?? 'retain';

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
type Row = readonly [string, number, string, string, string, string];

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
const TABLES: { name: string; datapointsToAlarm: number; rows: readonly Row[] }[] = [{
  name: '3 out of 3',
  datapointsToAlarm: 3,
  rows: [
    ['0 - X - X', 0, 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 2, 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 3, 'INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK'],
    ['0 X X - X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 2, 'ALARM', 'retain', 'ALARM', 'OK'],
  ],
}, {
  name: '2 out of 3',
  datapointsToAlarm: 2,
  rows: [
    ['0 - X - X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 1, 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 2, 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 2, 'ALARM', 'retain', 'ALARM', 'OK'],
  ],
}];

describe.each(TABLES)('AWS\'s table of $name', ({ datapointsToAlarm, rows }) => {
  const cases = rows.flatMap(([points, , ...states]) => (
    TREATMENTS.map((missingData, index) => ({ points, missingData, state: states[index] }))
  ));
  test.each(cases)('$points is $state where missing data are $missingData', ({ points, missingData, state }) => {
    expect(stateOf(points, { datapointsToAlarm, missingData })).toBe(state);
  });

  test.each(rows)('%s has %d datapoints to be filled', (points, filled) => {
    expect(evaluate(rule({ datapointsToAlarm }), drawn(points)).filled).toBe(filled);
  });
});

describe('AWS\'s text on premature alarms', () => {
  test.each(['- - - - X', '- - - X -'])('%s is no alarm yet', (points) => {
    expect(stateOf(points)).toBe('INSUFFICIENT_DATA');
  });

  test.each(['- - - X 0', '- - X - 0'])('%s, which it may become, is OK', (points) => {
    expect(stateOf(points)).toBe('OK');
  });

  test('a breaching datapoint that is old enough is an alarm, although it is the only one', () => {
    expect(stateOf('X - - - -')).toBe('ALARM');
  });
});

describe('an alarm without missing data', () => {
  test('looks at the newest periods alone', () => {
    expect(stateOf('X X 0 0 0')).toBe('OK');
    expect(stateOf('0 0 X X X')).toBe('ALARM');
  });

  test('takes M out of N in any order', () => {
    expect(stateOf('0 0 X 0 X', { datapointsToAlarm: 2 })).toBe('ALARM');
    expect(stateOf('0 X 0 0 X', { datapointsToAlarm: 2 })).toBe('OK');
  });

  test.each([
    ['GreaterThanThreshold', false, true, false], ['GreaterThanOrEqualToThreshold', true, true, false],
    ['LessThanThreshold', false, false, true], ['LessThanOrEqualToThreshold', true, false, true],
  ] as const)('%s goes off at the threshold: %s, above: %s, below: %s', (comparison, at, above, below) => {
    const goesOff = (value: number): boolean => (
      evaluate(rule({ comparison, evaluationPeriods: 1, datapointsToAlarm: 1 }), [{ at: START, value }]).state === 'ALARM'
    );
    expect([goesOff(10), goesOff(11), goesOff(9)]).toEqual([at, above, below]);
  });
});

test('two periods more than are evaluated are looked at', () => {
  expect(evaluationRange({ evaluationPeriods: 3 })).toBe(5);
});
