import { reasonData, reasonOf } from '../../../local/alarms/reason';
import type { AlarmRule, WatchedAlarm } from '../../../local/alarms/rule';
import { evaluate } from '../../../local/alarms/state';

const rule = (change: Partial<AlarmRule> = {}): AlarmRule => ({
  comparison: 'GreaterThanThreshold', threshold: 50, evaluationPeriods: 2, datapointsToAlarm: 2, missingData: 'notBreaching', ...change,
});
const at = (hour: number, minute: number): number => Date.UTC(2024, 11, 11, hour, minute);

function reason(values: readonly (number | undefined)[], change: Partial<AlarmRule> = {}): string {
  const range = values.map((value, index) => ({ at: at(5, 54) + index * 300_000, value }));
  return reasonOf(rule(change), evaluate(rule(change), range));
}

/** Messages of AWS that people have published: see the texts, which are AWS's. */
test('of an alarm: the datapoints that breach, the newest first', () => {
  expect(reason([1, 66, 63])).toBe('Threshold Crossed: 2 out of the last 2 datapoints [63.0 (11/12/24 06:04:00), 66.0 (11/12/24 05:59:00)] '
    + 'were greater than the threshold (50.0) (minimum 2 datapoints for OK -> ALARM transition).');
});

test('of an alarm with missing data: how they were treated', () => {
  expect(reason([613], { comparison: 'GreaterThanOrEqualToThreshold', threshold: 1, evaluationPeriods: 20, datapointsToAlarm: 1 })).toBe(
    'Threshold Crossed: 1 out of the last 20 datapoints [613.0 (11/12/24 05:54:00)] was greater than or equal to the threshold (1.0) '
    + 'and 19 missing datapoints were treated as [NonBreaching] (minimum 1 datapoint for OK -> ALARM transition).',
  );
});

test('of one that is OK: the datapoints within the limit', () => {
  expect(reason([49.5, 66])).toBe('Threshold Crossed: 1 datapoint [49.5 (11/12/24 05:54:00)] was not greater than the threshold (50.0).');
});

test('of one without any data: for how many periods', () => {
  expect(reason([], { evaluationPeriods: 15 })).toBe('Threshold Crossed: no datapoints were received for 15 periods '
    + 'and 15 missing datapoints were treated as [NonBreaching].');
});

test('of one with some data: how many were received', () => {
  expect(reason([1], { evaluationPeriods: 3, missingData: 'breaching' })).toBe('Threshold Crossed: 1 datapoint was received for 3 periods '
    + 'and 2 missing datapoints were treated as [Breaching].');
});

test('of one that does not know', () => {
  expect(reason([], { evaluationPeriods: 1, missingData: 'missing' })).toBe('Insufficient Data: 1 datapoint was unknown.');
});

test('the data for programs have the values, the oldest first, and when they were', () => {
  const alarm: WatchedAlarm = {
    name: 'a', state: 'OK', rule: rule(), series: { namespace: 'N', name: 'M', dimensions: [], statistic: 'p99', periodSeconds: 300 },
  };
  const evaluation = evaluate(rule(), [{ at: at(5, 59), value: 66 }, { at: at(6, 4), value: 63 }]);
  expect(JSON.parse(reasonData(alarm, evaluation, at(6, 9)))).toMatchObject({
    version: '1.0', queryDate: '2024-12-11T06:09:00.000+0000', startDate: '2024-12-11T05:59:00.000+0000', statistic: 'p99', period: 300,
    recentDatapoints: [66, 63], threshold: 50,
    evaluatedDatapoints: [{ timestamp: '2024-12-11T06:04:00.000+0000', value: 63 }, { timestamp: '2024-12-11T05:59:00.000+0000', value: 66 }],
  });
});
