import type { CreateCompilationJobCommandInput } from '@aws-sdk/client-sagemaker';
import {
  CreateCompilationJobCommand, CreateDeviceFleetCommand, CreateEdgePackagingJobCommand, ListTagsCommand,
  RegisterDevicesCommand,
} from '@aws-sdk/client-sagemaker';
import { SendHeartbeatCommand } from '@aws-sdk/client-sagemaker-edge';

import { signed } from '../service/signed';
import type { Fixture } from './fakes';
import { HANDLER_KEY, ROLE, SECRET, startFixture } from './fakes';
import { compilationRequest, containing, matching, putAddModel } from './requests';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  await putAddModel(fixture);
});
afterAll(() => fixture.close());

const PRESET = { S3OutputLocation: 's3://output', PresetDeploymentType: 'GreengrassV2Component' } as const;
const LINUX = { Os: 'LINUX', Arch: 'X86_64' } as const;
const output = (change: Partial<CreateCompilationJobCommandInput['OutputConfig']>): Partial<CreateCompilationJobCommandInput> =>
  ({ OutputConfig: { S3OutputLocation: 's3://output/x', ...change } });
const input = (change: Partial<CreateCompilationJobCommandInput['InputConfig']>): Partial<CreateCompilationJobCommandInput> =>
  ({ InputConfig: { S3Uri: 's3://models/add.tar.gz', Framework: 'ONNX', ...change } });

/** The SDK has no say in what its types forbid: the request as JSON. */
async function refusal(operation: string, body: object): Promise<unknown> {
  const request = { method: 'POST', body: JSON.stringify(body) };
  const { url, headers } = await signed(`${fixture.standIn.url}/`, {
    ...request, service: 'sagemaker', accessKeyId: HANDLER_KEY, secretAccessKey: SECRET, headers: { 'x-amz-target': `SageMaker.${operation}` },
  });
  const response = await fetch(url, { ...request, headers });
  return response.json();
}

test.each<[string, Partial<CreateCompilationJobCommandInput>, string]>([
  ['a name with an underscore', { CompilationJobName: 'a_b' },
    "Value 'a_b' at 'compilationJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"],
  ['a name that ends with a hyphen', { CompilationJobName: 'a-' }, "Value 'a-' at 'compilationJobName' failed to satisfy constraint: Member must satisfy regular expression pattern"],
  ['a name of 64 characters', { CompilationJobName: 'a'.repeat(64) }, 'Member must have length less than or equal to 63'],
  ['no role', { RoleArn: undefined }, "Value null at 'roleArn' failed to satisfy constraint: Member must not be null"],
  ['a role that is no ARN', { RoleArn: 'execution-role-of-mine' }, "at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern"],
  ['a role that is too short', { RoleArn: 'role' }, 'Member must have length greater than or equal to 20'],
  ['no stopping condition', { StoppingCondition: undefined }, "Value null at 'stoppingCondition'"],
  ['a runtime below 1', { StoppingCondition: { MaxRuntimeInSeconds: 0 } },
    "Value '0' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 1"],
  ['an output place that is no URI', output({ S3OutputLocation: 'output/x', TargetDevice: 'ml_c5' }), "at 'outputConfig.s3OutputLocation'"],
  ['a framework version that is none', input({ FrameworkVersion: 'one' }), "Value 'one' at 'inputConfig.frameworkVersion'"],
  ['too many security groups', { VpcConfig: { SecurityGroupIds: Array.from({ length: 6 }, (_, i) => `sg-${i}`), Subnets: ['subnet-1'] } },
    "at 'vpcConfig.securityGroupIds' failed to satisfy constraint: Member must have length less than or equal to 5"],
  [
    'a subnet that is none',
    { VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1', 'sub_net'] } },
    "Value 'sub_net' at 'vpcConfig.subnets.2.member'",
  ],
  [
    '51 tags',
    { Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })) },
    "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
  ],
  ['a tag twice', { Tags: [{ Key: 'k', Value: '1' }, { Key: 'k', Value: '2' }] }, 'Duplicate tag keys found: k'],
  [
    'both a device and a platform',
    output({ TargetDevice: 'ml_c5', TargetPlatform: LINUX }),
    'Exactly one of TargetDevice and TargetPlatform must be given in outputConfig, got TargetDevice and TargetPlatform',
  ],
  ['neither a device nor a platform', output({}), 'Exactly one of TargetDevice and TargetPlatform must be given in outputConfig, got none'],
  ['no input', { InputConfig: undefined }, 'Exactly one of InputConfig and ModelPackageVersionArn must be given, got none'],
  [
    'a platform that Neo does not have',
    output({ TargetPlatform: { Os: 'LINUX', Arch: 'X86' } }),
    'LINUX with accelerator none supports only X86_64, ARM64, ARM_EABIHF, ARM_EABI.',
  ],
  [
    'an accelerator that the platform does not have',
    output({ TargetPlatform: { Os: 'ANDROID', Arch: 'ARM64', Accelerator: 'NVIDIA' } }),
    'ANDROID with accelerator NVIDIA supports no architecture.',
  ],
  [
    'NVIDIA without its options',
    output({ TargetPlatform: { ...LINUX, Accelerator: 'NVIDIA' }, CompilerOptions: "{'gpu_code':'sm_53','trt-ver':'7.1.3'}" }),
    'missing: cuda-ver.',
  ],
  [
    'compiler options that are no JSON',
    output({ TargetDevice: 'ml_c5', CompilerOptions: 'fast' }),
    'CompilerOptions is not valid JSON: fast',
  ],
  [
    'a version of a framework that takes none',
    input({ FrameworkVersion: '1.7' }),
    'Unsupported framework version field for framework ONNX.',
  ],
  ['a version for a target that takes none', {
    ...input({ Framework: 'PYTORCH', FrameworkVersion: '1.8' }),
    ...output({ TargetDevice: 'coreml' }),
  },
    'Unsupported framework version field for target.'],
])('a compilation with %s is refused', async (_, change, message) => {
  const failed = fixture.handler.send(new CreateCompilationJobCommand(compilationRequest('checked', change)));
  await expect(failed).rejects.toMatchObject({ name: 'ValidationException', message: containing(message) });
});

test.each<[string, Partial<CreateCompilationJobCommandInput>]>([
  [
    'a version where target and framework take one',
    { ...input({ Framework: 'PYTORCH', FrameworkVersion: '1.8' }), ...output({ TargetDevice: 'ml_c5' }) },
  ],
  [
    'NVIDIA with its options',
    output({
      TargetPlatform: { ...LINUX, Accelerator: 'NVIDIA' },
      CompilerOptions: '{"gpu-code":"sm_53","trt-ver":"7.1.3","cuda-ver":"10.2"}',
    }),
  ],
  ['a VPC', { VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1'] } }],
])('a compilation with %s is taken', async (_, change) => {
  const name = `taken-${fixture.log.length}`;
  await expect(fixture.handler.send(new CreateCompilationJobCommand(compilationRequest(name, change)))).resolves.toBeDefined();
});

test('all that is wrong is told at once', async () => {
  const failed = fixture.handler.send(new CreateCompilationJobCommand(compilationRequest(
    'a_b',
    { StoppingCondition: { MaxRuntimeInSeconds: -1 } },
  )));
  await expect(failed).rejects.toThrow(/^2 validation errors detected: Value 'a_b' at .*; Value '-1' at /);
});

test('a value that no enumeration has is refused with those that it has', async () => {
  expect(await refusal('CreateCompilationJob', {
    ...compilationRequest('x'),
    ...output({}),
    OutputConfig: { S3OutputLocation: 's3://o', TargetPlatform: { Os: 'WINDOWS', Arch: 'X86' } },
  }))
    .toEqual({ __type: 'ValidationException', message: "1 validation error detected: Value 'WINDOWS' at 'outputConfig.targetPlatform.os' failed to satisfy constraint: Member must satisfy enum value set: [ANDROID, LINUX]" });
});

test.each([
  [
    'a text for a number',
    { StoppingCondition: { MaxRuntimeInSeconds: '900' } },
    "STRING_VALUE can not be converted to an Integer at 'stoppingCondition.maxRuntimeInSeconds'",
  ],
  ['a number for a text', { RoleArn: 1 }, "NUMBER_VALUE can not be converted to a String at 'roleArn'"],
  ['a list for a structure', { OutputConfig: [] }, "LIST_VALUE can not be converted to a Structure at 'outputConfig'"],
  ['a text for a list', { Tags: 'none' }, "STRING_VALUE can not be converted to a List at 'tags'"],
])('%s never reaches the constraints', async (_, change, message) => {
  expect(await refusal('CreateCompilationJob', { ...compilationRequest('x'), ...change })).toEqual({
    __type: 'SerializationException',
    message,
  });
});

test('a text for a boolean never reaches the constraints', async () => {
  expect(await refusal('CreateDeviceFleet', {
    DeviceFleetName: 'f',
    OutputConfig: { S3OutputLocation: 's3://o' },
    EnableIotRoleAlias: 'false',
  }))
    .toMatchObject({ __type: 'SerializationException' });
});

test('an unknown member is refused, and the message says that this is the stand-in\'s strictness', async () => {
  expect(await refusal('DescribeCompilationJob', { CompilationJobName: 'x', Name: 'x' })).toEqual({
    __type: 'ValidationException',
    message: "Unknown member 'name', must be one of: CompilationJobName (the local stand-in is strict: AWS ignores unknown members)",
  });
});

test('a member that is null counts as not given', async () => {
  expect(await refusal('CreateCompilationJob', { ...compilationRequest('with-null'), VpcConfig: null, RoleArn: null }))
    .toMatchObject({ message: "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null" });
});

test.each([
  ['a version with a hyphen', { ModelVersion: '1.0-beta' }, /at 'modelVersion' failed/],
  [
    'a preset configuration that is no JSON',
    { OutputConfig: { ...PRESET, PresetDeploymentConfig: '{' } },
    /PresetDeploymentConfig is not valid JSON/,
  ],
  [
    'a preset configuration with a key that it does not have',
    { OutputConfig: { ...PRESET, PresetDeploymentConfig: '{"Name":"x"}' } },
    /Unknown member 'name', must be one of: ComponentName/,
  ],
  [
    'a preset configuration without a type',
    { OutputConfig: { S3OutputLocation: 's3://output', PresetDeploymentConfig: '{}' } },
    /needs a PresetDeploymentType/,
  ],
  ['a compilation job that does not exist', { CompilationJobName: 'absent' }, /No compilation job with name absent/],
])('a packaging job with %s is refused', async (_, change, message) => {
  const failed = fixture.handler.send(new CreateEdgePackagingJobCommand({
    EdgePackagingJobName: 'p',
    CompilationJobName: 'c',
    ModelName: 'm',
    ModelVersion: '1.0',
    RoleArn: ROLE,
    OutputConfig: { S3OutputLocation: 's3://output' },
    ...change,
  }));
  await expect(failed).rejects.toMatchObject({ name: 'ValidationException', message: matching(message) });
});

test('the other parts of the API are checked alike', async () => {
  await expect(fixture.handler.send(new CreateDeviceFleetCommand({
    DeviceFleetName: 'f',
    OutputConfig: { S3OutputLocation: 's3://o' },
    Description: 'a/b',
  })))
    .rejects.toThrow("Value 'a/b' at 'description' failed to satisfy constraint");
  await expect(fixture.handler.send(new RegisterDevicesCommand({
    DeviceFleetName: 'f',
    Devices: [{ DeviceName: 'd', IotThingName: 'a b' }],
  })))
    .rejects.toThrow("Value 'a b' at 'devices.1.member.iotThingName' failed to satisfy constraint");
  await expect(fixture.handler.send(new ListTagsCommand({ ResourceArn: 'fleet' }))).rejects.toThrow(
    "Value 'fleet' at 'resourceArn' failed to satisfy constraint",
  );
  await expect(fixture.device.send(new SendHeartbeatCommand({
    AgentVersion: '1',
    DeviceName: 'd',
    DeviceFleetName: 'f',
    Models: [{ ModelName: 'abc', ModelVersion: '1' }],
  })))
    .rejects.toMatchObject({
      name: 'ValidationException',
      message: containing("at 'models.1.member.modelName' failed to satisfy constraint: Member must have length greater than or equal to 4"),
    });
});
