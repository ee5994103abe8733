import { randomBytes } from 'node:crypto';
import {
  AttachThingPrincipalCommand, CreateThingCommand, DeleteCertificateCommand, DeletePolicyCommand, DeleteThingCommand,
  DescribeRoleAliasCommand, DetachPolicyCommand,
  DetachThingPrincipalCommand, ListTagsForResourceCommand, UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeDeviceCommand, DescribeDeviceFleetCommand, ListDeviceFleetsCommand } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeEdgeClient } from './edge-client';
import { Clients } from '../../local/cloud/clients';
import { askCredentials, makeIdentity, type DeviceIdentity } from './device-credentials';
import { TestCloud } from './harness';

const APP = { app: 'test/deploy/fixtures/fleet-app.ts' };
const FLEET = 'bridge-fleet';
const ALIAS = `SageMakerEdge-${FLEET}`;
const THING = 'bridge-device';
let cloud: TestCloud;
let outputs: Record<string, string>;

beforeAll(async () => {
  cloud = await TestCloud.start('local-cloud');
  await cloud.deploy(APP);
  outputs = await cloud.outputs('BridgeFixture');
});
afterAll(async () => cloud.stop());

describe('credentials by certificate', () => {
  let identity: DeviceIdentity;
  beforeAll(async () => {
    const { iot } = cloud.cloud.clients;
    identity = await makeIdentity(iot, THING, outputs.AliasArnOutput ?? '', 'camera');
    await iot.send(new CreateThingCommand({ thingName: 'other' }));
  });
  const ask = async (alias = ALIAS, thingName: string | undefined = THING, who: Pick<DeviceIdentity, 'pem' | 'key'> | undefined = identity): ReturnType<typeof askCredentials> =>
    askCredentials(cloud.cloud.clients.iot, cloud.cloud.endpoints.caFile, alias, who, thingName);
  const put = async (key: string, thingName?: string): Promise<unknown> => {
    const { credentials } = await ask(ALIAS, thingName);
    const device = new Clients(cloud.cloud.endpoints, credentials);
    try {
      return await device.s3.send(new PutObjectCommand({ Bucket: outputs.BucketOutput, Key: key, Body: 'tensor' }));
    } finally {
      device.close();
    }
  };

  test('a device writes under its own prefix', async () => {
    await expect(put(`captures/${THING}/a`, THING)).resolves.toBeDefined();
  });

  test('it is refused under the prefix of another device', async () => {
    await expect(put('captures/other/a', THING)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('the credentials end when the alias says', async () => {
    const { status, expiration } = await ask();
    expect(status).toBe(200);
    expect(Math.abs(Date.parse(expiration ?? '') - Date.now() - 3600_000)).toBeLessThan(60_000);
  });

  test('the SageMaker stand-in knows the session, and what it may', async () => {
    const { credentials } = await ask();
    const edge = new SageMakerRuntimeEdgeClient(cloud.cloud.endpoints, credentials);
    await expect(edge.heartbeat(FLEET, THING)).resolves.toBe('accepted');
    await expect(edge.heartbeat(FLEET, 'other')).resolves.toMatch(/not authorized to perform: sagemaker:SendHeartbeat/);
  });

  test.each([
    ['the name of a thing that the certificate is not attached to', async () => ask(ALIAS, 'other'), 'Invalid thing name passed'],
    ['the name of a thing that is not there', async () => ask(ALIAS, 'nobody'), 'Invalid thing name passed'],
    ['an alias that the policy does not name', async () => ask(outputs.GeneratedRefOutput), 'Access Denied'],
    ['an alias that is neither there nor in the policy', async () => ask('nothing'), 'Access Denied'],
    ['no certificate', async () => askCredentials(cloud.cloud.clients.iot, cloud.cloud.endpoints.caFile, ALIAS), 'Missing certificate'],
  ])('it is refused with %s', async (_, call, message) => {
    expect(await call()).toEqual({ status: 403, message });
  });

  test('it is refused with an inactive certificate', async () => {
    const { iot } = cloud.cloud.clients;
    await iot.send(new UpdateCertificateCommand({ certificateId: identity.id, newStatus: 'INACTIVE' }));
    expect(await ask()).toEqual({ status: 403, message: 'Invalid certificate' });
    await iot.send(new UpdateCertificateCommand({ certificateId: identity.id, newStatus: 'ACTIVE' }));
    expect((await ask()).status).toBe(200);
  });

  test('the private key is not in the log', () => {
    expect(JSON.stringify(cloud.requests())).not.toContain('PRIVATE KEY');
  });

  afterAll(async () => {
    const { iot } = cloud.cloud.clients;
    await iot.send(new DetachPolicyCommand({ policyName: 'camera', target: identity.arn }));
    await iot.send(new DetachThingPrincipalCommand({ thingName: THING, principal: identity.arn }));
    await iot.send(new UpdateCertificateCommand({ certificateId: identity.id, newStatus: 'INACTIVE' }));
    await iot.send(new DeleteCertificateCommand({ certificateId: identity.id }));
    await iot.send(new DeletePolicyCommand({ policyName: 'camera' }));
    await iot.send(new DeleteThingCommand({ thingName: 'other' }));
  });
});

describe('the bridge', () => {
  test('gives what Ref and Fn::GetAtt give on AWS', () => {
    expect(outputs).toMatchObject({
      FleetRefOutput: FLEET,
      DeviceRefOutput: FLEET,
      AliasRefOutput: ALIAS,
      AliasArnOutput: `arn:aws:iot:us-east-1:000000000000:rolealias/${ALIAS}`,
    });
    expect(outputs.GeneratedRefOutput).toMatch(/^BridgeFixture-Generated-/);
  });

  test('calls as its own role, not as root', () => {
    const callers = cloud.requests().filter(
      ({ operation }) => /^(Create(RoleAlias|DeviceFleet)|RegisterDevices)$/.test(operation),
    ).map(({ caller }) => caller);
    expect(new Set(callers)).toEqual(new Set([expect.stringMatching(/assumed-role\/LocalBridge-Role.*\/LocalBridge$/)]));
  });

  test('updates alias, fleet, device and tags in place', async () => {
    const { iot, sageMaker } = cloud.cloud.clients;
    const before = await sageMaker.send(new DescribeDeviceFleetCommand({ DeviceFleetName: FLEET }));
    await cloud.deploy({ ...APP, context: { seconds: '1800' } });
    const { roleAliasDescription } = await iot.send(new DescribeRoleAliasCommand({ roleAlias: ALIAS }));
    expect(roleAliasDescription?.credentialDurationSeconds).toBe(1800);
    expect(await iot.send(new ListTagsForResourceCommand({ resourceArn: outputs.AliasArnOutput }))).toMatchObject({
      tags: expect.arrayContaining([{ Key: 'kept', Value: '1800' }]) as unknown,
    });
    expect(await sageMaker.send(new DescribeDeviceFleetCommand({ DeviceFleetName: FLEET }))).toMatchObject({
      CreationTime: before.CreationTime,
      Description: 'lives 1800',
    });
  });

  test('replaces a device whose name changes', async () => {
    const { sageMaker } = cloud.cloud.clients;
    await cloud.deploy({ ...APP, context: { seconds: '1800', deviceName: 'renamed' } });
    await expect(sageMaker.send(new DescribeDeviceCommand({
      DeviceFleetName: FLEET,
      DeviceName: 'renamed',
    }))).resolves.toMatchObject({ IotThingName: 'renamed' });
    await expect(sageMaker.send(new DescribeDeviceCommand({ DeviceFleetName: FLEET, DeviceName: THING }))).rejects.toThrow(/No device/i);
  });

  test('hands the service\'s words to the deployer, and the update rolls back', async () => {
    const { code, output } = await cloud.tryDeploy({ ...APP, context: { seconds: '43200', deviceName: 'renamed' } });
    expect(code).not.toBe(0);
    expect(output).toMatch(/credentialDurationSeconds 43200 exceeds the maximum session duration of the role, 3600/);
    const { roleAliasDescription } = await cloud.cloud.clients.iot.send(new DescribeRoleAliasCommand({ roleAlias: ALIAS }));
    expect(roleAliasDescription?.credentialDurationSeconds).toBe(1800);
  });
});

test('nobody unknown is taken for root', async () => {
  const stranger = new Clients(cloud.cloud.endpoints, {
    accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: 'x',
  });
  await expect(stranger.sageMaker.send(new ListDeviceFleetsCommand({}))).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  await expect(stranger.iot.send(new AttachThingPrincipalCommand({ thingName: THING, principal: 'arn' }))).rejects.toThrow();
  await expect(stranger.iot.send(new DescribeRoleAliasCommand({ roleAlias: ALIAS }))).rejects.toThrow();
  stranger.close();
});

test('destroy leaves nothing, the copies of device roles and the objects of a versioned bucket included', async () => {
  await cloud.destroy(APP);
  expect(await cloud.leftovers()).toEqual([]);
});
