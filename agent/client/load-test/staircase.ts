import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Outcomes } from './outcomes';
import { errorPercent } from '../../../lambda/endpoint/report/points';
import type { EdgeStep, Limits, Plan, RunStatus } from '../../../lambda/endpoint/report/run';
import type { Meter } from './meter';

/** From this on, the one thread of the client has no time left to send more. */
const CLIENT_FULL_PERCENT = 90;

export interface Climbed {
  readonly status: RunStatus;
  readonly reason: string;
  readonly steps: readonly EdgeStep[];
}

/** Climbs the staircase of users: settle, hold, measure, until a limit is passed, the target is met or the steps are done. */
export async function climb(
  { plan, limits }: { readonly plan: Plan; readonly limits: Limits }, predict: () => Promise<unknown>, meter: Pick<Meter, 'begin'>,
  signal: AbortSignal,
): Promise<Climbed> {
  const steps: EdgeStep[] = [];
  for (const users of plan.users) {
    const step = await holdStep(steps.length + 1, users, plan, predict, meter, signal);
    if (step === undefined) {
      return { status: 'ABORTED', reason: 'stopped by hand', steps };
    }
    steps.push(step);
    const reason = whyEnough(step, limits);
    if (reason !== undefined) {
      return { status: 'SUCCEEDED', reason, steps };
    }
  }
  return { status: 'SUCCEEDED', reason: `all ${steps.length} steps are done`, steps };
}

/** Undefined: it was stopped. */
async function holdStep(
  number: number, users: number, { settleSeconds, holdSeconds }: Plan, predict: () => Promise<unknown>, meter: Pick<Meter, 'begin'>,
  signal: AbortSignal,
): Promise<EdgeStep | undefined> {
  const outcomes = new Outcomes();
  let isOver = false;
  const stream = async (): Promise<void> => {
    while (!isOver) {
      const started = performance.now();
      try {
        await predict();
        outcomes.succeeded(performance.now() - started);
      } catch (error) {
        outcomes.failed(error);
        await sleep(1); // a refusal costs nothing: without a pause the streams would only refuse each other's time
      }
    }
  };
  const streams = Array.from({ length: users }, stream);
  try {
    await sleep(settleSeconds * 1000, undefined, { signal });
    outcomes.reset();
    const from = new Date().toISOString();
    const end = meter.begin();
    await sleep(holdSeconds * 1000, undefined, { signal });
    const { seconds, client, device } = end();
    const clientLimited = client.cpuPercent >= CLIENT_FULL_PERCENT;
    return {
      step: number, users, workers: 1, from, to: new Date().toISOString(),
      client: outcomes.figures(seconds, client), notes: [], clientLimited,
      ...(device === undefined ? {} : { device }),
    };
  } catch (error) {
    if (signal.aborted) {
      return undefined;
    }
    throw error;
  } finally {
    isOver = true;
    await Promise.all(streams);
  }
}

function whyEnough(step: EdgeStep, { targetTps = Infinity, p99Ms = Infinity, errorPercent: allowed }: Limits): string | undefined {
  const { tps, p99Ms: p99, requests } = step.client;
  if (requests === 0) {
    return 'no prediction ended while the step was held';
  }
  if (errorPercent(step) > allowed) {
    return 'errors passed their limit';
  }
  if (p99 > p99Ms) {
    return 'p99 passed its limit';
  }
  return tps >= targetTps ? 'the target is met' : undefined;
}
