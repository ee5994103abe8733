import { deadline, GIVE_UP, isDue, START_MARGIN } from '../../../lambda/jobs/polling';
import { LIMITS } from '../../../lambda/jobs/limits';
import { JobHarness, jobOf, TICK } from './harness';
import { compilation } from './properties';
import { WAITS } from '../functions';

beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation();
});
afterEach(() => {
  jest.restoreAllMocks();
});

test.each([2, 3, 5, 11, 20, 30, 44, 59])('the resource of a job of %i seconds completes at most one tick after it', async (seconds) => {
  expect((await jobOf(seconds)).lag).toBeLessThanOrEqual(TICK / 1000);
});

test('a job of 10 minutes takes no more calls than its start and a 30-second poll', async () => {
  expect((await jobOf(600)).calls).toBeLessThanOrEqual(1 + 600 / 30 + 1);
});

test.each([
  90, 150, 300, 600, 1200,
])('the lag of a job of %i seconds is at most 2 minutes and a tick, and at most half of its time and a tick', async (seconds) => {
  const { lag } = await jobOf(seconds);
  expect(lag).toBeLessThanOrEqual(Math.min(120, seconds / 2) + 6);
});

test('a tick that is not due calls nothing', async () => {
  const harness = new JobHarness();
  harness.service.plan = () => ({ runs: 500_000 });
  const waiting = await harness.start(harness.event('Create', compilation()));
  harness.clock.now += 75_000;
  const before = harness.service.calls.length;
  expect(await harness.poll(waiting)).toEqual(WAITS);
  expect(harness.service.calls).toHaveLength(before);
});

test('whatever the ticks\' distance, no due moment of the first ten minutes is far from a look', () => {
  for (const tick of [5_000, 5_050, 5_200, 5_400]) {
    let last = 0;
    for (let elapsed = 0; elapsed < 900_000; elapsed += tick) {
      if (!isDue(elapsed, true)) {
        continue;
      }
      expect(elapsed - last).toBeLessThanOrEqual(Math.max(tick, Math.min(130_000, last)));
      last = elapsed;
    }
  }
});

test('every deadline leaves the time to stop the job and to answer', () => {
  expect(deadline(900)).toBe(900_000 + START_MARGIN);
  expect(deadline(45 * 60)).toBeLessThanOrEqual(GIVE_UP - 4 * 60_000);
  expect(deadline(86_400)).toBeLessThanOrEqual(GIVE_UP - 4 * 60_000);
  expect(GIVE_UP).toBeLessThan(LIMITS.total);
});
