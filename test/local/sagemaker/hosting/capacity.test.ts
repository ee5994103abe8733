import { containing, until } from '../requests';
import { ADD, serving, startHosting, variant, type HostingFixture } from './hosting-fixture';

/** Longer than requests that begin at once are apart on a busy machine. */
const SERVICE_MS = 1500;

let fixture: HostingFixture;
beforeAll(async () => {
  fixture = await startHosting({
    delays: { creatingMs: 10, updatingMs: 10, deletingMs: 10 }, metrics: { periodSeconds: 1, delaySeconds: 0.2 },
  });
});
afterAll(async () => fixture.close());

const statuses = async (name: string, calls: number): Promise<string[]> => Promise.all(Array.from({ length: calls }, async () => (
  fixture.invoke(name).then(() => 'answered', (error: unknown) => (error instanceof Error ? error.name : ''))
)));

/** The sum of a metric over all that was published of an endpoint. */
function published(endpoint: string, metric: string): { readonly sum: number; readonly samples: number; readonly largest: number } {
  const data = fixture.published.filter(({ datum: { MetricName, Dimensions } }) => (
    MetricName === metric && Dimensions[0]?.Value === endpoint
  ));
  const values = data.flatMap(({ datum: { Values, Counts } }) => Values.map((value, index) => [value, Counts[index] ?? 0] as const));
  return {
    sum: values.reduce((sum, [value, times]) => sum + value * times, 0), samples: values.reduce((sum, [, times]) => sum + times, 0),
    largest: Math.max(...values.map(([value]) => value)),
  };
}

test('a declared capacity works on as many at once as it says, for as long, and refuses what its queue cannot hold', async () => {
  await serving(fixture, 'declared');
  await fixture.capacity({ endpointNameContains: 'declared', concurrency: 2, serviceMs: SERVICE_MS, queue: 4 });
  const began = performance.now();
  const outcomes = await statuses('declared', 8);
  expect(performance.now() - began).toBeGreaterThanOrEqual(3 * SERVICE_MS - 10); // six requests by two workers
  expect(outcomes.filter((outcome) => outcome === 'answered')).toHaveLength(6);
  expect(outcomes.filter((outcome) => outcome === 'ModelError')).toHaveLength(2);
});

test('a full queue is the container\'s 503, as Triton words it', async () => {
  await serving(fixture, 'narrow');
  await fixture.capacity({ endpointNameContains: 'narrow', concurrency: 1, serviceMs: SERVICE_MS, queue: 0 });
  const [, refused] = await Promise.allSettled([fixture.invoke('narrow'), fixture.invoke('narrow')]);
  expect(refused).toMatchObject({
    status: 'rejected', reason: { name: 'ModelError', OriginalStatusCode: 503, message: containing('Received server error (503) from primary') },
  });
});

test('metrics say what the requests did, by the units of the service', async () => {
  await serving(fixture, 'measured', { ProductionVariants: [variant('declared', 'AllTraffic', 2)] });
  await fixture.capacity({ endpointNameContains: 'measured', concurrency: 1, serviceMs: 200, queue: 100, cpuPercent: 50, memoryPercent: 30 });
  await statuses('measured', 10);
  await fixture.fault({ endpointNameContains: 'measured', kind: 'CONTAINER_ERROR', status: 400, times: 1 });
  await fixture.fault({ endpointNameContains: 'measured', kind: 'CONTAINER_ERROR', status: 500, times: 2 });
  await statuses('measured', 3);
  await until(() => Promise.resolve(published('measured', 'Invocations').sum), (sum) => sum >= 13);
  expect(published('measured', 'Invocations')).toMatchObject({ sum: 13, samples: 13 });
  expect(published('measured', 'InvocationsPerInstance')).toMatchObject({ sum: 6.5, samples: 13 });
  expect(published('measured', 'Invocation4XXErrors')).toMatchObject({ sum: 1, samples: 13 });
  expect(published('measured', 'Invocation5XXErrors')).toMatchObject({ sum: 2, samples: 13 });
  expect(published('measured', 'InvocationModelErrors')).toMatchObject({ sum: 3, samples: 13 });
  expect(published('measured', 'ModelLatency').largest).toBeGreaterThanOrEqual(199_000); // microseconds
  expect(published('measured', 'OverheadLatency').samples).toBe(13);
  await until(() => Promise.resolve(published('measured', 'CPUUtilization').largest), (largest) => largest > 50);
  expect(published('measured', 'CPUUtilization').largest).toBeLessThanOrEqual(201); // four cores, of which a full instance uses the half
  expect(published('measured', 'MemoryUtilization').largest).toBe(30);
  const namespaces = fixture.published.map(({ namespace, datum }) => [datum.MetricName, namespace]);
  expect(Object.fromEntries(namespaces)).toMatchObject({ Invocations: 'AWS/SageMaker', CPUUtilization: '/aws/sagemaker/Endpoints' });
});

test('without a declared capacity the model runs for each request, and its CPU time is measured', async () => {
  await serving(fixture, 'undeclared');
  await statuses('undeclared', 20);
  await until(() => Promise.resolve(published('undeclared', 'Invocations').sum), (sum) => sum >= 20);
  expect(published('undeclared', 'CPUUtilization').samples).toBeGreaterThan(0);
  expect(await fixture.invoke('undeclared', ADD)).toMatchObject({ ContentType: 'application/json' });
});
