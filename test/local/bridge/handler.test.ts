import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { handler } from '../../../local/bridge/handler/index';
import { CONTROL, ROLE, ROOT_KEY, SECRET, startFixture, type Fixture } from '../sagemaker/fakes';

const answers: Record<string, unknown>[] = [];
let fixture: Fixture;
let cloudFormation: http.Server;

beforeAll(async () => {
  fixture = await startFixture();
  cloudFormation = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    }).on('end', () => {
      answers.push(JSON.parse(body) as Record<string, unknown>);
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    cloudFormation.listen(0, '127.0.0.1', resolve);
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SAGEMAKER: fixture.standIn.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: ROOT_KEY,
    AWS_SECRET_ACCESS_KEY: SECRET,
  });
  jest.spyOn(console, 'error').mockImplementation(); // what is expected to fail here
});
afterAll(async () => {
  cloudFormation.closeAllConnections();
  cloudFormation.close();
  await fixture.close();
});

async function send(event: {
  type: string;
  request: 'Create' | 'Update' | 'Delete';
  id?: string;
  properties: object;
  old?: object;
}): Promise<Record<string, unknown>> {
  const whole = {
    RequestType: event.request,
    ResourceType: event.type,
    RequestId: 'request',
    StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/Stack/uuid',
    LogicalResourceId: 'Logical',
    ServiceToken: 'arn',
    ResponseURL: `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/answer`,
    ResourceProperties: { ServiceToken: 'arn', ...event.properties },
    ...(event.id === undefined ? {} : { PhysicalResourceId: event.id }), ...(event.old ? { OldResourceProperties: event.old } : {}),
  };
  await handler(whole as CloudFormationCustomResourceEvent);
  return answers.at(-1) ?? {};
}

const FLEET = {
  DeviceFleetName: 'fleet',
  RoleArn: ROLE,
  OutputConfig: { S3OutputLocation: 's3://output/captures' },
  Tags: [{ Key: 'a', Value: '1' }],
};
const DEVICE = { DeviceFleetName: 'fleet', Device: { DeviceName: 'camera', Description: 'a camera' } };
const fleet = async (request: 'Create' | 'Update' | 'Delete', properties: object = FLEET, old?: object): Promise<Record<string, unknown>> =>
  send({
    type: 'Custom::AWS-SageMaker-DeviceFleet',
    request,
    properties,
    ...(request === 'Create' ? {} : { id: 'fleet' }),
    ...(old ? { old } : {}),
  });
const device = async (request: 'Create' | 'Update' | 'Delete', properties: object = DEVICE, old?: object): Promise<Record<string, unknown>> =>
  send({
    type: 'Custom::AWS-SageMaker-Device',
    request,
    properties,
    ...(request === 'Create' ? {} : { id: 'fleet' }),
    ...(old ? { old } : {}),
  });
const operations = (): string[] => fixture.log.map(({ operation }) => operation);

beforeEach(async () => {
  await fetch(`${fixture.standIn.url}/_stand-in/reset`, { method: 'POST', headers: CONTROL });
  answers.length = 0;
});

test('a fleet is made, and Ref is its name', async () => {
  expect(await fleet('Create')).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'fleet',
    RequestId: 'request',
    LogicalResourceId: 'Logical',
  });
});

test('the fleet\'s properties are sent as they are, without the service\'s switch for role aliases', async () => {
  await fleet('Create');
  const { input } = fixture.log.filter(({ operation }) => operation === 'CreateDeviceFleet').at(-1) ?? {};
  expect(input).toEqual(FLEET);
});

test('a fleet changes in place', async () => {
  await fleet('Create');
  expect(await fleet('Update', { ...FLEET, Description: 'new', Tags: [{ Key: 'b', Value: '2' }] }, FLEET)).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'fleet',
  });
  expect(operations().slice(-4)).toEqual(['UpdateDeviceFleet', 'DescribeDeviceFleet', 'AddTags', 'DeleteTags']);
});

test('a fleet of another name is another fleet', async () => {
  await fleet('Create');
  expect(await fleet('Update', { ...FLEET, DeviceFleetName: 'other' }, FLEET)).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'other',
  });
});

test('the service\'s refusal reaches CloudFormation', async () => {
  await fleet('Create');
  expect(await fleet('Create')).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('ResourceInUse') as unknown });
});

test('deleting what is gone is success', async () => {
  expect(await fleet('Delete')).toMatchObject({ Status: 'SUCCESS' });
  expect(await device('Delete')).toMatchObject({ Status: 'SUCCESS' });
});

test('a device is registered, and Ref is the name of its fleet', async () => {
  await fleet('Create');
  expect(await device('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'fleet' });
});

test('a device that is registered already is not taken over', async () => {
  await fleet('Create');
  await device('Create');
  expect(await device('Create')).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('already registered') as unknown });
});

test('a device of a new name is registered before the old one goes', async () => {
  await fleet('Create');
  await device('Create');
  expect(await device('Update', { ...DEVICE, Device: { DeviceName: 'other' } }, DEVICE)).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'fleet',
  });
  expect(operations().slice(-2)).toEqual(['RegisterDevices', 'DeregisterDevices']);
});

test('a missing property is named', async () => {
  expect(await device('Create', { DeviceFleetName: 'fleet' })).toMatchObject({ Status: 'FAILED', Reason: 'Error: DeviceName is required' });
});

test('a failed create is not deleted: nothing of it is there, and somebody else may have that name', async () => {
  await fleet('Create');
  const { PhysicalResourceId: failed } = await fleet('Create');
  expect(await send({
    type: 'Custom::AWS-SageMaker-DeviceFleet',
    request: 'Delete',
    id: String(failed),
    properties: FLEET,
  })).toMatchObject({ Status: 'SUCCESS' });
  expect(operations().at(-1)).toBe('CreateDeviceFleet');
});

test('an unknown type is refused by name', async () => {
  expect(await send({ type: 'Custom::AWS-EC2-Nothing', request: 'Create', properties: {} })).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('Custom::AWS-EC2-Nothing') as unknown,
  });
});
