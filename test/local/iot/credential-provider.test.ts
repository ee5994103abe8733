import { createHash, X509Certificate } from 'node:crypto';
import * as https from 'node:https';
import { text } from 'node:stream/consumers';
import { IoTClient } from '@aws-sdk/client-iot';
import { startCredentialProvider } from '../../../local/iot/credential-provider';
import type { RoleAlias } from '../../../local/iot/role-aliases';
import type { RequestLogEntry } from '../../../local/service/contracts';
import { answering, type RunningServer } from '../../../local/service/http-server';
import { LOCAL_CA } from '../../agent/support/credential-server';
import { makeCertificate } from '../../agent/support/certificates';
import { plainServer, type PlainServer } from '../service/plain-server';

const ROLE = 'arn:aws:iam::000000000000:role/camera';
const ALIAS: RoleAlias = {
  roleAlias: 'alias', roleAliasArn: 'arn:aws:iot:us-east-1:000000000000:rolealias/alias', roleArn: ROLE, owner: '000000000000',
  credentialDurationSeconds: 3600, creationDate: 0, lastModifiedDate: 0,
};
const DEVICE = makeCertificate({ subject: 'device', issuer: LOCAL_CA });
const CERTIFICATE_ID = createHash('sha256').update(new X509Certificate(DEVICE.certificate).raw).digest('hex');
const CERTIFICATE_ARN = `arn:aws:iot:us-east-1:000000000000:cert/${CERTIFICATE_ID}`;

/** What exists, and what it allows. A test takes something away. */
interface World {
  certificateStatus: string;
  isThingAttached: boolean;
  policyAllows: boolean;
  alias: RoleAlias | undefined;
  maxSessionDuration: number | undefined;
  isRoleThere: boolean;
  isTrusting: boolean;
}

const COMPLETE: World = {
  certificateStatus: 'ACTIVE', isThingAttached: true, policyAllows: true, alias: ALIAS, maxSessionDuration: undefined, isRoleThere: true, isTrusting: true,
};
const entries: RequestLogEntry[] = [];
let world: World;
let registry: PlainServer;
let iot: IoTClient;
let provider: RunningServer;

/** IoT's registry, as far as the credential provider asks it. */
function registered(path: string): object {
  if (path.startsWith('/certificates/')) {
    return { certificateDescription: { certificateId: CERTIFICATE_ID, status: world.certificateStatus } };
  }
  if (path.startsWith('/attached-policies/')) {
    return { policies: [{ policyName: 'camera' }] };
  }
  if (path.endsWith('/principals')) {
    return { principals: world.isThingAttached ? [CERTIFICATE_ARN] : [] };
  }
  return path.startsWith('/policies/') ? { policyName: 'camera', policyDocument: '{}' } : { thingName: 'camera' };
}

beforeAll(async () => {
  registry = await plainServer(answering((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(registered(request.url ?? '')));
    return Promise.resolve();
  }));
  iot = new IoTClient({ endpoint: `http://127.0.0.1:${registry.port}`, region: 'us-east-1', credentials: { accessKeyId: 'AKIAROOT00000001', secretAccessKey: 'x' } });
  const server = makeCertificate({ subject: 'credentials', issuer: LOCAL_CA, ipAddress: [127, 0, 0, 1] });
  provider = await startCredentialProvider({
    certificate: Buffer.from(server.certificate), key: Buffer.from(server.key), deviceCa: () => Promise.resolve(LOCAL_CA.certificate), iot,
    authority: {
      allows: () => Promise.resolve(world.policyAllows),
      trustsService: () => Promise.resolve(world.isTrusting),
      register: () => undefined,
    },
    roles: {
      find: () => Promise.resolve(world.isRoleThere ? { MaxSessionDuration: world.maxSessionDuration } : undefined),
    },
    sessions: {
      assume: (effectiveRoleArn) => Promise.resolve({
        effectiveRoleArn,
        expiration: new Date(Date.UTC(2030, 0)),
        credentials: { accessKeyId: 'ASIADEVICE000001', secretAccessKey: 's', sessionToken: 't' },
      }),
    },
    aliases: { get: (name) => (name === ALIAS.roleAlias ? world.alias : undefined) },
    log: { append: (entry) => { entries.push(entry); } },
  });
});
beforeEach(() => {
  world = { ...COMPLETE };
  entries.length = 0;
});
afterAll(async () => {
  iot.destroy();
  await provider.close();
  await registry.close();
});

async function ask(): Promise<{ status: number | undefined; type: string | string[] | undefined; body: unknown }> {
  const response = await new Promise<Parameters<NonNullable<Parameters<typeof https.get>[2]>>[0]>((resolve, reject) => {
    https.get(`https://127.0.0.1:${provider.port}/role-aliases/alias/credentials`, {
      ca: LOCAL_CA.certificate, cert: DEVICE.certificate, key: DEVICE.key, agent: false, headers: { 'x-amzn-iot-thingname': 'camera' },
    }, resolve).on('error', reject);
  });
  return { status: response.statusCode, type: response.headers['x-amzn-errortype'], body: JSON.parse(await text(response)) };
}

test('a device whose certificate, thing, policy, alias and role are in order gets credentials', async () => {
  expect(await ask()).toMatchObject({
    status: 200,
    body: { credentials: { accessKeyId: 'ASIADEVICE000001', expiration: '2030-01-01T00:00:00Z' } },
  });
});

const NOTHING: Partial<World> = { isThingAttached: false, policyAllows: false, alias: undefined, isRoleThere: false };

// In AWS's order: each world lacks what the next one has.
test.each<[string, Partial<World>, number, string]>([
  ['a thing that the certificate is not attached to', NOTHING, 403, 'Invalid thing name passed'],
  ['no policy for the alias, and no alias', { ...NOTHING, isThingAttached: true }, 403, 'Access Denied'],
  ['an alias that the policy names and that is not there', { alias: undefined, isRoleThere: false }, 404, 'Role alias does not exist'],
  ['a role that is not there', { isRoleThere: false }, 400, 'Unable to assume the role, or the role to assume does not exist'],
  [
    'a role that does not trust the service',
    { isTrusting: false, maxSessionDuration: 900 },
    400,
    'Unable to assume the role, or the role to assume does not exist',
  ],
  [
    'a role whose sessions are shorter than the alias says',
    { alias: { ...ALIAS, credentialDurationSeconds: 3601 } },
    400,
    'The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role',
  ],
])('%s: refused with AWS\'s status and text', async (_, lacking, status, message) => {
  world = { ...COMPLETE, ...lacking };
  expect(await ask()).toMatchObject({ status, body: { message } });
  expect(entries).toMatchObject([{ operation: 'AssumeRoleWithCertificate', status, error: message }]);
});

test('a refusal with 403 names its type in a header', async () => {
  world.policyAllows = false;
  expect(await ask()).toMatchObject({ status: 403, type: 'AccessDeniedException' });
});

test('an inactive certificate is refused before all else', async () => {
  world = { ...COMPLETE, ...NOTHING, certificateStatus: 'INACTIVE' };
  expect(await ask()).toMatchObject({ status: 403, body: { message: 'Invalid certificate' } });
});
