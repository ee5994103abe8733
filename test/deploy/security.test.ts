import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import { ListComponentsCommand } from '@aws-sdk/client-greengrassv2';
import {
  CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, DeleteAccessKeyCommand, PutRolePolicyCommand, PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, HeadBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListDeviceFleetsCommand, ListDomainsCommand } from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, type GetSessionTokenCommandOutput } from '@aws-sdk/client-sts';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { Clients } from '../../local/cloud/clients';
import { readState } from '../../local/cloud/state';
import type { Credentials } from '../../local/service/contracts';
import { signed } from '../local/service/signed';
import { Browser } from './browser';
import { startAttack } from './attack';
import { TestCloud } from './harness';
import { listenersOf } from './sockets';

const BUCKET = 'still-there';
let cloud: TestCloud;
let doors: Readonly<Record<string, string>>;

beforeAll(async () => {
  cloud = await TestCloud.start('security');
  const { endpoints } = cloud.cloud;
  doors = {
    ...Object.fromEntries(NAMES.map((name) => [name, endpoints[name]])), credentialProvider: `https://${endpoints.credentialProvider}`,
    git: `https://${endpoints.git}`,
  };
  await cloud.cloud.clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => cloud.stop());

interface Answer { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly body: string }

/** As any program on this machine can, a browser for one: with the headers given, and no others. */
async function ask(url: string, headers: http.OutgoingHttpHeaders, { method = 'GET', body }: { method?: string; body?: string } = {}): Promise<Answer> {
  const request = url.startsWith('https:') ? https.request : http.request;
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false, servername: 'localhost', ca: fs.readFileSync(cloud.cloud.endpoints.caFile) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
      });
    }).once('error', reject).end(body);
  });
}

function errorNameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'no error';
}

async function expectBucket(): Promise<void> {
  await expect(cloud.cloud.clients.s3.send(new HeadBucketCommand({ Bucket: BUCKET }))).resolves.toBeDefined();
}

const NAMES = [
  'emulator', 'iot', 'sageMaker', 'sageMakerRuntime', 'mlflow', 'applicationAutoScaling', 'ecs', 'codeBuild', 'codeCommit', 'git', 'taskCredentials', 'greengrass',
  'devices', 'recorder', 'credentialProvider', 'page',
] as const;

describe('what a web page sends without a preflight', () => {
  test.each(NAMES)('is refused by %s, and the page may not read the answer', async (name) => {
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
      const answer = await ask(`${doors[name] ?? ''}/`, { 'content-type': 'text/plain', ...headers }, { method: 'POST', body: '{}' });
      expect(answer.status).toBe(403);
      expect(Object.keys(answer.headers).filter((header) => header.startsWith('access-control-'))).toEqual([]);
    }
  });

  test.each(NAMES)('is refused by %s after DNS rebinding too', async (name) => {
    const { port, href } = new URL(doors[name] ?? '');
    expect(await ask(href, { host: `evil.example:${port}` })).toMatchObject({ status: 403, body: expect.stringContaining(`127.0.0.1:${port}`) as unknown });
  });

  test('is refused by all of them in a real browser, which reads nothing', async () => {
    const browser = await Browser.install();
    const addresses = Object.values(doors);
    const elsewhere = await startAttack(addresses);
    try {
      const { text, answers } = await browser.visit(elsewhere.url);
      expect(text).toBe(`asked ${addresses.length}`);
      const others = answers.filter(({ url }) => !url.startsWith(elsewhere.url));
      expect(others.filter(({ status }) => status !== 403)).toEqual([]);
      const plain = addresses.filter((address) => address.startsWith('http:')); // the others have a certificate that no browser trusts
      expect(plain.filter((address) => !others.some(({ url, method }) => method === 'POST' && url.startsWith(address)))).toEqual([]);
    } finally {
      await elsewhere.close();
    }
    const rebound = new URL(doors.page ?? '');
    rebound.hostname = 'rebound.example';
    const refusal: unknown = expect.stringContaining('the request is for rebound.example');
    expect(await browser.visit(rebound.href, [rebound.hostname])).toMatchObject({ status: 403, text: refusal });
    await expectBucket();
  });

  test('resets nothing, and gets no page of the emulator\'s', async () => {
    for (const [method, page] of [['POST', 'reset'], ['POST', 'config'], ['GET', 'health'], ['GET', 'iot/ca.pem']] as const) {
      for (const door of [doors.emulator, doors.iot, doors.recorder]) {
        expect((await ask(`${door ?? ''}/_ministack/${page}`, {}, { method })).status).toBe(403);
        const { url, headers } = await signed(`${door ?? ''}/_ministack/${page}`, { ...cloud.cloud.endpoints.root, method });
        expect((await ask(url, headers, { method })).status).toBe(403);
      }
    }
    await expectBucket();
  });
});

describe('another user of this machine', () => {
  const root = (): Credentials => cloud.cloud.endpoints.root;
  test.each<[string, () => Credentials]>([
    ['the key test', () => ({ accessKeyId: 'test', secretAccessKey: 'test' })],
    ['the account\'s number for a key', () => ({ accessKeyId: '000000000000', secretAccessKey: 'test' })],
    ['root\'s key and a guessed secret', () => ({ ...root(), secretAccessKey: 'test' })],
    ['a key of nobody', () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'test' })],
  ])('with %s is nobody to any service', async (_, credentials) => {
    const stranger = new Clients(cloud.cloud.endpoints, credentials());
    const refused = /InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|InvalidSignature|InvalidAccessKeyId/;
    try {
      for (const call of [
        async () => stranger.sts.send(new GetCallerIdentityCommand({})),
        async () => stranger.s3.send(new ListBucketsCommand({})),
        async () => stranger.lambda.send(new InvokeCommand({ FunctionName: 'LocalBridge', Payload: Buffer.from('{}') })),
      ]) {
        await expect(call()).rejects.toMatchObject({ name: expect.stringMatching(refused) as unknown, $metadata: { httpStatusCode: 403 } });
      }
    } finally {
      stranger.close();
    }
  });

  test('without a key is nobody to any service', async () => {
    const statuses = new Map([['credentialProvider', 404], ['git', 404], ['page', 404], ['mlflow', 400]]); // they do not know what it is for
    for (const name of NAMES.filter((each) => !['devices', 'taskCredentials'].includes(each))) {
      expect([name, (await ask(`${doors[name] ?? ''}/`, {})).status]).toEqual([name, statuses.get(name) ?? 403]);
    }
  });

  test('with a signature of zeros, or one of an hour ago, is nobody', async () => {
    const { url, headers } = await signed(`${doors.emulator ?? ''}/${BUCKET}`, root());
    const zeros = headers.authorization?.replace(/Signature=\w+/, `Signature=${'0'.repeat(64)}`);
    expect(await ask(url, { ...headers, authorization: zeros })).toMatchObject({ status: 403, body: expect.stringContaining('SignatureDoesNotMatch') as unknown });
    const old = await signed(url, { ...root(), date: new Date(Date.now() - 3600_000) });
    expect(await ask(url, old.headers)).toMatchObject({ status: 403, body: expect.stringContaining('RequestTimeTooSkewed') as unknown });
    expect((await ask(url, headers)).status).toBe(200);
  });

  test('starts no machine, and plays no device', async () => {
    expect((await ask(`${doors.devices ?? ''}/machines/i-1`, {}, { method: 'PUT', body: '{}' })).status).toBe(401);
    for (const name of ['sageMaker', 'greengrass']) {
      for (const call of ['state', 'reset', 'faults', 'core-devices', 'recipe']) {
        expect((await ask(`${doors[name] ?? ''}/_stand-in/${call}`, {}, { method: 'POST', body: '{}' })).status).toBe(401);
      }
    }
  });
});

describe('a user of the account', () => {
  const RIGHTS = [
    'codecommit:ListRepositories', 'sagemaker:ListDeviceFleets', 'application-autoscaling:DescribeScalableTargets', 'sts:GetSessionToken',
  ];
  const allow = (actions: readonly string[]): string => JSON.stringify({
    Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  });
  let role = '';
  let user: Clients;
  const made: Clients[] = [];
  const as = (credentials: Credentials): Clients => {
    const clients = new Clients(cloud.cloud.endpoints, credentials);
    made.push(clients);
    return clients;
  };

  beforeAll(async () => {
    const { iam } = cloud.cloud.clients;
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: 'arn:aws:iam::000000000000:root' } }],
    });
    role = (await iam.send(new CreateRoleCommand({ RoleName: 'Analyst', Path: '/people/', AssumeRolePolicyDocument }))).Role?.Arn ?? '';
    await iam.send(new PutRolePolicyCommand({ RoleName: 'Analyst', PolicyName: 'rights', PolicyDocument: allow(RIGHTS) }));
    await iam.send(new CreateUserCommand({ UserName: 'ana' }));
    await iam.send(new PutUserPolicyCommand({ UserName: 'ana', PolicyName: 'rights', PolicyDocument: allow(RIGHTS) }));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ana' }));
    user = as({ accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' });
  });
  afterAll(() => {
    for (const clients of made) {
      clients.close();
    }
  });

  const inSession = ({ Credentials: given }: GetSessionTokenCommandOutput): Clients => as({
    accessKeyId: given?.AccessKeyId ?? '', secretAccessKey: given?.SecretAccessKey ?? '', sessionToken: given?.SessionToken ?? '',
  });
  const assume = async (more: { readonly Policy?: string; readonly DurationSeconds?: number } = {}): Promise<Clients> => inSession(
    await cloud.cloud.clients.sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'ana', ...more })),
  );
  const calls = {
    'codecommit:ListRepositories': ({ codeCommit }: Clients) => codeCommit('ListRepositories', {}),
    'sagemaker:ListDeviceFleets': ({ sageMaker }: Clients) => sageMaker.send(new ListDeviceFleetsCommand({})),
    'application-autoscaling:DescribeScalableTargets': ({ scaling }: Clients) => (
      scaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker' }))
    ),
    'greengrass:ListComponents': ({ greengrass }: Clients) => greengrass.send(new ListComponentsCommand({})),
    'sagemaker:ListDomains': ({ sageMaker }: Clients) => sageMaker.send(new ListDomainsCommand({})),
  };
  /** What a service says to each call: nothing, or its error. */
  const answers = async (clients: Clients): Promise<Record<string, string>> => Object.fromEntries(await Promise.all(
    Object.entries(calls).map(async ([name, call]) => [name, await call(clients).then(() => '', errorNameOf)] as const),
  ));
  const OF_ROLE = {
    'codecommit:ListRepositories': '', 'sagemaker:ListDeviceFleets': '', 'application-autoscaling:DescribeScalableTargets': '',
    'greengrass:ListComponents': 'AccessDeniedException', 'sagemaker:ListDomains': 'AccessDeniedException',
  };

  test('may do in the session of a role what the role may, and nothing else', async () => {
    expect(await answers(await assume())).toEqual(OF_ROLE);
  });

  test('may do with a key of IAM, and in a session of it, what their policies say', async () => {
    expect(await answers(user)).toEqual(OF_ROLE);
    expect(await answers(inSession(await user.sts.send(new GetSessionTokenCommand({}))))).toEqual(OF_ROLE);
  });

  test('may do less in a session that was narrowed', async () => {
    const denied = 'AccessDeniedException';
    const narrow = await assume({ Policy: allow(['sagemaker:ListDeviceFleets', 'greengrass:ListComponents']) });
    expect(await answers(narrow)).toEqual({
      ...OF_ROLE, 'codecommit:ListRepositories': denied, 'application-autoscaling:DescribeScalableTargets': denied,
    });
  });

  test('is told when the session is over', async () => {
    const short = await assume({ DurationSeconds: 1 });
    while (await short.sts.send(new GetCallerIdentityCommand({})).then(() => true, () => false)) {
      await sleep(200);
    }
    expect(new Set(Object.values(await answers(short)))).toEqual(new Set(['ExpiredTokenException']));
  });

  test('is nobody any more when the key is deleted', async () => {
    const { iam } = cloud.cloud.clients;
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ana' }));
    const second = as({ accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' });
    expect(await answers(second)).toEqual(OF_ROLE);
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'ana', AccessKeyId: key?.AccessKeyId }));
    expect(new Set(Object.values(await answers(second)))).toEqual(new Set(['UnrecognizedClientException']));
  });
});

const linux = process.platform === 'linux' ? describe : describe.skip; // looks into /proc

linux('what the cloud\'s processes listen on', () => {
  const groups = (): number[] => readState(cloud.cloud.folder)?.processes.map(({ pid }) => pid) ?? [];

  test('is one address of loopback, and no port but those that are told', () => {
    const listeners = listenersOf(groups());
    expect(new Set(listeners.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
    expect(listeners.map(({ port }) => port).sort()).toEqual(Object.values(doors).map((url) => Number(new URL(url).port)).sort());
  });

  test('is nothing in the emulator itself, whose functions are this user\'s programs', () => {
    const [, emulator = 0] = groups();
    expect(listenersOf([emulator])).toEqual([]);
  });
});

test('nobody else reads what the cloud has written, or gets at the emulator\'s socket', () => {
  const { folder } = cloud.cloud;
  const { sockets = '' } = readState(folder) ?? {};
  const mode = (file: string): string => (fs.statSync(file).mode & 0o777).toString(8);
  expect([folder.root, path.dirname(folder.venv), folder.tmp, folder.home, folder.logs, sockets].map(mode)).toEqual(Array(6).fill('700'));
  expect([folder.state, folder.requests, folder.serverKey].map(mode)).toEqual(['600', '600', '600']);
  expect(fs.statSync(path.join(sockets, 'emulator.sock')).isSocket()).toBe(true);
});

(process.getuid?.() === 0 ? test : test.skip)('another user cannot connect to the emulator\'s socket', () => {
  const { sockets = '' } = readState(cloud.cloud.folder) ?? {};
  const script = 'require("net").connect(process.argv[1]).on("error", (e) => console.log(e.code)).on("connect", () => { console.log("in"); process.exit(); })';
  const run = (uid: number): string => spawnSync(process.execPath, ['-e', script, path.join(sockets, 'emulator.sock')], {
    uid, cwd: '/', encoding: 'utf8',
  }).stdout.trim();
  expect([run(0), run(65534)]).toEqual(['in', 'EACCES']);
});

test('no secret of the cloud is on a command line', () => {
  const { root, controlToken } = cloud.cloud.endpoints;
  const lines = spawnSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).stdout;
  expect(lines).toMatch(/main\.js stand-ins /);
  expect([root.secretAccessKey, controlToken].filter((secret) => lines.includes(secret))).toEqual([]);
});
