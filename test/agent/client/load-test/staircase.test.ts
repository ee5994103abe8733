import { setTimeout as sleep } from 'node:timers/promises';
import { climb } from '../../../../agent/client/load-test/staircase';
import type { Measured } from '../../../../agent/client/load-test/meter';
import type { Limits } from '../../../../lambda/endpoint/report/run';

const LIMITS: Limits = { errorPercent: 1, maxUsers: 8 };
const DEVICE = { agentCpuPercent: 50, machineCpuPercent: 80, memoryPercent: 30 };

function meter(cpuPercent = 10, device: Measured['device'] = DEVICE) {
  return {
    begin: () => {
      const started = Date.now();
      return () => ({ seconds: Math.max(1, Date.now() - started) / 1000, client: { cpuPercent, lagMs: 1 }, device });
    },
  };
}

function plan(...users: number[]) {
  return { users, settleSeconds: 0.02, holdSeconds: 0.15 };
}

const NEVER = new AbortController().signal;

it('climbs all steps, each with its number of predictions at once', async () => {
  let running = 0;
  const most: number[] = [];
  const predict = async (): Promise<void> => {
    running += 1;
    most.push(running);
    await sleep(5);
    running -= 1;
  };
  const { status, reason, steps } = await climb({ plan: plan(1, 3), limits: LIMITS }, predict, meter(), NEVER);
  expect([status, reason]).toEqual(['SUCCEEDED', 'all 2 steps are done']);
  expect(steps.map(({ step, users }) => [step, users])).toEqual([[1, 1], [2, 3]]);
  expect(Math.max(...most)).toBe(3);
  expect(running).toBe(0); // nothing goes on
});

it('a step has what was measured while it was held', async () => {
  const { steps: [step] } = await climb({ plan: plan(2), limits: LIMITS }, () => sleep(10), meter(), NEVER);
  expect(step?.client.p50Ms).toBeGreaterThanOrEqual(9);
  expect(step?.client.tps).toBeLessThanOrEqual(2 / 0.009);
  expect(step).toMatchObject({ device: DEVICE, clientLimited: false, workers: 1 });
  expect(Date.parse(step?.to ?? '') - Date.parse(step?.from ?? '')).toBeGreaterThanOrEqual(140);
});

it('what settles is not counted', async () => {
  let count = 0;
  const predict = async (): Promise<void> => {
    count += 1;
    if (count === 1) {
      throw new Error('only while it settles');
    }
    await sleep(5);
  };
  const { steps: [step] } = await climb({ plan: plan(1), limits: LIMITS }, predict, meter(), NEVER);
  expect(step?.client.failures).toBe(0);
});

it('a client that uses its core up is the limit', async () => {
  const { steps } = await climb({ plan: plan(1), limits: LIMITS }, () => sleep(5), meter(95), NEVER);
  expect(steps[0]?.clientLimited).toBe(true);
});

it('a step without /proc has no figures of the device', async () => {
  const { steps } = await climb({ plan: plan(1), limits: LIMITS }, () => sleep(5), { begin: () => () => (
    { seconds: 0.15, client: { cpuPercent: 1, lagMs: 0 } }
  ) }, NEVER);
  expect(steps[0]).not.toHaveProperty('device');
});

it.each<[string, Partial<Limits>, () => Promise<unknown>, string]>([
  ['errors pass their limit', {}, () => Promise.reject(new Error('no')), 'errors passed their limit'],
  ['p99 passes its limit', { p99Ms: 5 }, () => sleep(20), 'p99 passed its limit'],
  ['the target is met', { targetTps: 1 }, () => sleep(5), 'the target is met'],
  ['no prediction ends', {}, () => sleep(600), 'no prediction ended while the step was held'],
])('ends when %s', async (_, limits, predict, reason) => {
  const climbed = await climb({ plan: plan(1, 2), limits: { ...LIMITS, ...limits } }, predict, meter(), NEVER);
  expect(climbed).toMatchObject({ status: 'SUCCEEDED', reason, steps: [{ step: 1 }] });
  expect(climbed.steps).toHaveLength(1);
});

it('is stopped by hand in the middle of a step, and keeps the steps that are done', async () => {
  const stop = new AbortController();
  let held = 0;
  const stopping = { begin: () => {
    held += 1;
    if (held === 2) {
      stop.abort();
    }
    return meter().begin();
  } };
  const climbed = await climb({ plan: plan(1, 2, 4), limits: LIMITS }, () => sleep(5), stopping, stop.signal);
  expect(climbed).toMatchObject({ status: 'ABORTED', reason: 'stopped by hand', steps: [{ step: 1 }] });
  expect(climbed.steps).toHaveLength(1);
});

it('fails when the meter fails, and nothing goes on', async () => {
  let running = 0;
  const predict = async (): Promise<void> => {
    running += 1;
    await sleep(5);
    running -= 1;
  };
  const broken = { begin: () => {
    throw new Error('no clock');
  } };
  await expect(climb({ plan: plan(2), limits: LIMITS }, predict, broken, NEVER)).rejects.toThrow('no clock');
  expect(running).toBe(0);
});
