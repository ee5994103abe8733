import { text } from 'node:stream/consumers';
import { AccessKeys } from '../../../local/iam/access-keys';
import { Forwarder } from '../../../local/service/forwarder';
import { startFrontDoor } from '../../../local/service/front-door';
import { Gate } from '../../../local/service/gate';
import { answering, type RunningServer } from '../../../local/service/http-server';
import { plainServer, type PlainServer } from './plain-server';
import { presigned, signed, type SigningOptions } from './signed';

const ROOT = { accessKeyId: 'AKIAROOT00000001', secretAccessKey: 'root secret' };
const FUNCTION = { accessKeyId: 'ASIAHANDLER00001', secretAccessKey: 'secret', sessionToken: 'token' };
const TOKEN = '01234567-89ab-cdef-0123-456789abcdef';
let emulator: PlainServer;
let door: RunningServer;
let keys: AccessKeys;
let reached: { line: string; body: string; headers: NodeJS.Dict<string | string[]> }[];
let answer: { status: number; headers: Record<string, string>; body: string };

beforeAll(async () => {
  emulator = await plainServer(answering(async (request, response) => {
    reached.push({ line: `${request.method ?? ''} ${request.url ?? ''}`, body: await text(request), headers: request.headers });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }));
  const forwarder = new Forwarder(emulator);
  keys = new AccessKeys(ROOT, async (id) => Promise.resolve(id === FUNCTION.accessKeyId ? FUNCTION : undefined));
  door = await startFrontDoor({ gate: new Gate(forwarder, keys), emulator: forwarder });
});
beforeEach(() => {
  reached = [];
  answer = { status: 200, headers: {}, body: 'answered' };
});
afterAll(async () => {
  await door.close();
  await emulator.close();
});

/** Sends what was signed, changed or not. */
async function send({ url, headers }: { readonly url: string; readonly headers: Record<string, string> }, { method = 'GET', body }: {
  readonly method?: string; readonly body?: string;
} = {}): Promise<{ status: number; body: string; headers: Headers }> {
  const response = await fetch(url, { method, headers, ...body === undefined ? {} : { body } });
  return { status: response.status, body: await response.text(), headers: response.headers };
}
const asFunction = async (path: string, options: SigningOptions = {}): ReturnType<typeof signed> =>
  signed(`${door.url}${path}`, { ...FUNCTION, ...options });
const asRoot = async (path: string, options: SigningOptions = {}): ReturnType<typeof signed> => signed(`${door.url}${path}`, { ...ROOT, ...options });
const code = (body: string): string | undefined => /<Code>(\w+)</.exec(body)?.[1] ?? /"__type":"(\w+)"/.exec(body)?.[1];

test.each([
  ['root', asRoot], ['a function', asFunction],
])('what %s has signed is handed on as it was signed', async (_, sign) => {
  const request = await sign('/bucket/a%20key?list-type=2&prefix=x%2Fy', { headers: { 'x-amz-meta-a': 'b' } });
  expect(await send(request)).toMatchObject({ status: 200, body: 'answered' });
  expect(reached).toMatchObject([{
    line: 'GET /bucket/a%20key?list-type=2&prefix=x%2Fy', headers: { host: `127.0.0.1:${door.port}`, authorization: request.headers.authorization },
  }]);
});

test.each(['iot', 'sagemaker', 'iam'])('a request to %s is verified with its body, and its path encoded once more', async (service) => {
  const request = await asFunction('/things/a%3Ab%20c', { service, method: 'POST', body: '{"a":1}' });
  expect(await send(request, { method: 'POST', body: '{"a":1}' })).toMatchObject({ status: 200 });
  expect(await send(request, { method: 'POST', body: '{"a":2}' })).toMatchObject({ status: 403 });
  expect(reached).toHaveLength(1);
});

test('a presigned URL is verified, and good for as long as it says', async () => {
  expect(await send(await presigned(`${door.url}/bucket/key`, FUNCTION))).toMatchObject({ status: 200 });
  const old = await presigned(`${door.url}/bucket/key`, { ...FUNCTION, expiresIn: 60, date: new Date(Date.now() - 61_000) });
  expect(code((await send(old)).body)).toBe('RequestTimeTooSkewed');
  expect(reached).toHaveLength(1);
});

test.each([
  ['has another key in it', (url: string): string => url.replace('/key?', '/other?')],
  ['is for longer than was signed', (url: string): string => url.replace('X-Amz-Expires=900', 'X-Amz-Expires=901')],
  ['has a signature of zeros', (url: string): string => url.replace(/Signature=[0-9a-f]{64}/, `Signature=${'0'.repeat(64)}`)],
  ['has one more parameter', (url: string): string => `${url}&versionId=1`],
])('a presigned URL that %s is refused', async (_, change) => {
  const { url, headers } = await presigned(`${door.url}/bucket/key`, FUNCTION);
  expect(change(url)).not.toBe(url);
  expect(code((await send({ url: change(url), headers })).body)).toBe('SignatureDoesNotMatch');
  expect(reached).toEqual([]);
});

test.each<[string, SigningOptions, string]>([
  ['the key that the emulator takes for root', { accessKeyId: 'test', secretAccessKey: 'test' }, 'InvalidAccessKeyId'],
  ['the number of the account, which it takes for root', { accessKeyId: '000000000000', secretAccessKey: 'test' }, 'InvalidAccessKeyId'],
  ['a key of nobody', { accessKeyId: 'AKIANOBODY000001' }, 'InvalidAccessKeyId'],
  ['root\'s key and a guessed secret', { ...ROOT, secretAccessKey: 'guessed' }, 'SignatureDoesNotMatch'],
  ['root\'s key and a session token', { ...ROOT, sessionToken: 'token' }, 'InvalidAccessKeyId'],
  ['a session without its token', { accessKeyId: FUNCTION.accessKeyId, secretAccessKey: FUNCTION.secretAccessKey }, 'InvalidAccessKeyId'],
  ['a session with another token', { ...FUNCTION, sessionToken: 'other' }, 'InvalidAccessKeyId'],
  ['a date of an hour ago', { ...FUNCTION, date: new Date(Date.now() - 3600_000) }, 'RequestTimeTooSkewed'],
  ['a date in an hour', { ...FUNCTION, date: new Date(Date.now() + 3600_000) }, 'RequestTimeTooSkewed'],
])('a request with %s does not get to the emulator', async (_, options, error) => {
  const { status, body } = await send(await signed(`${door.url}/bucket`, options));
  expect([status, code(body)]).toEqual([403, error]);
  expect(reached).toEqual([]);
});

test.each([
  ['none', (): Record<string, string> => ({})],
  ['an empty one', () => ({ authorization: '' })],
  ['one of version 2', () => ({ authorization: `AWS ${ROOT.accessKeyId}:c2lnbmF0dXJl` })],
  ['one with another algorithm', () => ({ authorization: `AWS4-ECDSA-P256-SHA256 Credential=${ROOT.accessKeyId}/20260101/s3/aws4_request, SignedHeaders=host, Signature=00` })],
  ['a password', () => ({ authorization: `Basic ${Buffer.from('test:test').toString('base64')}` })],
])('a request with %s for a signature does not get to the emulator', async (_, headers) => {
  expect(await send({ url: `${door.url}/bucket`, headers: headers() })).toMatchObject({ status: 403 });
  expect(reached).toEqual([]);
});

test.each(['X-Amz-Credential=test', 'x-amz-credential=test', 'AWSAccessKeyId=test&Signature=x', 'X-Amz-Algorithm=AWS4-HMAC-SHA256'])(
  'a second credential, in the query, is refused beside one that is right: %s', async (query) => {
    const { url, headers } = await asRoot(`/bucket?${query}`);
    expect(await send({ url, headers })).toMatchObject({ status: 403 });
    expect(reached).toEqual([]);
  });

test('a presigned URL of Signature Version 2 is refused, and told to use version 4', async () => {
  const { status, body } = await send({ url: `${door.url}/bucket/key?AWSAccessKeyId=test&Signature=x&Expires=9999999999`, headers: {} });
  expect([status, code(body)]).toEqual([400, 'InvalidRequest']);
  expect(body).toMatch(/Please use AWS4-HMAC-SHA256\..*signature_version='s3v4'/);
  expect(reached).toEqual([]);
});

test.each(['X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request', 'AWSAccessKeyId=test&Signature=x', 'X-Amz-Signature=0'])(
  'a query that is no whole signature is refused: %s', async (query) => {
    expect(await send({ url: `${door.url}/bucket?${query}`, headers: {} })).toMatchObject({ status: 403 });
    expect(reached).toEqual([]);
  });

test('a signature for another path, method or header is refused', async () => {
  const { url, headers } = await asRoot('/bucket/a', { headers: { 'x-amz-acl': 'private' } });
  for (const [other, method, more] of [['/bucket/b', 'GET', {}], ['/bucket/a', 'DELETE', {}], ['/bucket/a', 'GET', { 'x-amz-acl': 'public-read' }]] as const) {
    expect(await send({ url: `${door.url}${other}`, headers: { ...headers, ...more } }, { method })).toMatchObject({ status: 403 });
  }
  expect(await send({ url, headers })).toMatchObject({ status: 200 });
});

test.each([
  'POST /_ministack/reset', 'GET /_ministack/health', 'POST /_ministack/config', 'GET /%5Fministack/reset', 'GET //_ministack/reset',
  'GET /_localstack/health', 'GET /_aws/ses', 'PUT /_ministack/cfn-response/short',
])('the emulator\'s own pages are refused, to root too: %s', async (line) => {
  const [method = '', path = ''] = line.split(' ');
  expect(await send({ url: `${door.url}${path}`, headers: {} }, { method })).toMatchObject({ status: 403 });
  expect(await send(await asRoot(path, { method }), { method })).toMatchObject({ status: 403 });
  expect(reached).toEqual([]);
});

test.each(['response', 'signal'])('a custom resource answers without a signature, by the token in its URL: %s', async (kind) => {
  expect(await send({ url: `${door.url}/_ministack/cfn-${kind}/${TOKEN}`, headers: {} }, { method: 'PUT', body: '{}' })).toMatchObject({ status: 200 });
  expect(reached).toMatchObject([{ line: `PUT /_ministack/cfn-${kind}/${TOKEN}`, body: '{}' }]);
});

test.each([
  ['POST', `/_ministack/cfn-response/${TOKEN}`], ['PUT', `/_ministack/cfn-response/${TOKEN}/../../reset`], ['PUT', `/_ministack/cfn-response/${TOKEN}?x`],
])('nothing else is taken for its answer: %s %s', async (method, path) => {
  expect(await send({ url: `${door.url}${path.replace('..', '%2e%2e')}`, headers: {} }, { method })).toMatchObject({ status: 403 });
  expect(reached).toEqual([]);
});

test('credentials that STS or IAM gives out are known from then on', async () => {
  const given = { accessKeyId: 'ASIAGIVEN0000001', secretAccessKey: 'abc/+=', sessionToken: 'given token' };
  const request = { method: 'POST', body: 'Action=AssumeRole', service: 'sts', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  const asGiven = async (): ReturnType<typeof send> => send(await signed(`${door.url}/bucket`, given));
  expect((await asGiven()).status).toBe(403);
  answer.body = `<Credentials><AccessKeyId>${given.accessKeyId}</AccessKeyId><SecretAccessKey>${given.secretAccessKey}</SecretAccessKey>
    <SessionToken>${given.sessionToken}</SessionToken></Credentials>`;
  await send(await asRoot('/', request), request);
  expect((await asGiven()).status).toBe(200);
});

test.each([
  ['its body', (asked: string) => ['/', asked]], ['its URL', (asked: string) => [`/?${asked}`, '']],
])('what the session of a call is narrowed to is known, whether it is in %s', async (_, placed) => {
  const [path = '', body = ''] = placed('Action=AssumeRole&Policy=%7B%7D&PolicyArns.member.1.arn=arn%3Aone&PolicyArns.member.2.arn=arn%3Atwo');
  const request = { method: 'POST', body, service: 'sts', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  answer.body = '<AccessKeyId>ASIANARROW000001</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>';
  await send(await asRoot(path, request), request);
  expect(keys.given('ASIANARROW000001')).toMatchObject({ sessionToken: 'token', policies: ['{}'], policyArns: ['arn:one', 'arn:two'] });
});

test('what looks like credentials in an object is not taken for such', async () => {
  answer.body = '<AccessKeyId>ASIAFORGED000001</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>';
  await send(await asFunction('/bucket/forged'));
  expect((await send(await signed(`${door.url}/bucket`, { accessKeyId: 'ASIAFORGED000001', secretAccessKey: 'secret' }))).status).toBe(403);
});

test('no CORS header of the emulator\'s leaves, and others do', async () => {
  answer.headers = {
    'access-control-allow-origin': '*', 'Access-Control-Allow-Headers': '*', 'access-control-expose-headers': '*', 'x-amz-request-id': 'id',
  };
  const { headers } = await send(await asRoot('/bucket'));
  expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  expect(headers.get('x-amz-request-id')).toBe('id');
});

test('a client cannot say where it is from', async () => {
  const { url, headers } = await asRoot('/bucket');
  await send({ url, headers: { ...headers, 'x-forwarded-proto': 'http', 'x-forwarded-for': '10.0.0.1', 'forwarded': 'for=10.0.0.1' } });
  expect(reached[0]?.headers).toMatchObject({ 'x-forwarded-proto': 'https' });
  expect(reached[0]?.headers).not.toHaveProperty('x-forwarded-for');
  expect(reached[0]?.headers).not.toHaveProperty('forwarded');
});

test('errors are worded as the service that was meant words them', async () => {
  const sign = { accessKeyId: 'AKIANOBODY000001', method: 'POST', body: 'x', headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } };
  const query = await send(await signed(`${door.url}/`, { ...sign, service: 'sts' }), sign);
  const json = await send(await signed(`${door.url}/`, { ...sign, service: 'iot', headers: { 'content-type': 'application/json' } }), sign);
  expect([code(query.body), code(json.body), json.headers.get('x-amzn-errortype')]).toEqual([
    'InvalidClientTokenId', 'UnrecognizedClientException', 'UnrecognizedClientException',
  ]);
});

test('while the emulator does not answer, the door says so', async () => {
  const absent = new Forwarder({ socketPath: '/nowhere/emulator.sock' });
  const early = await startFrontDoor({ gate: new Gate(absent, new AccessKeys(ROOT, () => Promise.resolve(undefined))), emulator: absent });
  expect(await send(await signed(`${early.url}/bucket`, ROOT))).toMatchObject({ status: 503, body: expect.stringContaining('ENOENT') as unknown });
  await early.close();
});
