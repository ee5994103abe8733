import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { AlarmEvaluator, type AlarmWorld, type StateChange } from '../../../local/alarms/evaluator';
import type { MetricSeries } from '../../../local/health/dashboard';

const NOON = Date.UTC(2026, 10, 28, 12);
const MINUTE = 60_000;

const alarm = (change: Partial<MetricAlarm> = {}): MetricAlarm => ({
  AlarmName: 'errors', Namespace: 'EdgeFleet', MetricName: 'Errors', Dimensions: [{ Name: 'FleetName', Value: 'shop' }], Statistic: 'Average',
  Period: 60, EvaluationPeriods: 2, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching',
  StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation', ...change,
});

interface Stored { readonly at: number; readonly fleet: string; readonly value: number }

/** Keeps states as CloudWatch does, and gives the values of exactly the dimensions that are asked for. */
class World implements AlarmWorld {
  public readonly changes: StateChange[] = [];
  public readonly asked: { readonly statistic: string; readonly from: number; readonly to: number }[] = [];
  public refuses = '';

  public constructor(private list: MetricAlarm[], private readonly stored: readonly Stored[] = []) {}

  public alarms(): Promise<readonly MetricAlarm[]> {
    return Promise.resolve(this.list);
  }

  public values(series: readonly MetricSeries[], from: number, to: number): Promise<readonly (number | undefined)[]> {
    return Promise.resolve(series.map(({ dimensions, statistic }) => {
      this.asked.push({ statistic, from, to });
      return this.stored.find(({ at, fleet }) => at >= from && at < to && dimensions.some(({ Value }) => Value === fleet))?.value;
    }));
  }

  public setState(change: StateChange): Promise<void> {
    if (change.name === this.refuses) {
      return Promise.reject(new Error(`${change.name} is refused`));
    }
    this.changes.push(change);
    const { name, state: StateValue, reason: StateReason } = change;
    this.list = this.list.map((each) => (each.AlarmName === name ? { ...each, StateValue, StateReason } : each));
    return Promise.resolve();
  }
}

const high = (minutes: readonly number[], fleet = 'shop'): Stored[] => minutes.map((minute) => ({ at: NOON + minute * MINUTE, fleet, value: 5 }));
const look = async (world: World, now = NOON + 10_000): Promise<void> => new AlarmEvaluator(world, () => now).look();

test('an alarm goes off by the values of its own dimensions', async () => {
  const world = new World([alarm(), alarm({ AlarmName: 'other', Dimensions: [{ Name: 'FleetName', Value: 'depot' }] })], high([-2, -1]));
  await look(world);
  expect(world.changes.map(({ name, state }) => `${name} ${state}`)).toEqual(['errors ALARM', 'other OK']);
});

test('the reason says which datapoints', async () => {
  const world = new World([alarm()], high([-2, -1]));
  await look(world);
  expect(world.changes[0]?.reason).toContain('2 out of the last 2 datapoints [5.0 (28/11/26 11:59:00), 5.0 (28/11/26 11:58:00)]');
});

test('a state is set when it changes, and not again', async () => {
  const world = new World([alarm()], high([-2, -1]));
  await look(world);
  await look(world);
  expect(world.changes).toHaveLength(1);
});

test('an alarm is over when its values are within the limit again', async () => {
  const world = new World([alarm()], [...high([-2, -1]), { at: NOON, fleet: 'shop', value: 0 }]);
  await look(world);
  await look(world, NOON + MINUTE);
  expect(world.changes.map(({ state }) => state)).toEqual(['ALARM', 'OK']);
});

test('the minute that is not over yet is not looked at', async () => {
  const world = new World([alarm()], high([-1, 0]));
  await look(world, NOON + MINUTE - 1);
  expect(world.changes.map(({ state }) => state)).toEqual(['OK']);
  await look(world, NOON + MINUTE);
  expect(world.changes.map(({ state }) => state)).toEqual(['OK', 'ALARM']);
});

test('a long period ends at each full minute, as a sliding window of CloudWatch does', async () => {
  const world = new World([alarm({ Period: 300, EvaluationPeriods: 1 })]);
  await look(world, NOON + 2 * MINUTE);
  expect(world.asked.map(({ from, to }) => [(from - NOON) / MINUTE, (to - NOON) / MINUTE])).toEqual([[-13, -8], [-8, -3], [-3, 2]]);
});

test('a short period ends at a multiple of itself', async () => {
  const world = new World([alarm({ Period: 10, EvaluationPeriods: 1 })]);
  await look(world, NOON + 25_000);
  expect(world.asked.at(-1)).toMatchObject({ from: NOON + 10_000, to: NOON + 20_000 });
});

test('a percentile is asked for by its name', async () => {
  const world = new World([alarm({ Statistic: undefined, ExtendedStatistic: 'p99' })]);
  await look(world);
  expect(world.asked.every(({ statistic }) => statistic === 'p99')).toBe(true);
});

test('M out of N is taken from DatapointsToAlarm', async () => {
  const world = new World([alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 1 })], high([-2]));
  await look(world);
  expect(world.changes.map(({ state }) => state)).toEqual(['ALARM']);
});

test('an alarm that ignores missing data keeps its state without any', async () => {
  const world = new World([alarm({ TreatMissingData: 'ignore', StateValue: 'ALARM' })]);
  await look(world);
  expect(world.changes).toEqual([]);
});

test.each<[string, Partial<MetricAlarm>, string]>([
  ['metric math', { MetricName: undefined, Namespace: undefined }, 'metric math'],
  ['no dimensions', { Dimensions: [] }, 'EdgeFleet Errors has no dimensions'],
  ['an anomaly detector', { ComparisonOperator: 'GreaterThanUpperThreshold' }, 'GreaterThanUpperThreshold'],
  ['a trimmed mean', { ExtendedStatistic: 'tm90' }, 'the statistic tm90'],
  ['a unit', { Unit: 'Bytes' }, 'the unit Bytes'],
  ['a period of 90 s', { Period: 90 }, 'got 90'],
  ['an unknown treatment', { TreatMissingData: 'guess' }, 'got guess'],
])('an alarm with %s is never OK: it says that it is not evaluated', async (_, change, text) => {
  const world = new World([alarm({ ...change, StateValue: 'OK' })], high([-2, -1]));
  await look(world);
  await look(world);
  expect(world.changes).toEqual([{ name: 'errors', state: 'INSUFFICIENT_DATA', reason: expect.stringContaining(text) as unknown }]);
});

test('what is wrong with one alarm is said, and leaves the others alone', async () => {
  const world = new World([alarm(), alarm({ AlarmName: 'other' })], high([-2, -1]));
  world.refuses = 'errors';
  await expect(look(world)).rejects.toThrow('errors is refused');
  expect(world.changes.map(({ name }) => name)).toEqual(['other']);
});

test('one that is closed looks no more', async () => {
  const world = new World([alarm()], high([-2, -1]));
  const evaluator = new AlarmEvaluator(world, () => NOON);
  evaluator.start();
  await evaluator.close();
  const asked = world.asked.length;
  expect(asked).toBeGreaterThan(0);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  expect(world.asked).toHaveLength(asked);
});
