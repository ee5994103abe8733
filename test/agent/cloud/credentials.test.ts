import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IotCredentialProvider } from '../../../agent/cloud/credentials';
import { createLogger } from '../../../agent/log';
import { scratchFolder } from '../support/agent-process';
import { makeCertificate } from '../support/certificates';
import { CredentialServer, LOCAL_CA, writeCredentialFiles, type CredentialFiles } from '../support/credential-server';

const folder = scratchFolder();
let files: CredentialFiles;
let server: CredentialServer;
let log: string;

beforeEach(async () => {
  files = writeCredentialFiles(folder);
  log = '';
  server = await CredentialServer.start();
});
afterEach(() => server.close());

function provider(change: Partial<ConstructorParameters<typeof IotCredentialProvider>[0]> = {}): IotCredentialProvider {
  return new IotCredentialProvider({ ...files, endpoint: server.endpoint, thingName: 'thing-1', logger: createLogger((line) => {
    log += line;
  }, () => true), ...change });
}

it('shows its certificate and its thing\'s name, and gets credentials', async () => {
  await expect(provider().get()).resolves.toMatchObject({ accessKeyId: 'ASIA1', secretAccessKey: 'secret', sessionToken: 'token' });
  expect(server.seen).toEqual([{ path: '/role-aliases/SageMakerEdge-fleet/credentials', thing: 'thing-1', subject: 'device certificate' }]);
});

it('sends no thing name where none is set', async () => {
  await provider({ thingName: undefined }).get();
  expect(server.seen[0]?.thing).toBeUndefined();
});

it('asks once for callers at the same time, and not again while the credentials last', async () => {
  server.delayMs = 50;
  const one = provider();
  await Promise.all([one.get(), one.get(), one.get()]);
  await one.get();
  expect(server.seen).toHaveLength(1);
});

it('renews before the end, with the certificate that the file then holds', async () => {
  let now = Date.now();
  const one = provider({ now: () => now });
  server.give(200, 'ASIA1');
  expect((await one.get()).accessKeyId).toBe('ASIA1');
  const next = makeCertificate({ subject: 'next certificate', issuer: LOCAL_CA });
  writeFileSync(files.certFile, next.certificate);
  writeFileSync(files.keyFile, next.key);
  now += 199_000;
  server.give(3600, 'ASIA2');
  expect((await one.get()).accessKeyId).toBe('ASIA2');
  expect(server.seen.map((call) => call.subject)).toEqual(['device certificate', 'next certificate']);
});

it('keeps the old credentials while they last when the renewal fails', async () => {
  let now = Date.now();
  const one = provider({ now: () => now });
  server.give(200, 'ASIA1');
  await one.get();
  now += 190_000;
  server.answer = { status: 500, body: 'no' };
  expect((await one.get()).accessKeyId).toBe('ASIA1');
  expect(log).toContain('credentials cannot be renewed');
});

it.each([[0, 0.5], [0.5, 0.65], [1, 0.8]])('renews at a random point of their life (%d of the way: after %d of it)', async (random, part) => {
  const start = Date.now();
  let now = start;
  const one = provider({ now: () => now, random: () => random });
  server.give(3600);
  await one.get();
  now = start + (part - 0.01) * 3_600_000;
  await one.get();
  expect(server.seen).toHaveLength(1);
  now = start + (part + 0.01) * 3_600_000;
  await one.get();
  expect(server.seen).toHaveLength(2);
});

it('tells the SDK an end that makes it ask again when it is time to renew', async () => {
  const start = Date.now();
  const { expiration } = await provider({ random: () => 0 }).get();
  expect(Math.abs(expiration.getTime() - (start + 1_800_000 + 300_000))).toBeLessThan(60_000);
});

it('waits for a random time between attempts that fail, and for longer each time', async () => {
  let now = Date.now();
  const one = provider({ now: () => now, random: () => 1 });
  server.answer = { status: 500, body: 'no' };
  const attemptsAfter = async (milliseconds: number): Promise<number> => {
    now += milliseconds;
    await expect(one.get()).rejects.toThrow('answered 500');
    return server.seen.length;
  };
  expect(await attemptsAfter(0)).toBe(1);
  expect(await attemptsAfter(999)).toBe(1);
  expect(await attemptsAfter(1)).toBe(2);
  expect(await attemptsAfter(1999)).toBe(2);
  expect(await attemptsAfter(1)).toBe(3);
  server.give(3600, 'ASIA2');
  now += 4000;
  expect((await one.get()).accessKeyId).toBe('ASIA2');
});

it('fails with AWS\'s reason and the usual causes when it is refused', async () => {
  server.answer = { status: 403, body: '{"message":"Access Denied"}' };
  await expect(provider().get()).rejects.toThrow(
    /credentials answered 403: Access Denied \(the usual causes: .*iot:AssumeRoleWithCertificate.*the thing thing-1 is not attached/,
  );
  await expect(provider({ thingName: undefined }).get()).rejects.toThrow(/on the role alias\)$/);
});

it.each<[number, string, RegExp]>([
  [404, 'Role alias does not exist', /\(the usual causes: the role alias does not exist in the account and region of the endpoint\)$/],
  [400, 'Unable to assume the role, or the role to assume does not exist', /does not trust credentials\.iot\.amazonaws\.com/],
  [400, 'The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role', /may not last as long as the role alias says/],
  [500, 'Internal', /answered 500: Internal$/],
])('fails with the causes of a status %i: %s', async (status, message, causes) => {
  server.answer = { status, body: JSON.stringify({ message }) };
  await expect(provider().get()).rejects.toThrow(`credentials answered ${status}: ${message}`);
  await expect(provider().get()).rejects.toThrow(causes);
});

it('names the setting that is missing when a role wants a thing name', async () => {
  server.answer = { status: 400, body: '{"message":"Unable to assume the role, or the role to assume does not exist"}' };
  await expect(provider({ thingName: undefined }).get()).rejects.toThrow(/sagemaker_edge_core_iot_thing_name is not set/);
});

it('fails without a word of an answer that holds half of the credentials', async () => {
  server.answer = { status: 200, body: '{"credentials":{"accessKeyId":"ASIA-partial"}}' };
  await expect(provider().get()).rejects.toThrow(/^the credential endpoint answered 200 without credentials$/);
});

it('fails when the server\'s certificate is not of the CA', async () => {
  writeFileSync(files.caCertFile, makeCertificate({ subject: 'another CA', ca: true }).certificate);
  await expect(provider().get()).rejects.toThrow(/credential endpoint 127\.0\.0\.1:\d+: /);
  expect(server.seen).toEqual([]);
});

it('fails when its own certificate is refused', async () => {
  const stranger = makeCertificate({ subject: 'stranger' });
  writeFileSync(files.certFile, stranger.certificate);
  writeFileSync(files.keyFile, stranger.key);
  await expect(provider().get()).rejects.toThrow(/credential endpoint/);
  expect(server.seen).toEqual([]);
});

it('fails when a file is missing, and when the server does not answer in time', async () => {
  await expect(provider({ certFile: join(folder, 'none') }).get()).rejects.toThrow(/ENOENT/);
  server.delayMs = 500;
  await expect(provider({ timeoutMs: 100 }).get()).rejects.toThrow(/credential endpoint/);
});
