import type * as http from 'node:http';
import { text } from 'node:stream/consumers';
import { IAMClient } from '@aws-sdk/client-iam';
import { AccessKeys } from '../../../local/iam/access-keys';
import { KeyHolders } from '../../../local/iam/key-holders';
import { answering, listen, type RunningServer } from '../../../local/service/http-server';

const ROOT = { accessKeyId: 'AKIAROOT00000001', secretAccessKey: 'root secret' };
const GIVEN = { accessKeyId: 'ASIAGIVEN0000001', secretAccessKey: 'secret', sessionToken: 'token' };
const SESSION_ARN = 'arn:aws:sts::000000000000:assumed-role/Analyst/ana';
const ROLE = '<Role><Arn>arn:aws:iam::000000000000:role/people/Analyst</Arn></Role>';
const MANAGED = encodeURIComponent('{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}');
type Answer = readonly [status: number, body: string];
const refusal = (code: string): Answer => [403, `<ErrorResponse><Error><Code>${code}</Code><Message>${code}</Message></Error></ErrorResponse>`];
const result = (action: string, content: string): Answer => [200, `<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`];
const isCaller = (arn: string): Answer => result('GetCallerIdentity', `<Arn>${arn}</Arn>`);

let server: RunningServer;
let keys: AccessKeys;
let holders: KeyHolders;
let answers: Record<string, Answer>;
let signers: (string | undefined)[];

beforeAll(async () => {
  server = await listen(answering(async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const action = new URLSearchParams(await text(request)).get('Action') ?? '';
    signers.push(/Credential=(\w+)/.exec(request.headers.authorization ?? '')?.[1]);
    const [status, body] = answers[action] ?? [500, action];
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  }));
});
beforeEach(() => {
  signers = [];
  answers = {
    GetCallerIdentity: isCaller(SESSION_ARN), GetRole: result('GetRole', ROLE),
    GetPolicy: result('GetPolicy', '<Policy><DefaultVersionId>v2</DefaultVersionId></Policy>'),
    GetPolicyVersion: result('GetPolicyVersion', `<PolicyVersion><Document>${MANAGED}</Document></PolicyVersion>`),
  };
  const settings = { endpoint: server.url, region: 'us-east-1', maxAttempts: 1 };
  keys = new AccessKeys(ROOT, () => Promise.resolve(undefined));
  holders = new KeyHolders(keys, new IAMClient({ ...settings, credentials: ROOT }), settings);
});
afterAll(async () => {
  await server.close();
});

/** What STS answers to a call with these parameters. */
function give(asked: Readonly<Record<string, string>> = {}, { accessKeyId, secretAccessKey, sessionToken } = GIVEN): void {
  keys.learn(new URLSearchParams({ Action: 'AssumeRole', ...asked }), Buffer.from(
    `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken></Credentials>`,
  ));
}

test('a session that STS has given out is one of its role, with the role\'s path, as STS says to the session itself', async () => {
  give();
  expect(await holders.find(GIVEN.accessKeyId)).toEqual({
    caller: { arn: SESSION_ARN, roleArn: 'arn:aws:iam::000000000000:role/people/Analyst', isRoot: false },
    secretAccessKey: 'secret', sessionToken: 'token',
  });
  expect(signers[0]).toBe(GIVEN.accessKeyId);
});

test('a key that neither STS nor IAM has given out is nobody\'s, and nobody is asked', async () => {
  expect(await holders.find('ASIANOBODY000001')).toBeUndefined();
  expect(signers).toEqual([]);
});

test('a key that was deleted is nobody\'s', async () => {
  give();
  answers.GetCallerIdentity = refusal('InvalidClientTokenId');
  expect(await holders.find(GIVEN.accessKeyId)).toBeUndefined();
});

test('fails when the session is over', async () => {
  give();
  answers.GetCallerIdentity = refusal('ExpiredToken');
  await expect(holders.find(GIVEN.accessKeyId)).rejects.toMatchObject({ name: 'ExpiredCallerError', message: expect.stringContaining('expired') as unknown });
});

test('fails when STS does not say who it is', async () => {
  give();
  answers.GetCallerIdentity = [500, 'broken'];
  await expect(holders.find(GIVEN.accessKeyId)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
});

test('fails when IAM does not say which role it is', async () => {
  give();
  answers.GetRole = [500, 'broken'];
  await expect(holders.find(GIVEN.accessKeyId)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
});

test('the session of a role that was deleted is still one of that role', async () => {
  give();
  answers.GetRole = refusal('NoSuchEntity');
  expect(await holders.find(GIVEN.accessKeyId)).toMatchObject({ caller: { roleArn: 'arn:aws:iam::000000000000:role/Analyst' } });
});

test.each([
  ['root', 'arn:aws:iam::000000000000:root', { isRoot: true }],
  ['a user of IAM', 'arn:aws:iam::000000000000:user/ana', { userName: 'ana', isRoot: false }],
  ['a user of IAM with a path', 'arn:aws:iam::000000000000:user/people/here/ana', { userName: 'ana', isRoot: false }],
  ['a federated user, who may nothing here', 'arn:aws:sts::000000000000:federated-user/ana', { isRoot: false }],
])('the session of %s is known as that', async (_, arn, caller) => {
  give();
  answers.GetCallerIdentity = isCaller(arn);
  expect((await holders.find(GIVEN.accessKeyId))?.caller).toEqual({ arn, ...caller });
});

test('a session is narrowed to the policies of the call that made it: its document, and managed ones', async () => {
  const own = '{"Statement":[]}';
  give({ 'Policy': own, 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AmazonS3FullAccess' });
  const managed = '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
  expect((await holders.find(GIVEN.accessKeyId))?.caller.sessionPolicies).toEqual([own, managed]);
});
