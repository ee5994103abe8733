import { FAULTS } from './fault-cases';
import { World } from './fixture';

beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
});

test.each(FAULTS)('a run fails, stops its tasks and tells of it when $when', async ({ arrange, settings, input, reason }) => {
  const world = new World(settings);
  arrange?.(world);
  const verdict = await world.execute(input);
  expect(verdict).toMatchObject({ passed: false, status: 'FAILED', reason: expect.stringMatching(reason) as unknown });
  expect(world.cluster.running()).toEqual([]);
  expect(world.bucket.objects.has('results/lock.json')).toBe(false);
  expect(world.events).toHaveLength(1);
});

test('a payload that is too large is told before anything is started', async () => {
  const world = new World();
  world.bucket.objects.set('input/payloads/large', 'x'.repeat(6 * 1024 * 1024 + 1));
  await world.execute();
  expect(world.cluster.requests).toEqual([]);
});

test.each([500, 503, 429, 408, 424])('errors of the model with status %i among the first requests do not stop a step', async (status) => {
  const world = new World();
  world.whileHeld = () => {
    world.writeMaster({
      state: 'SETTLING', step: 1, progress: { requests: 7, failures: 7, errors: [{ kind: 'model', code: 'ModelError', status, count: 7, message: 'no' }] },
    });
  };
  await expect(world.execute()).resolves.toMatchObject({ passed: true });
});

test('a payload that the model refuses among others does not stop a step', async () => {
  const world = new World();
  world.whileHeld = () => {
    world.writeMaster({
      state: 'SETTLING', step: 1, progress: { requests: 8, failures: 7, errors: [{ kind: 'model', code: 'ModelError', status: 400, count: 7, message: 'no' }] },
    });
  };
  await expect(world.execute()).resolves.toMatchObject({ passed: true });
});

test('a name of an execution that is no folder is refused', async () => {
  await expect(new World().act('start', { runId: 'a b' })).rejects.toThrow('it must have letters, digits, dots, hyphens and underscores, got a b');
});
