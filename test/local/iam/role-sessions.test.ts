import type * as http from 'node:http';
import { text } from 'node:stream/consumers';
import { IAMClient } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { RoleSessions } from '../../../local/iam/role-sessions';
import { answering, listen, type RunningServer } from '../../../local/service/http-server';

const ROLE = 'arn:aws:iam::000000000000:role/Jobs';
/** What IAM and STS answer: a role without conditions, and no copies. */
const ANSWERS: Readonly<Record<string, string>> = {
  GetRole: '<GetRoleResponse><GetRoleResult/></GetRoleResponse>',
  ListRoles: '<ListRolesResponse><ListRolesResult><Roles/><IsTruncated>false</IsTruncated></ListRolesResult></ListRolesResponse>',
  AssumeRole: '<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>'
    + '<SessionToken>token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
};
const asked: string[] = [];
let server: RunningServer;
let sessions: RoleSessions;

beforeAll(async () => {
  server = await listen(answering(async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const action = new URLSearchParams(await text(request)).get('Action') ?? '';
    asked.push(action);
    response.writeHead(200, { 'content-type': 'text/xml' }).end(ANSWERS[action]);
  }));
  const settings = { endpoint: server.url, region: 'us-east-1', credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' } };
  sessions = new RoleSessions(new IAMClient(settings), new STSClient(settings));
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(async () => {
  await server.close();
});

const work = async (): Promise<string> => sessions.during(ROLE, { sessionName: 'work' }, ({ credentials }) => Promise.resolve(credentials.accessKeyId));

test('the copies of a role go with the last session', async () => {
  expect(await work()).toBe('ASIA');
  expect(asked).toContain('ListRoles'); // which looks for them
});

test('the copies of a role stay for as long as somebody holds it, whoever ends a session meanwhile', async () => {
  sessions.hold(ROLE);
  await work();
  expect(asked).not.toContain('ListRoles');
  await sessions.release(ROLE);
  expect(asked).toContain('ListRoles');
});
