import * as fc from 'fast-check';
import type { Mishaps } from '../cloudformation/stack-model';
import { durations, randomFault, repairing, strike } from '../identity/model/random-faults';
import { GreengrassCloud } from './model/greengrass-cloud';
import { templateOf, type Wish } from './model/templates';

const OPERATIONS = [
  'describeComponent', 'deleteComponent', 'tagResource', 'getDeployment', 'createDeployment', 'cancelDeployment',
  'deleteDeployment', 'listDeployments',
  'listEffectiveDeployments', 'deleteCoreDevice', 'addThingToThingGroup', 'removeThingFromThingGroup',
  'listThingGroupsForThing', 'listThingsInThingGroup', 'copyObject', 'deleteObject',
] as const;
/** What the app says by turns: few, since each is synthesized, and such that each change leads somewhere. */
const WISHES: readonly Wish[] = [
  {},
  { first: 'north', app: 'a', deploys: 'plainly' },
  { first: 'north', camera: true, app: 'a', deploys: 'and waits' },
  { first: 'north', camera: true, app: 'b', deploys: 'and waits' },
  { first: 'north', camera: true, app: 'b', own: 'a', deploys: 'and uninstalls' },
  { first: 'north', camera: true, own: 'b', shared: 'a', deploys: 'plainly' },
  { first: 'renamed', camera: true, app: 'a', deploys: 'and uninstalls' },
  { first: 'north', second: true, visitor: 'first', app: 'c', deploys: 'plainly' },
  { first: 'north', second: true, visitor: 'second', shared: 'b', deploys: 'plainly' },
  { first: 'north', second: true, camera: true, visitor: 'none', app: 'a', shared: 'b' },
  { second: true, visitor: 'second', app: 'b', own: 'a' }, { first: 'north', second: true, visitor: 'none', app: 'a', deploys: 'plainly' },
];
/** A device that goes to and fro between two fleets that stay, and deployments that follow each other. */
const TURNS: readonly Wish[] = [
  ...(['none', 'first', 'second'] as const).map((visitor): Wish => ({
    first: 'north',
    second: true,
    visitor,
    app: 'a',
    deploys: 'plainly',
  })),
  ...(['b', 'c'] as const).map((app): Wish => ({ first: 'north', second: true, visitor: 'first', app, deploys: 'plainly' })),
];
const TRANSIENT = 40_000; // an SDK client rides this out

const fault = randomFault({
  operations: OPERATIONS,
  kinds: ['throttled', 'denied', 'lost', 'killed'],
  times: [1, 2, 12],
  transient: TRANSIENT,
});
const step = fc.record({
  wish: fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...WISHES) }, { weight: 1, arbitrary: fc.constantFrom(...TURNS) }),
  faults: fc.array(fault, { maxLength: 3 }),
  otherFailsAfter: fc.oneof(
    fc.constant(undefined),
    fc.integer({ min: 0, max: 2_000 }),
    fc.integer({ min: 0, max: 12_000 }),
    fc.integer({ min: 0, max: 60_000 }),
  ),
  late: fc.constantFrom(100, 300, 2_000, 10_000),
  rollbackLate: fc.constantFrom(300, 2_000),
  twice: fc.boolean(),
  goesOnTwice: fc.boolean(),
  rollbackWithNewId: fc.boolean(),
  keepsReplacements: fc.boolean(),
  endsTake: fc.constantFrom(0, 20_000, 90_000),
  strict: fc.boolean(),
  deviceTakes: fc.constantFrom(1_000, 40_000, 400_000),
  outcomes: fc.constantFrom(['SUCCEEDED'] as const, ['SUCCEEDED', 'FAILED'] as const),
  slow: fc.constantFrom(0, 500, 3_000),
  order: fc.nat({ max: 99 }),
  latency: fc.constantFrom(20, 400, 900),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const SEED = 20261121;
const RUNS = Number(process.env.ORPHAN_RUNS ?? '50');

/** What a step brings about; without `repair` it is nothing that a deployment may fail of. */
function arrange(world: GreengrassCloud, next: Step): Pick<Mishaps, 'repair'> {
  const { cloud, greengrass, devices } = world;
  cloud.line.latency = next.latency;
  greengrass.endsTake = next.endsTake;
  greengrass.strict = next.strict;
  devices.takes = next.deviceTakes;
  devices.outcomes = next.outcomes;
  cloud.duration = durations(next.slow, next.order);
  return repairing(cloud, strike(cloud, next.faults, TRANSIENT));
}

beforeAll(() => {
  jest.spyOn(console, 'log').mockImplementation();
});
afterAll(() => {
  jest.restoreAllMocks();
});

test('random deployments, rollbacks, cancelled creates and faults leave nothing behind but what the template says', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
    const world = GreengrassCloud.make();
    for (const next of steps) {
      const mishaps = { ...next, ...arrange(world, next) };
      const succeeded = await world.cloud.stack.deploy(templateOf(next.wish), mishaps);
      expect(world.faults()).toEqual([]);
      const waits = next.wish.deploys === 'and waits' && (next.outcomes.length > 1 || next.deviceTakes > 290_000);
      if (mishaps.repair === undefined && next.otherFailsAfter === undefined && !waits) {
        expect(succeeded).toBe(true);
      }
    }
    world.cloud.line.faults.length = 0;
    await world.cloud.stack.destroy();
    expect(world.faults()).toEqual([]);
  }), { seed: Number(process.env.ORPHAN_SEED ?? SEED), numRuns: RUNS });
}, 900_000); // the benchmark runs more of them
