import { startDeviceServer } from '../../../local/device/server';
import type { RunningServer } from '../../../local/service/http-server';
import type { MachineRequest } from '../../../local/device/host';
import { startMetadata } from '../../../local/device/metadata';
import { readUserData } from '../../../local/device/user-data';
import { DocumentHandler } from '../../../local/bridge/handler/document';
import { userData } from '../../../lib/device/private/user-data';

const SETTINGS = {
  region: 'us-east-1',
  bucketName: 'devices',
  manifestKey: 'manifests/camera/manifest.json',
  reportKey: 'reports/camera/report.json',
  inputPrefix: 'inputs/camera/',
};

describe('user data', () => {
  test('of a device says where its manifest and its report are', () => {
    expect(readUserData(userData(SETTINGS), 'i-1')).toMatchObject({
      AWS_REGION: 'us-east-1',
      EDGE_BUCKET: 'devices',
      EDGE_MANIFEST_KEY: 'manifests/camera/manifest.json',
      EDGE_REPORT_KEY: 'reports/camera/report.json',
      EDGE_INSTANCE_ID: 'i-1',
    });
  });

  test('of anything else is no device\'s', () => {
    expect(readUserData('#!/bin/bash\necho hello\n', 'i-1')).toBeUndefined();
  });
});

describe('the metadata of a machine', () => {
  let metadata: RunningServer;
  let sessions: number;
  let lifetimeMs: number;
  beforeEach(async () => {
    sessions = 0;
    lifetimeMs = 3600_000;
    metadata = await startMetadata({
      instanceId: 'i-1', roleName: 'Machine',
      assume: () => {
        sessions += 1;
        return Promise.resolve({
          credentials: { accessKeyId: `key${sessions}`, secretAccessKey: 's', sessionToken: 't' },
          expiration: new Date(Date.now() + lifetimeMs),
          effectiveRoleArn: 'arn',
        });
      },
    });
  });
  afterEach(async () => metadata.close());

  const ask = async (path: string, init: RequestInit = {}): Promise<{ status: number; body: string }> => {
    const response = await fetch(`${metadata.url}${path}`, init);
    return { status: response.status, body: await response.text() };
  };
  const token = async (): Promise<string> => (await ask(
    '/latest/api/token',
    { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' } },
  )).body;
  const get = async (path: string): ReturnType<typeof ask> => ask(path, { headers: { 'x-aws-ec2-metadata-token': await token() } });

  test('is told to those with a token alone', async () => {
    expect((await ask('/latest/meta-data/instance-id')).status).toBe(401);
    expect((await ask('/latest/meta-data/instance-id', { headers: { 'x-aws-ec2-metadata-token': 'guess' } })).status).toBe(401);
    expect(await get('/latest/meta-data/instance-id')).toEqual({ status: 200, body: 'i-1' });
  });

  test('gives a token only for a lifetime', async () => {
    expect((await ask('/latest/api/token', { method: 'PUT' })).status).toBe(400);
  });

  test('has the credentials of the machine\'s role, as long as they last', async () => {
    expect((await get('/latest/meta-data/iam/security-credentials/')).body).toBe('Machine');
    const read = async (): Promise<unknown> => JSON.parse((await get('/latest/meta-data/iam/security-credentials/Machine')).body);
    expect(await read()).toMatchObject({ Code: 'Success', AccessKeyId: 'key1', Token: 't' });
    expect(await read()).toMatchObject({ AccessKeyId: 'key1' });
  });

  test('has new credentials before the old ones end', async () => {
    lifetimeMs = 60_000;
    await get('/latest/meta-data/iam/security-credentials/Machine');
    expect(JSON.parse((await get('/latest/meta-data/iam/security-credentials/Machine')).body)).toMatchObject({ AccessKeyId: 'key2' });
  });

  test('holds nothing else', async () => {
    expect((await get('/latest/user-data')).status).toBe(404);
  });
});

describe('the host of the devices', () => {
  let server: RunningServer;
  const TOKEN = 'token-of-this-cloud';
  const call = async (path: string, options: RequestInit = {}): Promise<Response> => fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${TOKEN}` }, ...options,
  });
  const started: MachineRequest[] = [];
  const stopped: string[] = [];
  beforeAll(async () => {
    server = await startDeviceServer({
      list: () => [], start: (request) => {
        started.push(request);
        return Promise.resolve();
      }, stop: (id) => {
        stopped.push(id);
        return Promise.resolve();
      },
    }, TOKEN);
    process.env.LOCAL_DEVICE_HOST = server.url;
    process.env.LOCAL_CONTROL_TOKEN = TOKEN;
  });
  afterAll(async () => server.close());

  const documents = async (): Promise<Record<string, unknown>> => await (await call('/documents')).json() as Record<string, unknown>;
  const identity = { stackName: 'Stack', stackId: 'arn:stack/Stack/1', logicalId: 'Predict' };
  const Content = { schemaVersion: '2.2', mainSteps: [] };

  test('starts and stops machines by their ids', async () => {
    await call('/machines/i-1', { method: 'PUT', body: JSON.stringify({ instanceProfile: 'p', userData: 'u' }) });
    await call('/machines/i-1', { method: 'DELETE' });
    expect(started).toEqual([{ instanceId: 'i-1', instanceProfile: 'p', userData: 'u' }]);
    expect(stopped).toEqual(['i-1']);
  });

  test.each([
    ['none', undefined], ['another one', 'Bearer another'], ['the token alone', TOKEN],
  ])('nobody starts a machine with %s for a token', async (_, authorization) => {
    const response = await call('/machines/i-9', { method: 'PUT', body: '{}', headers: authorization === undefined ? {} : { authorization } });
    expect(response.status).toBe(401);
    expect(started.map(({ instanceId }) => instanceId)).not.toContain('i-9');
  });

  test('records documents for the bridge, under a name of the stack\'s', async () => {
    const handler = new DocumentHandler();
    const { physicalId } = await handler.create({ Content }, identity);
    expect(physicalId).toMatch(/^Stack-Predict-[0-9a-f]{12}$/);
    expect(await documents()).toEqual({ [physicalId]: Content });
    await handler.update(physicalId, { Content: { ...Content, description: 'new' } }, { Content }, identity);
    expect(await documents()).toEqual({ [physicalId]: { ...Content, description: 'new' } });
    await handler.delete(physicalId);
    expect(await documents()).toEqual({});
  });

  test('a document of another name is another document', async () => {
    const handler = new DocumentHandler();
    expect(await handler.update(
      'old', { Name: 'new-name', Content }, { Name: 'old', Content }, identity,
    )).toEqual({ physicalId: 'new-name' });
    await handler.delete('new-name');
  });

  test.each([
    [{ Content: { schemaVersion: '1.2' } }, 'schema 2.2 alone, got 1.2'],
    [{ Name: 'a/b', Content }, "got 'a/b'"],
    [{ Content: { ...Content, x: 'y'.repeat(70_000) } }, '65536 bytes'],
  ])('a document that Systems Manager would refuse is refused', async (properties, message) => {
    await expect(new DocumentHandler().create(properties, identity)).rejects.toThrow(message);
  });

  test('says what it does not know', async () => {
    const response = await call('/nothing');
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: 'no such call: GET /nothing' });
  });
});
