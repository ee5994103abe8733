import * as fc from 'fast-check';
import type { Template } from '../cloudformation/template';
import { responseLost, roleNotReady, throttled, type Plan } from './fake-service';
import { JobsCloud } from './jobs-cloud';
import { compilation, model, packaging } from './properties';

const plan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ runs: fc.integer({ min: 1_000, max: 400_000 }) }) },
  { weight: 2, arbitrary: fc.record({ runs: fc.integer({ min: 1_000, max: 90_000 }), ends: fc.constantFrom('FAILED', 'STOPPED') }) },
  { weight: 1, arbitrary: fc.constant({ runs: Infinity }) },
  {
    weight: 1,
    arbitrary: fc.record({
      runs: fc.integer({ min: 1_000, max: 90_000 }),
      preset: fc.constantFrom('COMPLETED' as const, 'FAILED' as const),
    }),
  },
);
const OPERATIONS = [
  'createCompilationJob', 'describeCompilationJob', 'stopCompilationJob', 'deleteCompilationJob',
  'createEdgePackagingJob', 'describeEdgePackagingJob', 'stopEdgePackagingJob',
] as const;
const fault = fc.record({
  operation: fc.constantFrom(...OPERATIONS), kind: fc.constantFrom('throttled', 'lost', 'role'),
  lasts: fc.integer({ min: 0, max: 200_000 }),
});
const job = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined, freq: 4 });
const step = fc.record({
  compile1: job, compile2: job, package1: job,
  plans: fc.array(plan, { minLength: 1, maxLength: 4 }),
  faults: fc.array(fault, { maxLength: 3 }),
  otherFailsAfter: fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 250_000 })),
  late: fc.constantFrom(100, 300, 2_000),
  twice: fc.boolean(),
  rollbackWithNewId: fc.boolean(),
  noDeleteOfFailed: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function template({ compile1, compile2, package1 }: Step): Template {
  return {
    ...(compile1 ? { Compile1: compilation(model(compile1)) } : {}),
    ...(compile2 ? { Compile2: compilation(model(compile2)) } : {}),
    ...(package1 ? { Package1: packaging({ CompilationJobName: `compiled-${package1}` }) } : {}),
  };
}

async function deploy(cloud: JobsCloud, next: Step): Promise<void> {
  const { service, time } = cloud;
  let started = 0;
  service.plan = () => next.plans[started++ % next.plans.length] ?? {};
  service.faults.length = 0;
  for (const { operation, kind, lasts } of next.faults) {
    if (kind === 'role' && !operation.startsWith('create')) {
      continue;
    }
    if (kind === 'lost') {
      service.faults.push({ operation, error: responseLost, times: 2, after: true });
    } else {
      service.faults.push({ operation, error: kind === 'role' ? roleNotReady : throttled, until: time.now + lasts });
    }
  }
  await cloud.stack.deploy(template(next), next);
}

beforeAll(() => {
  jest.spyOn(console, 'log').mockImplementation();
});
afterAll(() => {
  jest.restoreAllMocks();
});

test('random deployments, rollbacks, cancelled creates and faults leave no job and no record behind', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
    const cloud = new JobsCloud();
    for (const next of steps) {
      await deploy(cloud, next);
      expect(cloud.faults()).toEqual([]);
      for (const { id } of cloud.stack.live.values()) {
        expect(id).toMatch(/^Demo-0a1b2c3d-[0-9a-f]{8}-[0-9a-f]{16}-\d+$/);
      }
    }
    cloud.service.faults.length = 0;
    await cloud.stack.destroy();
    expect([...cloud.faults(), ...cloud.service.compilations.keys()]).toEqual([]);
  }), { seed: Number(process.env.ORPHAN_SEED ?? '20261121'), numRuns: Number(process.env.ORPHAN_RUNS ?? '50') });
}, 300_000);
