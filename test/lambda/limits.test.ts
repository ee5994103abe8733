import { LIMITS as DEVICE } from '../../lambda/device/limits';
import { RESOURCES as DEVICES } from '../../lambda/device/resources';
import { LIMITS as GREENGRASS } from '../../lambda/greengrass/limits';
import { RESOURCES as COMPONENTS } from '../../lambda/greengrass/resources';
import { LIMITS as IDENTITY } from '../../lambda/identity/limits';
import { RESOURCES as IDENTITIES } from '../../lambda/identity/resources';
import { LIMITS as JOBS } from '../../lambda/jobs/limits';
import { RESOURCES as KINDS } from '../../lambda/jobs/resources';
import { LIMITS as MODEL } from '../../lambda/model/limits';
import { RESOURCES as MODELS } from '../../lambda/model/resources';
import { MARGIN_MS, type Limits } from '../../lambda/shared/lifecycle';

const INVOCATION_MS = 900_000;
const HOUR_MS = 3_600_000;
const SERVED: readonly (readonly [Limits, object])[] = [
  [DEVICE, DEVICES], [GREENGRASS, COMPONENTS], [IDENTITY, IDENTITIES], [JOBS, KINDS], [MODEL, MODELS],
];
const ALL = SERVED.flatMap(([limits, resources]) => Object.keys(resources).map((type): [string, Limits] => [type, limits]));

test.each(ALL)('a phase of %s fits into an invocation, with time for the answer', (type, limits) => {
  expect(limits.phase(type) + MARGIN_MS).toBeLessThan(INVOCATION_MS);
});

test.each(ALL)('the longest wait of %s is a chain of invocations that Lambda does not stop', (type, limits) => {
  const each = INVOCATION_MS - limits.phase(type) - MARGIN_MS;
  expect(1 + Math.ceil(limits.total(type) / each)).toBeLessThanOrEqual(12);
});

test.each(ALL)('waiting for %s has no limit beyond the hour of CloudFormation', (type, limits) => {
  expect(limits.total(type)).toBeLessThanOrEqual(HOUR_MS);
});
