import { readGitCredentials, verifyGitCredentials } from '../../../local/codecommit/credentials';

/** Made by git-remote-codecommit 1.17 and by awscli 1.46.3 at 2026-01-02T03:04:05Z, with the same key. */
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const HOST = 'localhost:8443';
const BY_REMOTE = '20260102T030405Zbab13ac183eeb0f95a9404194ec375474c1a1a63b56a997e67d8927e573f49ac';
const BY_CLI = '20260102T030405Z152b99e01a50ca044b4af6418e600dd3034c1807c9042cb2a20508cd203fe80d';
const NOW = Date.UTC(2026, 0, 2, 3, 4, 6);
const place = { host: HOST, path: '/v1/repos/houses', region: 'us-east-1' };

const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const given = (password: string, user = 'ASIAEXAMPLE00001%to/k+en=='): NonNullable<ReturnType<typeof readGitCredentials>> => {
  const credentials = readGitCredentials(basic(user, password));
  if (!credentials) {
    throw new Error('no credentials');
  }
  return credentials;
};

test('the user is an access key and the token of its session', () => {
  expect(given(BY_REMOTE)).toMatchObject({ accessKeyId: 'ASIAEXAMPLE00001', sessionToken: 'to/k+en==' });
  expect(given(BY_REMOTE, 'AKIAEXAMPLE00001')).not.toHaveProperty('sessionToken');
});

test('what git asks first has no credentials', () => {
  expect([readGitCredentials(undefined), readGitCredentials('Bearer x')]).toEqual([undefined, undefined]);
});

test.each([['git-remote-codecommit', BY_REMOTE], ['the credential helper of the AWS CLI', BY_CLI]])('a signature by %s is right', (_, password) => {
  expect(() => {
    verifyGitCredentials(given(password), SECRET, place, NOW);
  }).not.toThrow();
});

test.each([
  ['another repository', SECRET, { ...place, path: '/v1/repos/others' }, NOW, 'mismatch'],
  ['another host', SECRET, { ...place, host: 'localhost:1' }, NOW, 'mismatch'],
  ['another region', SECRET, { ...place, region: 'eu-west-1' }, NOW, 'mismatch'],
  ['another secret', 'other', place, NOW, 'mismatch'],
  ['16 minutes later', SECRET, place, NOW + 16 * 60_000, 'expired'],
  ['16 minutes before', SECRET, place, NOW - 16 * 60_000, 'expired'],
])('fails when the signature is for %s', (_, secret, where, now, problem) => {
  expect(() => {
    verifyGitCredentials(given(BY_REMOTE), secret, where, now);
  }).toThrow(expect.objectContaining({ problem }) as Error);
});

test.each(['secret', '20260102T030405Z', `20260102T030405Z${'0'.repeat(63)}`])('fails when the password is %s', (password) => {
  expect(() => given(password)).toThrow('the user of a repository must be an access key, and the password a signature');
});
