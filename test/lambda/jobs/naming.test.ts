import { inputsHash, jobName, jobNameBase, MAX_ATTEMPT, outputFolder, parseJobName, resourceHash } from '../../../lambda/jobs/naming';

const ENTITY_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

test('the longest name is an entity name of at most 63 characters', () => {
  const name = jobName(jobNameBase('p'.repeat(40), resourceHash('stack', 'id'), inputsHash({})), MAX_ATTEMPT);
  expect(name.length).toBeLessThanOrEqual(63);
  expect(name).toMatch(ENTITY_NAME);
});

test('no hyphen is left at either end, also where the prefix is cut at one', () => {
  const name = jobName(jobNameBase(`-${'p'.repeat(29)}--x`, resourceHash('stack', 'id'), inputsHash({})), 1);
  expect(name).toMatch(ENTITY_NAME);
});

test('a name can be read back', () => {
  const base = jobNameBase('demo-1-2', resourceHash('stack', 'id'), inputsHash({ a: 1 }));
  expect(parseJobName(jobName(base, 12))).toEqual({
    base,
    resource: resourceHash('stack', 'id'),
    inputs: inputsHash({ a: 1 }),
    attempt: 12,
  });
});

test.each([
  'Demo-Compile-1A2B3C4D5E6F',
  '',
  'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED',
  'demo-0a1b2c3d-0a1b2c3d4e5f6a7b-0',
  'demo-0a1b2c3d-0a1b2c3d4e5f6a7b',
])('%p is no name of ours', (id) => {
  expect(parseJobName(id)).toBeUndefined();
});

test('stack and logical id both count', () => {
  expect(new Set([resourceHash('a', 'b'), resourceHash('a', 'c'), resourceHash('x', 'b'), resourceHash('ab', '')]).size).toBe(4);
});

test('neither the order of members nor absent ones count, but every value does', () => {
  expect(inputsHash({ a: 1, b: [1, 2], c: undefined })).toBe(inputsHash({ b: [1, 2], a: 1 }));
  expect(inputsHash({ a: 1, b: [1, 2] })).not.toBe(inputsHash({ a: 1, b: [2, 1] }));
});

test.each(['s3://bucket', 's3://bucket/', 's3://bucket//'])('a job\'s folder is below the base, with one slash: %s', (base) => {
  expect(outputFolder(base, 'job')).toBe('s3://bucket/job/');
});
