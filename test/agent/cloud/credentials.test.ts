import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { IotCredentialProvider } from '../../../agent/cloud/credentials';
import { createLogger } from '../../../agent/log';
import { scratchFolder } from '../support/agent-process';
import { makeCertificate } from '../support/certificates';

const folder = scratchFolder();
const ca = makeCertificate({ subject: 'local CA', ca: true });
const serverIdentity = makeCertificate({ subject: 'credentials', issuer: ca, ipAddress: [127, 0, 0, 1] });
const device = makeCertificate({ subject: 'device certificate', issuer: ca });
const files = { caCertFile: join(folder, 'ca.pem'), certFile: join(folder, 'device.pem.crt'), keyFile: join(folder, 'private.pem.key') };

interface Seen {
  readonly path: string | undefined;
  readonly thing: string | string[] | undefined;
  readonly subject: string | string[];
}

let server: Server;
let seen: Seen[];
let answer: { status: number; body: string };
let log: string;
let delayMs: number;

beforeEach(async () => {
  writeFileSync(files.caCertFile, ca.certificate);
  writeFileSync(files.certFile, device.certificate);
  writeFileSync(files.keyFile, device.key);
  seen = [];
  log = '';
  delayMs = 0;
  server = createServer({ cert: serverIdentity.certificate, key: serverIdentity.key, ca: ca.certificate, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const { socket } = request;
    seen.push({ path: request.url, thing: request.headers['x-amzn-iot-thingname'], subject: socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : '' });
    setTimeout(() => response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body), delayMs);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => { server.close(resolve); });
});

function credentialsFor(seconds: number, id = 'ASIA1'): { status: number; body: string } {
  return { status: 200, body: JSON.stringify({ credentials: { accessKeyId: id, secretAccessKey: 'secret', sessionToken: 'token', expiration: new Date(Date.now() + seconds * 1000).toISOString() } }) };
}

function provider(change: Partial<ConstructorParameters<typeof IotCredentialProvider>[0]> = {}): IotCredentialProvider {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return new IotCredentialProvider({
    ...files, endpoint: new URL(`https://127.0.0.1:${port}/role-aliases/SageMakerEdge-fleet/credentials`), thingName: 'thing-1',
    logger: createLogger((line) => { log += line; }, () => true), ...change,
  });
}

it('shows its certificate and its thing\'s name, and gets credentials', async () => {
  answer = credentialsFor(3600);
  await expect(provider().get()).resolves.toMatchObject({ accessKeyId: 'ASIA1', secretAccessKey: 'secret', sessionToken: 'token' });
  expect(seen).toEqual([{ path: '/role-aliases/SageMakerEdge-fleet/credentials', thing: 'thing-1', subject: 'device certificate' }]);
});

it('sends no thing name where none is set', async () => {
  answer = credentialsFor(3600);
  await provider({ thingName: undefined }).get();
  expect(seen[0]?.thing).toBeUndefined();
});

it('asks once for callers at the same time, and not again while the credentials last', async () => {
  answer = credentialsFor(3600);
  delayMs = 50;
  const one = provider();
  await Promise.all([one.get(), one.get(), one.get()]);
  await one.get();
  expect(seen).toHaveLength(1);
});

it('renews before the end, with the certificate that the file then holds', async () => {
  const one = provider();
  answer = credentialsFor(200, 'ASIA1'); // less than the five minutes before the end
  expect((await one.get()).accessKeyId).toBe('ASIA1');
  const next = makeCertificate({ subject: 'next certificate', issuer: ca });
  writeFileSync(files.certFile, next.certificate);
  writeFileSync(files.keyFile, next.key);
  answer = credentialsFor(3600, 'ASIA2');
  expect((await one.get()).accessKeyId).toBe('ASIA2');
  expect(seen.map((call) => call.subject)).toEqual(['device certificate', 'next certificate']);
});

it('keeps the old credentials while they last when the renewal fails', async () => {
  const one = provider();
  answer = credentialsFor(200, 'ASIA1');
  await one.get();
  answer = { status: 500, body: 'no' };
  expect((await one.get()).accessKeyId).toBe('ASIA1');
  expect(log).toContain('credentials cannot be renewed');
});

it('fails with AWS\'s reason and the usual causes when it is refused, and logs no secret', async () => {
  answer = { status: 403, body: '{"message":"Access Denied"}' };
  await expect(provider().get()).rejects.toThrow(/credentials answered 403: Access Denied \(the usual causes: .*iot:AssumeRoleWithCertificate.*the thing thing-1 is not attached/);
  await expect(provider({ thingName: undefined }).get()).rejects.toThrow(/sagemaker_edge_core_iot_thing_name is not set/);
  answer = { status: 200, body: '{"credentials":{"accessKeyId":"ASIA-partial"}}' };
  await expect(provider().get()).rejects.not.toThrow(/ASIA-partial/);
});

it('fails when the server\'s certificate is not of the CA', async () => {
  writeFileSync(files.caCertFile, makeCertificate({ subject: 'another CA', ca: true }).certificate);
  answer = credentialsFor(3600);
  await expect(provider().get()).rejects.toThrow(/credential endpoint 127\.0\.0\.1:\d+: /);
  expect(seen).toEqual([]);
});

it('fails when its own certificate is refused', async () => {
  const stranger = makeCertificate({ subject: 'stranger' });
  writeFileSync(files.certFile, stranger.certificate);
  writeFileSync(files.keyFile, stranger.key);
  answer = credentialsFor(3600);
  await expect(provider().get()).rejects.toThrow(/credential endpoint/);
  expect(seen).toEqual([]);
});

it('fails when a file is missing, and when the server does not answer in time', async () => {
  await expect(provider({ certFile: join(folder, 'none') }).get()).rejects.toThrow(/ENOENT/);
  answer = credentialsFor(3600);
  delayMs = 3000;
  await expect(provider({ timeoutMs: 100 }).get()).rejects.toThrow(/credential endpoint/);
});
