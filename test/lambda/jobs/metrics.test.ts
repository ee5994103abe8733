import { JobHarness } from './harness';
import { compilation, model, packaging } from './properties';

let harness: JobHarness;
beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation();
  harness = new JobHarness();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const values = () => harness.lines.map((line) => JSON.parse(line) as { Duration: number; Failed: number });

test.each([
  ['compilation', compilation()], ['packaging', packaging()],
])('a %s job that this deployment started is measured once, by stack and resource', async (_, resource) => {
  harness.service.plan = () => ({ runs: 20_000 });
  await harness.create(resource);
  expect(values()).toEqual([{
    _aws: {
      Timestamp: harness.clock.now,
      CloudWatchMetrics: [{
        Namespace: 'cdk-sagemaker-edge/Jobs',
        Dimensions: [['Stack', 'Resource']],
        Metrics: [{ Name: 'Duration', Unit: 'Seconds' }, { Name: 'Failed', Unit: 'Count' }],
      }],
    },
    Stack: 'Demo', Resource: 'Compile', Duration: expect.any(Number) as number, Failed: 0,
  }]);
  expect(values()[0]?.Duration).toBeGreaterThanOrEqual(22);
  expect(values()[0]?.Duration).toBeLessThan(28);
});

test.each(['FAILED', 'STOPPED'])('a job that is %s counts as failed', async (ends) => {
  harness.service.plan = () => ({ runs: 5_000, ends });
  await expect(harness.create(compilation())).rejects.toThrow(ends);
  expect(values().map(({ Failed }) => Failed)).toEqual([1]);
});

test('a job that a later event finds is not measured again', async () => {
  const [a, b] = [compilation(model('a')), compilation(model('b'))];
  const { id } = await harness.create(a);
  harness.clock.now += 60_000;
  const { id: newer } = await harness.run(harness.update(id, a, b));
  harness.clock.now += 60_000;
  await harness.run(harness.update(newer, b, a));
  expect(values()).toHaveLength(2);
});
