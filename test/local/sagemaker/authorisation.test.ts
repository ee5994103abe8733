import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  AddTagsCommand, CreateCompilationJobCommand, CreateDeviceFleetCommand, CreateEdgePackagingJobCommand,
  DeleteCompilationJobCommand, DeregisterDevicesCommand, DescribeEdgePackagingJobCommand,
  GetDeviceFleetReportCommand, ListDevicesCommand, RegisterDevicesCommand,
} from '@aws-sdk/client-sagemaker';
import { SendHeartbeatCommand } from '@aws-sdk/client-sagemaker-edge';

import type { Fixture } from './fakes';
import { HANDLER_ARN, ROLE, arn, startFixture } from './fakes';
import { compilationRequest } from './requests';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.authority.asked.length = 0;
  fixture.authority.allowed = () => true;
});

const FLEET = { DeviceFleetName: 'fleet', OutputConfig: { S3OutputLocation: 's3://output' }, RoleArn: ROLE };
const send: Record<string, (client: SageMakerClient) => Promise<unknown>> = {
  CreateCompilationJob: (client) => client.send(new CreateCompilationJobCommand(compilationRequest('job'))),
  DeleteCompilationJob: (client) => client.send(new DeleteCompilationJobCommand({ CompilationJobName: 'job' })),
  CreateEdgePackagingJob: (client) => client.send(new CreateEdgePackagingJobCommand({
    EdgePackagingJobName: 'package', CompilationJobName: 'job', ModelName: 'm', ModelVersion: '1', RoleArn: ROLE,
    OutputConfig: FLEET.OutputConfig,
  })),
  DescribeEdgePackagingJob: (client) => client.send(new DescribeEdgePackagingJobCommand({ EdgePackagingJobName: 'package' })),
  CreateDeviceFleet: (client) => client.send(new CreateDeviceFleetCommand(FLEET)),
  RegisterDevices: (client) => client.send(new RegisterDevicesCommand({ DeviceFleetName: 'fleet', Devices: [{ DeviceName: 'device' }] })),
  DeregisterDevices: (client) => client.send(new DeregisterDevicesCommand({ DeviceFleetName: 'fleet', DeviceNames: ['device'] })),
  GetDeviceFleetReport: (client) => client.send(new GetDeviceFleetReportCommand({ DeviceFleetName: 'fleet' })),
  ListDevices: (client) => client.send(new ListDevicesCommand({})),
  AddTags: (client) => client.send(new AddTagsCommand({ ResourceArn: arn('device-fleet/fleet'), Tags: [] })),
  SendHeartbeat: () => fixture.device.send(new SendHeartbeatCommand({ AgentVersion: '1', DeviceFleetName: 'fleet', DeviceName: 'device' })),
};

test.each([
  ['CreateCompilationJob', arn('compilation-job/job')],
  ['DeleteCompilationJob', arn('compilation-job/job')],
  ['CreateEdgePackagingJob', arn('edge-packaging-job/package')],
  ['DescribeEdgePackagingJob', arn('edge-packaging-job/package')],
  ['CreateDeviceFleet', arn('device-fleet/fleet')],
  ['RegisterDevices', arn('device-fleet/fleet/device/device')],
  ['DeregisterDevices', arn('device-fleet/fleet/device/device')],
  ['GetDeviceFleetReport', arn('device-fleet/fleet')],
  ['ListDevices', '*'],
  ['AddTags', arn('device-fleet/fleet')],
  ['SendHeartbeat', arn('device-fleet/fleet/device/device')],
])('who may not %s on that very resource is refused in IAM\'s words', async (operation, resource) => {
  fixture.authority.allowed = (action) => action !== `sagemaker:${operation}`;
  await expect(send[operation]?.(fixture.handler)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `User: ${HANDLER_ARN} is not authorized to perform: sagemaker:${operation} on resource: ${resource} because no identity-based policy allows the sagemaker:${operation} action`,
  });
});

test.each([
  'CreateCompilationJob', 'CreateEdgePackagingJob', 'CreateDeviceFleet',
])('%s needs iam:PassRole on the role, and the refusal names both', async (operation) => {
  fixture.authority.allowed = (action) => action !== 'iam:PassRole';
  await expect(send[operation]?.(fixture.handler)).rejects.toMatchObject({
    name: 'AccessDeniedException', message: `User: ${HANDLER_ARN} is not authorized to perform: iam:PassRole on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`,
  });
});

test('tags on creation need sagemaker:AddTags on the new resource', async () => {
  fixture.authority.allowed = (action) => action !== 'sagemaker:AddTags';
  const request = compilationRequest('tagged', { Tags: [{ Key: 'k', Value: 'v' }] });
  await expect(fixture.handler.send(new CreateCompilationJobCommand(request))).rejects.toThrow(
    `sagemaker:AddTags on resource: ${arn('compilation-job/tagged')}`,
  );
  await expect(fixture.handler.send(new CreateCompilationJobCommand({ ...request, Tags: [] }))).resolves.toBeDefined();
});

test('several devices are each asked for', async () => {
  fixture.authority.allowed = (_, resource) => !resource.endsWith('/two');
  const failed = fixture.handler.send(new RegisterDevicesCommand({
    DeviceFleetName: 'fleet',
    Devices: [{ DeviceName: 'one' }, { DeviceName: 'two' }],
  }));
  await expect(failed).rejects.toThrow(`on resource: ${arn('device-fleet/fleet/device/two')}`);
});

test('a role that does not trust the service is refused, for root too', async () => {
  const RoleArn = 'arn:aws:iam::000000000000:role/untrusting';
  await expect(fixture.root.send(new CreateDeviceFleetCommand({ ...FLEET, RoleArn }))).rejects.toMatchObject({
    name: 'ValidationException', message: `Could not assume role ${RoleArn}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`,
  });
});

test('root is never asked about', async () => {
  fixture.authority.allowed = () => false;
  await fixture.root.send(new CreateDeviceFleetCommand(FLEET));
  expect(fixture.authority.asked).toEqual([]);
});
