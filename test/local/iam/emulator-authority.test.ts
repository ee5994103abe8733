import type * as http from 'node:http';
import { text } from 'node:stream/consumers';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { EmulatorAuthority } from '../../../local/iam/authority';
import type { KeyHolder } from '../../../local/iam/key-holders';
import { answering, listen, type RunningServer } from '../../../local/service/http-server';

const ROOT = { accessKeyId: 'AKIAROOT00000001', secretAccessKey: 'root secret' };
const ROLE = 'arn:aws:iam::000000000000:role/people/Analyst';
const HELD: KeyHolder = { caller: { arn: 'arn:session', roleArn: ROLE, isRoot: false }, secretAccessKey: 'secret', sessionToken: 'token' };
const KEY = 'ASIAGIVEN0000001';
const S3 = ['s3:GetObject', 'arn:aws:s3:::bucket/key'] as const;
const PASS = 'iam:PassRole';

let server: RunningServer;
let authority: EmulatorAuthority;
/** What IAM decides about the policies of a principal, and about documents. */
let decisions: { principal: boolean; documents: (documents: string) => boolean };
let asked: URLSearchParams[];

/** Members of the query protocol. */
function documents(query: URLSearchParams): string {
  return [...query].flatMap(([name, value]) => (name.startsWith('PolicyInputList.') ? [value] : [])).join('\n');
}

function list(action: string, content: string): string {
  return `<${action}Response><${action}Result>${content}<IsTruncated>false</IsTruncated></${action}Result></${action}Response>`;
}

function answer(query: URLSearchParams): string {
  const action = query.get('Action') ?? '';
  const decided = (is: boolean): string => list(action, `<EvaluationResults><member><EvalDecision>${is ? 'allowed' : 'implicitDeny'}</EvalDecision></member></EvaluationResults>`);
  const inline = (holder: string): string => encodeURIComponent(JSON.stringify({ Statement: [{ Effect: 'Allow', Action: PASS, Sid: holder }] }));
  switch (action) {
    case 'SimulatePrincipalPolicy': return decided(decisions.principal);
    case 'SimulateCustomPolicy': return decided(decisions.documents(documents(query)));
    case 'ListRolePolicies': case 'ListUserPolicies': case 'ListGroupPolicies': return list(action, '<PolicyNames><member>own</member></PolicyNames>');
    case 'GetRolePolicy': case 'GetUserPolicy': case 'GetGroupPolicy': return list(action, `<PolicyDocument>${inline(action)}</PolicyDocument>`);
    case 'ListAttachedUserPolicies': return list(action, '<AttachedPolicies><member><PolicyArn>arn:managed</PolicyArn></member></AttachedPolicies>');
    case 'ListGroupsForUser': return list(action, '<Groups><member><GroupName>people</GroupName></member></Groups>');
    case 'GetPolicy': return list(action, '<Policy><DefaultVersionId>v1</DefaultVersionId></Policy>');
    case 'GetPolicyVersion': return list(action, `<PolicyVersion><Document>${inline(action)}</Document></PolicyVersion>`);
    default: return list(action, '');
  }
}

beforeAll(async () => {
  server = await listen(answering(async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const query = new URLSearchParams(await text(request));
    asked.push(query);
    response.writeHead(200, { 'content-type': 'text/xml' }).end(query.has('Action') ? answer(query) : '{"Functions":[]}');
  }));
});
beforeEach(() => {
  asked = [];
  decisions = { principal: true, documents: () => true };
  const settings = { endpoint: server.url, region: 'us-east-1', credentials: ROOT };
  const holders = { find: (key: string) => Promise.resolve(key === KEY ? HELD : undefined) };
  authority = new EmulatorAuthority(ROOT, new IAMClient(settings), new LambdaClient(settings), holders);
});
afterAll(async () => {
  await server.close();
});

describe('who has a key', () => {
  test('is whoever STS has given it to, with the session token', async () => {
    expect(await authority.identify(KEY, 'token')).toEqual(HELD);
    for (const token of [undefined, 'other']) {
      await expect(authority.identify(KEY, token)).rejects.toMatchObject({ name: 'UnknownCallerError' });
    }
  });

  test('is nobody, if neither a service nor STS has given it out', async () => {
    await expect(authority.identify('ASIANOBODY000001', 'token')).rejects.toMatchObject({ name: 'UnknownCallerError' });
  });

  test('is whom a service has given it to, until the session is over', async () => {
    const session = { ...HELD, sessionToken: 'token', caller: { ...HELD.caller, arn: 'arn:of-service' } };
    authority.register('ASIASERVICE00001', { ...session, expiration: new Date(Date.now() + 60_000) });
    expect(await authority.identify('ASIASERVICE00001', 'token')).toMatchObject({ caller: { arn: 'arn:of-service' } });
    authority.register('ASIASERVICE00001', { ...session, expiration: new Date(Date.now() - 1) });
    await expect(authority.identify('ASIASERVICE00001', 'token')).rejects.toMatchObject({
      name: 'ExpiredCallerError', message: expect.stringContaining('arn:of-service') as unknown,
    });
  });
});

describe('what a caller may', () => {
  test.each([
    ['a role, whatever its path', { roleArn: ROLE }, 'arn:aws:iam::000000000000:role/Analyst'],
    ['a user', { userName: 'ana' }, 'arn:aws:iam::000000000000:user/ana'],
  ])('is what IAM says of %s', async (_, who, source) => {
    const caller = { arn: 'arn:caller', isRoot: false, ...who };
    expect(await authority.authorize(caller, ...S3)).toBe(true);
    decisions.principal = false;
    expect(await authority.authorize(caller, ...S3)).toBe(false);
    expect(asked.map((query) => query.get('PolicySourceArn'))).toEqual([source, source]);
  });

  test('is nothing for one without a role and a user', async () => {
    const caller = { arn: 'arn:federated', isRoot: false };
    expect(await authority.authorize(caller, ...S3)).toBe(false);
    expect(await authority.mayPassRole(caller, 'arn:role', 'sagemaker.amazonaws.com')).toBe(false);
    expect(asked).toEqual([]);
  });

  test('is no more than the policies of its session allow, and no more than its role', async () => {
    const caller = { ...HELD.caller, sessionPolicies: ['{"Statement":{"Sid":"ofSession"}}'] };
    decisions.documents = (given) => !given.includes('ofSession');
    expect(await authority.authorize(caller, ...S3)).toBe(false);
    expect(await authority.mayPassRole(caller, 'arn:role', 'sagemaker.amazonaws.com')).toBe(false);
    decisions = { principal: false, documents: (given) => given.includes('ofSession') };
    expect(await authority.authorize(caller, ...S3)).toBe(false);
    expect(await authority.mayPassRole(caller, 'arn:role', 'sagemaker.amazonaws.com')).toBe(false);
    decisions = { principal: true, documents: () => true };
    expect(await authority.authorize(caller, ...S3)).toBe(true);
    expect(await authority.mayPassRole(caller, 'arn:role', 'sagemaker.amazonaws.com')).toBe(true);
  });

  test('is nothing in a session that was narrowed to no document', async () => {
    expect(await authority.authorize({ ...HELD.caller, sessionPolicies: [] }, ...S3)).toBe(false);
  });

  test('of roles to pass, is read from the policies of a user and of its groups', async () => {
    expect(await authority.mayPassRole({ arn: 'arn:user', userName: 'ana', isRoot: false }, 'arn:role', 'sagemaker.amazonaws.com')).toBe(true);
    const given = documents(asked.at(-1) ?? new URLSearchParams());
    expect([...given.matchAll(/"Sid":"(\w+)"/g)].map(([, holder]) => holder)).toEqual(['GetUserPolicy', 'GetPolicyVersion', 'GetGroupPolicy']);
  });
});
