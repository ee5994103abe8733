import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { MetricSeries } from '../health/dashboard';
import { errorText } from '../service/errors';
import { reasonData, reasonOf } from './reason';
import { readAlarm, type Datapoint, type StateValue, type UnknownAlarm, type WatchedAlarm } from './rule';
import { evaluate, evaluationRange } from './state';

const PAUSE_MS = 5000;
const MINUTE_MS = 60_000;

/** What the evaluator sees and does. */
export interface AlarmWorld {
  alarms(): Promise<readonly MetricAlarm[]>;
  /** The value of each series from one time to another, in milliseconds, as one period. */
  values(series: readonly MetricSeries[], from: number, to: number): Promise<readonly (number | undefined)[]>;
  /** An alarm that is not there any more is no error. */
  setState(change: StateChange): Promise<void>;
}

export interface StateChange {
  readonly name: string;
  readonly state: StateValue;
  readonly reason: string;
  readonly data?: string;
}

/**
 * Evaluates the alarms of the emulator's CloudWatch, which does it by itself without dimensions, missing data and M out of N
 * (local/cloud/emulator.py turns that off). CloudWatch does so each minute, this each five seconds. A period ends at a full minute for
 * both.
 */
export class AlarmEvaluator {
  private readonly ending = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private said = '';

  public constructor(private readonly world: AlarmWorld, private readonly now: () => number = Date.now) {}

  /** Begins to look, also while the emulator is not there yet. */
  public start(): void {
    this.loop = this.run();
  }

  public async close(): Promise<void> {
    this.ending.abort();
    await this.loop;
  }

  /** One look at all alarms. What goes wrong with one is no matter of the others, and is thrown at the end. */
  public async look(): Promise<void> {
    const alarms = await this.world.alarms();
    const read = alarms.map(readAlarm);
    const now = this.now();
    const ranges = await this.ranges(read.filter((alarm): alarm is WatchedAlarm => 'rule' in alarm), now);
    const done = await Promise.allSettled([
      ...problemsOf(alarms, read.filter((alarm): alarm is UnknownAlarm => 'problem' in alarm)),
      ...changesOf(ranges, now),
    ].map(async (change) => this.world.setState(change)));
    const failed = done.filter((each): each is PromiseRejectedResult => each.status === 'rejected');
    if (failed.length > 0) {
      throw new Error(failed.map(({ reason }) => errorText(reason)).join('; '));
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await this.look().then(() => {
        this.said = '';
      }, (error: unknown) => {
        this.say(`the alarms could not be evaluated: ${errorText(error)}`);
      });
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined); // the end is seen above
    }
  }

  /** The evaluation range of each alarm. Alarms with the same period are asked for together. */
  private async ranges(alarms: readonly WatchedAlarm[], now: number): Promise<Map<WatchedAlarm, Datapoint[]>> {
    const ranges = new Map(alarms.map((alarm): [WatchedAlarm, Datapoint[]] => [alarm, []]));
    for (const [periodSeconds, group] of groupsOf(alarms)) {
      const period = periodSeconds * 1000;
      const step = Math.min(period, MINUTE_MS);
      const end = Math.floor(now / step) * step;
      const longest = Math.max(...group.map(({ rule }) => evaluationRange(rule)));
      for (let back = longest; back > 0; back -= 1) {
        const at = end - back * period;
        const asked = group.filter(({ rule }) => evaluationRange(rule) >= back);
        const values = await this.world.values(asked.map(({ series }) => series), at, at + period);
        for (const [index, alarm] of asked.entries()) {
          ranges.get(alarm)?.push({ at, value: values[index] });
        }
      }
    }
    return ranges;
  }

  /** Once: the next look says the same in five seconds. */
  private say(text: string): void {
    if (text !== this.said) {
      console.error(text);
      this.said = text;
    }
  }
}

/** By their period. */
function groupsOf(alarms: readonly WatchedAlarm[]): Map<number, WatchedAlarm[]> {
  const groups = new Map<number, WatchedAlarm[]>();
  for (const alarm of alarms) {
    const { periodSeconds } = alarm.series;
    groups.set(periodSeconds, [...groups.get(periodSeconds) ?? [], alarm]);
  }
  return groups;
}

function changesOf(ranges: ReadonlyMap<WatchedAlarm, readonly Datapoint[]>, now: number): StateChange[] {
  return [...ranges].flatMap(([alarm, range]) => {
    const evaluation = evaluate(alarm.rule, range);
    const { state } = evaluation;
    return state === undefined || state === alarm.state
      ? []
      : [{ name: alarm.name, state, reason: reasonOf(alarm.rule, evaluation), data: reasonData(alarm, evaluation, now) }];
  });
}

/** An alarm that cannot be evaluated is not OK: it says why. */
function problemsOf(alarms: readonly MetricAlarm[], unknown: readonly UnknownAlarm[]): StateChange[] {
  const changes = unknown.map(({ name, problem }): StateChange => (
    { name, state: 'INSUFFICIENT_DATA', reason: `Not evaluated by the local cloud: ${problem}.` }
  ));
  return changes.filter(({ name, reason }) => alarms.some(({ AlarmName, StateReason }) => AlarmName === name && StateReason !== reason));
}
