import { measure, showTiming, summariseTimes } from '../../../agent/client/repeat';

it.each<[string, number[], [number, number, number]]>([
  ['a hundred', Array.from({ length: 100 }, (_, index) => 100 - index), [50, 90, 99]],
  ['ten', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [5, 9, 10]],
  ['three', [30, 10, 20], [20, 30, 30]],
  ['one', [7], [7, 7, 7]],
])('each percentile of %s is a time that was measured', (_, times, expected) => {
  const { p50, p90, p99, predictions } = summariseTimes(times, 1);
  expect([p50, p90, p99]).toEqual(expected);
  expect(predictions).toBe(times.length);
});

it('the throughput is of the whole time', () => {
  expect(summariseTimes([10, 10], 40).predictionsPerSecond).toBe(50);
});

it('predictions are made one after the other', async () => {
  const events: string[] = [];
  const timing = await measure(2, async () => {
    events.push('begin');
    await Promise.resolve();
    events.push('end');
  });
  expect(events).toEqual(['begin', 'end', 'begin', 'end']);
  expect(timing.predictions).toBe(2);
});

it('fails when a prediction fails', async () => {
  await expect(measure(2, () => Promise.reject(new Error('busy')))).rejects.toThrow('busy');
});

it('is shown as a line', () => {
  const line = showTiming({ predictions: 100, p50: 1.234, p90: 2, p99: 3, predictionsPerSecond: 777.77 });
  expect(line).toBe('100 more: p50 1.23 ms  p90 2.00 ms  p99 3.00 ms  777.8 predictions/s');
});
