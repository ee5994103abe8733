import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateRoleAliasCommand, DeleteRoleAliasCommand, DescribeEndpointCommand, DescribeRoleAliasCommand, DescribeThingCommand,
  IoTClient, ListRoleAliasesCommand, ListTagsForResourceCommand,
  TagResourceCommand, UntagResourceCommand, UpdateRoleAliasCommand, UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { Forwarder } from '../../../local/service/forwarder';
import type { RunningServer } from '../../../local/service/http-server';
import { startIotProxy } from '../../../local/iot/proxy';
import { RoleAliasStore } from '../../../local/iot/role-aliases';
import { UnknownCallerError, type Caller, type KnownCaller, type RequestLogEntry } from '../../../local/service/contracts';

const ROLE = 'arn:aws:iam::000000000000:role/devices/Camera';
const HANDLER: Caller = {
  arn: 'arn:aws:sts::000000000000:assumed-role/handler/f',
  roleArn: 'arn:aws:iam::000000000000:role/handler',
  isRoot: false,
};
const KNOWN = 'ASIAKNOWN0000001';
const entries: RequestLogEntry[] = [];
const forwarded: { url: string; host: string; authorization: string; body: string }[] = [];
const asked: string[] = [];
const copiesRemoved: string[] = [];
let allowed: (action: string) => boolean;
let emulator: http.Server;
let proxy: RunningServer;
let client: IoTClient;

const clientFor = (accessKeyId: string): IoTClient =>
  new IoTClient({
    endpoint: `http://127.0.0.1:${proxy.port}`,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 's' },
  });

beforeAll(async () => {
  const authority = {
    identify: async (key: string): Promise<KnownCaller> => (key === KNOWN ? Promise.resolve({ caller: HANDLER, secretAccessKey: 's' }) : Promise.reject(new UnknownCallerError(key))),
    authorize: async (_: Caller, action: string, resource: string): Promise<boolean> => {
      asked.push(`${action} ${resource}`);
      return Promise.resolve(allowed(action));
    },
    mayPassRole: async (_: Caller, role: string, service: string): Promise<boolean> => {
      asked.push(`iam:PassRole ${role} ${service}`);
      return Promise.resolve(allowed('iam:PassRole'));
    },
  };
  const roles = {
    find: async (arn: string) => Promise.resolve(arn === ROLE ? {
      Path: '/devices/',
      RoleName: 'Camera',
      RoleId: 'A',
      Arn: ROLE,
      CreateDate: new Date(),
      MaxSessionDuration: 7200,
    } : undefined),
  };
  const sessions = {
    removeCopies: async (role?: string): Promise<void> => {
      copiesRemoved.push(role ?? '');
      return Promise.resolve();
    },
  };
  emulator = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    }).on('end', () => {
      forwarded.push({
        url: request.url ?? '',
        host: request.headers.host ?? '',
        authorization: request.headers.authorization ?? '',
        body,
      });
      const known = request.url === '/things/known';
      response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(known ? { thingName: 'known' } : {
        __type: 'ResourceNotFoundException',
        message: 'no',
      }));
    });
  });
  await new Promise<void>((resolve) => {
    emulator.listen(0, '127.0.0.1', resolve);
  });
  proxy = await startIotProxy({
    emulator: new Forwarder({ host: '127.0.0.1', port: (emulator.address() as AddressInfo).port }),
    authority,
    credentialProvider: 'localhost:1234',
    aliases: new RoleAliasStore(roles, sessions), log: { append: (entry) => { entries.push(entry); } },
  });
  client = clientFor(KNOWN);
});
beforeEach(() => {
  allowed = () => true;
  for (const list of [entries, forwarded, asked, copiesRemoved]) {
    list.length = 0;
  }
});
afterAll(async () => {
  client.destroy();
  await proxy.close();
  emulator.closeAllConnections();
  emulator.close();
});

type CreateInput = ConstructorParameters<typeof CreateRoleAliasCommand>[0];
const create = async (input: Partial<CreateInput> = {}) =>
  client.send(new CreateRoleAliasCommand({ roleAlias: 'alias', roleArn: ROLE, ...input }));

describe('role aliases', () => {
  afterEach(async () => {
    allowed = () => true;
    await client.send(new DeleteRoleAliasCommand({ roleAlias: 'alias' })).catch(() => undefined);
  });

  test('are made, described, changed and deleted', async () => {
    expect(await create()).toMatchObject({ roleAlias: 'alias', roleAliasArn: 'arn:aws:iot:us-east-1:000000000000:rolealias/alias' });
    await client.send(new UpdateRoleAliasCommand({ roleAlias: 'alias', credentialDurationSeconds: 900 }));
    expect((await client.send(new DescribeRoleAliasCommand({ roleAlias: 'alias' }))).roleAliasDescription).toMatchObject({
      roleArn: ROLE, credentialDurationSeconds: 900, owner: '000000000000', creationDate: expect.any(Date) as unknown,
    });
    await client.send(new DeleteRoleAliasCommand({ roleAlias: 'alias' }));
    await expect(client.send(new DescribeRoleAliasCommand({ roleAlias: 'alias' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(copiesRemoved).toEqual([ROLE]);
  });

  test('of one role do not end each other\'s credentials: its copies go with the last', async () => {
    await create();
    await create({ roleAlias: 'second' });
    await client.send(new DeleteRoleAliasCommand({ roleAlias: 'alias' }));
    expect(copiesRemoved).toEqual([]);
    await client.send(new DeleteRoleAliasCommand({ roleAlias: 'second' }));
    expect(copiesRemoved).toEqual([ROLE]);
  });

  test('last an hour where nothing else is said', async () => {
    await create();
    expect(
      (await client.send(new DescribeRoleAliasCommand({ roleAlias: 'alias' }))).roleAliasDescription?.credentialDurationSeconds,
    ).toBe(3600);
  });

  test('are listed page by page', async () => {
    for (const roleAlias of ['alias', 'b', 'c']) {
      await create({ roleAlias });
    }
    const first = await client.send(new ListRoleAliasesCommand({ pageSize: 2 }));
    expect(first.roleAliases).toEqual(['alias', 'b']);
    expect(await client.send(new ListRoleAliasesCommand({ pageSize: 2, marker: first.nextMarker }))).toMatchObject({ roleAliases: ['c'] });
    for (const roleAlias of ['b', 'c']) {
      await client.send(new DeleteRoleAliasCommand({ roleAlias }));
    }
  });

  test('have tags', async () => {
    const resourceArn = (await create({ tags: [{ Key: 'a', Value: '1' }] })).roleAliasArn;
    await client.send(new TagResourceCommand({ resourceArn, tags: [{ Key: 'b', Value: '2' }] }));
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([{ Key: 'b', Value: '2' }]);
  });

  test('of one name are not made twice', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  });

  test.each([
    ['a name with a blank', { roleAlias: 'a b' }, /roleAlias/], ['a name of 129 characters', { roleAlias: 'a'.repeat(129) }, /roleAlias/],
    ['a duration of 899 s', { credentialDurationSeconds: 899 }, /'credentialDurationSeconds' .* value greater than or equal to 900$/],
    ['a duration of 43201 s', { credentialDurationSeconds: 43201 }, /'credentialDurationSeconds' .* value less than or equal to 43200$/],
    ['a duration above that of the role', { credentialDurationSeconds: 7201 }, /maximum session duration of the role, 7200/],
    ['what is no role', { roleArn: 'arn:aws:iam::000000000000:user/somebody' }, /roleArn/],
    ['a role that is not there', { roleArn: `${ROLE}2` }, /role does not exist/],
  ])('are refused with %s', async (_, input, message) => {
    await expect(create(input)).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringMatching(message) as unknown,
    });
  });

  test('ask for the action on the very alias, and for iam:PassRole to the credential provider', async () => {
    await create();
    expect(asked).toEqual([
      'iot:CreateRoleAlias arn:aws:iot:us-east-1:000000000000:rolealias/alias',
      `iam:PassRole ${ROLE} credentials.iot.amazonaws.com`,
    ]);
  });

  test.each([
    'iot:CreateRoleAlias', 'iam:PassRole', 'iot:TagResource',
  ])('are refused to who may not %s, in IAM\'s words', async (action) => {
    allowed = (candidate) => candidate !== action;
    await expect(create({ tags: [{ Key: 'a', Value: '1' }] })).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`${HANDLER.arn} is not authorized to perform: ${action} on resource: `) as unknown,
    });
  });
});

test('the credential provider is the local one', async () => {
  expect(
    (await client.send(new DescribeEndpointCommand({ endpointType: 'iot:CredentialProvider' }))).endpointAddress,
  ).toBe('localhost:1234');
  expect(forwarded).toEqual([]);
});

test('everything else is handed on as it was signed', async () => {
  await client.send(new UpdateThingCommand({ thingName: 'known', thingTypeName: 'camera' }));
  expect(forwarded).toMatchObject([{
    url: '/things/known',
    host: `127.0.0.1:${proxy.port}`,
    body: '{"thingTypeName":"camera"}',
    authorization: expect.stringContaining('Signature=') as unknown,
  }]);
});

test('who is unknown here is handed on too: the emulator decides', async () => {
  const stranger = clientFor('ASIASTRANGER0001');
  await expect(stranger.send(new DescribeRoleAliasCommand({ roleAlias: 'alias' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect(forwarded).toHaveLength(1);
});

test('each call is logged with the caller, the input and the error', async () => {
  await client.send(new DescribeThingCommand({ thingName: 'gone' })).catch(() => undefined);
  await client.send(new DescribeEndpointCommand({ endpointType: 'iot:CredentialProvider' }));
  expect(entries).toMatchObject([
    {
      service: 'IoT',
      operation: 'DescribeThing',
      caller: HANDLER.arn,
      input: { thingName: 'gone' },
      status: 404,
      error: 'ResourceNotFoundException',
    },
    { service: 'IoT', operation: 'DescribeEndpoint', input: { endpointType: 'iot:CredentialProvider' }, status: 200 },
  ]);
});
