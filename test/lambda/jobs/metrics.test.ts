import { Bench } from './bench';
import { compilation, model, packaging } from './properties';

let bench: Bench;
beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation();
  bench = new Bench();
});
afterEach(() => { jest.restoreAllMocks(); });

const values = () => bench.lines.map((line) => JSON.parse(line) as { Duration: number; Failed: number });

test.each([['compilation', compilation()], ['packaging', packaging()]])('a %s job that this deployment started is measured once, by stack and resource', async (_, resource) => {
  bench.service.plan = () => ({ runs: 20_000 });
  await bench.create(resource);
  expect(values()).toEqual([{
    _aws: {
      Timestamp: bench.clock.now,
      CloudWatchMetrics: [{ Namespace: 'cdk-sagemaker-edge/Jobs', Dimensions: [['Stack', 'Resource']], Metrics: [{ Name: 'Duration', Unit: 'Seconds' }, { Name: 'Failed', Unit: 'Count' }] }],
    },
    Stack: 'Demo', Resource: 'Compile', Duration: expect.any(Number) as number, Failed: 0,
  }]);
  expect(values()[0]?.Duration).toBeGreaterThanOrEqual(22);
  expect(values()[0]?.Duration).toBeLessThan(28);
});

test.each(['FAILED', 'STOPPED'])('a job that is %s counts as failed', async (ends) => {
  bench.service.plan = () => ({ runs: 5_000, ends });
  await expect(bench.create(compilation())).rejects.toThrow(ends);
  expect(values().map(({ Failed }) => Failed)).toEqual([1]);
});

test('a job that a later event finds is not measured again', async () => {
  const [a, b] = [compilation(model('a')), compilation(model('b'))];
  const { id } = await bench.create(a);
  bench.clock.now += 60_000;
  const { id: newer } = await bench.run(bench.update(id, a, b));
  bench.clock.now += 60_000;
  await bench.run(bench.update(newer, b, a));
  expect(values()).toHaveLength(2);
});
