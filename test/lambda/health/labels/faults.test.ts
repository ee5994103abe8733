import fc from 'fast-check';
import { scheduledRun } from '../../../../lambda/health/labels/ledger';
import { DAY, FakeCloud, HOUR, awsError, idOf, picture, reason } from './fixture';

/** What happens between two runs, and in a run. */
interface Step {
  /** Files that devices upload before the run: the device, how many captures, how old they are. */
  readonly uploads: readonly { readonly device: number; readonly captures: number; readonly hoursOld: number }[];
  readonly maxPerRun: number;
  /** Of each attempt of the run, the call that fails, before it is done or after. Lambda repeats a run twice. */
  readonly faults: readonly { readonly call: number; readonly isAfter: boolean }[];
  readonly hours: number;
}

const STEP: fc.Arbitrary<Step> = fc.record({
  uploads: fc.array(fc.record({
    device: fc.integer({ min: 1, max: 5 }), captures: fc.integer({ min: 1, max: 4 }), hoursOld: fc.integer({ min: 0, max: 150 }),
  }), { maxLength: 4 }),
  maxPerRun: fc.integer({ min: 1, max: 5 }),
  faults: fc.array(fc.record({ call: fc.integer({ min: 0, max: 60 }), isAfter: fc.boolean() }), { maxLength: 3 }),
  hours: fc.integer({ min: 1, max: 60 }),
});

async function attempt(cloud: FakeCloud, at: number, maxPerRun: number, fault: Step['faults'][number] | undefined): Promise<boolean> {
  let calls = 0;
  const failing = (isAfter: boolean) => (): void => {
    calls += fault?.isAfter === isAfter ? 1 : 0;
    if (fault?.isAfter === isAfter && calls > fault.call) { // the rest of the attempt fails, too: the function has died
      throw awsError('InternalError', 500);
    }
  };
  cloud.before = failing(false);
  cloud.after = failing(true);
  try {
    await cloud.run({ maxPerRun }, scheduledRun(at));
    return true;
  } catch (error) {
    if (fault === undefined) {
      throw error;
    }
    return false;
  } finally {
    cloud.before = () => undefined;
    cloud.after = () => undefined;
  }
}

async function play(steps: readonly Step[]): Promise<{ readonly made: string[]; readonly cloud: FakeCloud }> {
  const cloud = new FakeCloud();
  const made: string[] = [];
  for (const { uploads, maxPerRun, faults, hours } of steps) {
    for (const { device, captures, hoursOld } of uploads) {
      const ids = Array.from({ length: captures }, (_, index) => made.length + index);
      cloud.upload(`camera-${device}`, ids.map((id) => ({ id: idOf(id), time: cloud.now - hoursOld * HOUR, parts: [picture(id, '1, 8, 8'), reason()] })));
      made.push(...ids.map((id) => `camera-${device}/${idOf(id)}`));
    }
    const at = cloud.now;
    for (const fault of [...faults, undefined].slice(0, 3)) {
      if (await attempt(cloud, at, maxPerRun, fault)) {
        break;
      }
      cloud.now += 60_000;
    }
    cloud.now += hours * HOUR;
  }
  for (let ends = 0; ends < 2; cloud.now += DAY) { // a second search finds what came behind the first one
    ends += (await cloud.run())[0]?.isComplete === true ? 1 : 0;
  }
  return { made, cloud };
}

test('no capture is lost, and none is in two manifests, whatever fails', async () => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined); // the handler's log
  await fc.assert(fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 6 }), async (steps) => {
    const { made, cloud } = await play(steps);
    expect(cloud.told().sort()).toEqual(made.sort());
  }), { numRuns: 25, seed: 16 });
  jest.restoreAllMocks();
});
