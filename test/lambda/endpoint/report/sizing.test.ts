import { deviceCostPerHour } from '../../../../lambda/endpoint/report/device-cost';
import { priceOf } from '../../../../lib/endpoint/private/prices';
import { costOf, instancesFor, planOf, scalingPolicyOf, usdPerMillion } from '../../../../lambda/endpoint/report/sizing';
import type { Capacity, TpsAtShare } from '../../../../lambda/endpoint/report/capacity';
import { run } from './runs';

const AT_SHARE = (share: number, tps: number, resource: 'cpu' | 'gpu' = 'cpu'): TpsAtShare => (
  { share, tps, resource, method: 'interpolated', steps: [1, 2] }
);
const PEAK = { step: 3, users: 40, tps: 200, instances: 1, p50Ms: 100, p99Ms: 150, errorPercent: 0, utilization: {} };
/** 200 TPS at most, 120 at 60 % and 140 at 70 %. */
const CAPACITY: Capacity = {
  knee: { kind: 'found', step: 3, users: 40, tps: 200, latencyGrows: true }, peak: PEAK, withinLimits: PEAK, isLowerBound: false,
  at60: AT_SHARE(0.6, 120), at70: AT_SHARE(0.7, 140),
};
const PLAN = { basis: 'cpu', at60: 120, at70: 140 } as const;

describe('the plan of an instance', () => {
  test('is its TPS at 60 and 70 % of its CPU', () => {
    expect(planOf(CAPACITY)).toEqual(PLAN);
  });

  test('is never more than TPS within the limits', () => {
    expect(planOf({ ...CAPACITY, withinLimits: { ...PEAK, tps: 130 } })).toEqual({ basis: 'cpu', at60: 120, at70: 130 });
  });

  test('is 60 and 70 % of the highest TPS where the CPU does not get so far', () => {
    expect(planOf({ ...CAPACITY, at60: undefined, at70: undefined })).toEqual({ basis: 'peak', at60: 120, at70: 140 });
    expect(planOf({ ...CAPACITY, at70: undefined })?.basis).toBe('peak');
  });

  test('says that it is the GPU\'s', () => {
    expect(planOf({ ...CAPACITY, at60: AT_SHARE(0.6, 90, 'gpu'), at70: AT_SHARE(0.7, 110, 'gpu') })?.basis).toBe('gpu');
  });

  test('does not exist where no step was within the limits', () => {
    expect(planOf({ ...CAPACITY, withinLimits: undefined })).toBeUndefined();
  });
});

describe('the number of instances', () => {
  test('for the article\'s 1,000 TPS of instances that bear 200 is 9 at 60 %, 8 at 70 % and 5 without headroom', () => {
    expect(instancesFor(1000, PLAN, CAPACITY)).toEqual({ targetTps: 1000, at60: 9, at70: 8, full: 5 });
  });

  test('is not one more because of floating-point arithmetic', () => {
    expect(instancesFor(0.3, { basis: 'peak', at60: 0.1, at70: 0.1 }, CAPACITY)?.at60).toBe(3);
  });

  test('is at least one', () => {
    expect(instancesFor(0.001, PLAN, CAPACITY)).toMatchObject({ at60: 1, at70: 1, full: 1 });
  });

  test('does not exist where nothing was served', () => {
    expect(instancesFor(10, { basis: 'cpu', at60: 0, at70: 0 }, CAPACITY)).toBeUndefined();
  });
});

describe('cost', () => {
  test('of a million predictions at 100 TPS and $3.6 an hour is $10', () => {
    expect(usdPerMillion(3.6, 100)).toBeCloseTo(10);
  });

  test('of a million predictions does not exist without predictions', () => {
    expect([usdPerMillion(1, 0), usdPerMillion(1, undefined)]).toEqual([undefined, undefined]);
  });

  test('is that of all instances, of a million at 60 % and of a million at full load', () => {
    const cost = costOf({ usdPerHour: 0.72, source: 'test' }, { plan: PLAN, capacity: CAPACITY, instances: { targetTps: 1000, at60: 9, at70: 8, full: 5 } });
    expect(cost).toEqual({
      usdPerHour: 0.72, source: 'test', usdPerHourForTarget: expect.closeTo(6.48) as unknown,
      usdPerMillion: expect.closeTo(0.72 / (120 * 3600) * 1e6) as unknown, usdPerMillionFull: expect.closeTo(1) as unknown,
    });
  });

  test('says why it is missing', () => {
    expect(costOf({ missing: 'no price' }, { plan: PLAN, capacity: CAPACITY })).toEqual({ missing: 'no price' });
  });

  test('of an instance of a known type comes with region, date and source', () => {
    expect(priceOf('ml.m5.xlarge', 'us-east-1')).toEqual({ usdPerHour: 0.23, source: expect.stringMatching(/^us-east-1, on demand, \d{4}-\d\d-\d\d: AWS Price List/) as unknown });
  });

  test('of an instance of an unknown type is missing, and is not guessed', () => {
    expect(priceOf('ml.x9.huge', 'us-east-1')).toEqual({ missing: expect.stringContaining('no price of ml.x9.huge is known here') as unknown });
  });

  test.each(['constructor', '__proto__'])('of the type %s, which every object has, is missing', (name) => {
    expect(priceOf(name, 'us-east-1')).toHaveProperty('missing');
  });

  test('of another region is missing', () => {
    expect(priceOf('ml.m5.xlarge', 'eu-west-1')).toEqual({ missing: expect.stringContaining('prices here are those of us-east-1, the run was in eu-west-1') as unknown });
  });

  test('that the user gives is taken for any type and region', () => {
    expect(priceOf('ml.x9.huge', 'eu-west-1', 1.5)).toEqual({ usdPerHour: 1.5, source: 'given by the user' });
  });

  test('of a device is its price over its life and its energy', () => {
    // 876.6 / (2 × 8766) = 0.05; 10 W × 0.30 = 0.003
    expect(deviceCostPerHour({ priceUsd: 876.6, years: 2, watts: 10, usdPerKwh: 0.3 })).toEqual({
      usdPerHour: expect.closeTo(0.053) as unknown, source: expect.stringContaining('$876.6 over 2 year(s), 10 W at $0.3/kWh') as unknown,
    });
  });

  test('of a device of which nothing is said is missing', () => {
    expect(deviceCostPerHour(undefined)).toEqual({ missing: 'give the device\'s price, its years of service, its watts and the price of a kWh' });
  });
});

describe('the scaling policy', () => {
  const policy = (changes: Parameters<typeof run>[1]) => scalingPolicyOf(run([], changes), PLAN, CAPACITY);

  test('is AWS\'s formula, 200 × 0.5 × 60, and says the article\'s 60–70 % as well', () => {
    expect(policy({})).toMatchObject({ target: 6000, targetAt60: 7200, targetAt70: 8400 });
  });

  test('allows as many instances as the target needs at that target', () => {
    // 1,000 × 60 / 6,000
    expect(policy({ limits: { errorPercent: 1, maxUsers: 10, targetTps: 1000 } })).toMatchObject({ min: 1, max: 10 });
  });

  test('keeps what the variant has', () => {
    expect(policy({ scaling: { min: 2, max: 20 } })).toMatchObject({ min: 2, max: 20 });
  });

  test('allows as many instances as the load that was found needs at that target, where there was none', () => {
    expect(policy({ instances: 3 })).toMatchObject({ min: 1, max: 6 });
  });

  test('is a line to paste', () => {
    expect(policy({ instances: 3 })?.code).toBe('endpoint.autoScale({ min: 1, max: 6 }).onInvocationsPerInstance(6000);');
  });

  test('does not exist for less than one invocation a minute', () => {
    expect(scalingPolicyOf(run([]), PLAN, { ...CAPACITY, withinLimits: { ...PEAK, tps: 0.01 } })).toBeUndefined();
  });
});
