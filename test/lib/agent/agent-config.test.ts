import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { AgentConfig, CaptureDestination, type AgentConfigProps } from '../../../lib/agent/agent-config';
import { CaptureBucket } from '../../../lib/capture/capture-bucket';
import { DeviceFleet } from '../../../lib/edge-manager/device-fleet';
import { EdgeDevice, type IEdgeDevice } from '../../../lib/identity/edge-device';
import { RoleAlias } from '../../../lib/identity/role-alias';
import { Thing } from '../../../lib/identity/thing';
import { parseConfig } from '../../../agent/config/config';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo', { env: { account: '000000000000', region: 'eu-west-1' } });
});

function device(capture = true): IEdgeDevice {
  return EdgeDevice.fromEdgeDeviceAttributes(stack, 'Camera', {
    thing: Thing.fromThingName(stack, 'Thing', 'camera'),
    fleetName: 'shop',
    roleAlias: RoleAlias.fromRoleAliasName(stack, 'Alias', 'alias'),
    captureBucket: capture ? CaptureBucket.fromBucketName(stack, 'Captures', 'captures-of-the-shop') : undefined,
  });
}

const render = (props?: AgentConfigProps, of = device()): Record<string, unknown> => new AgentConfig(props)._render(stack, of);

test('a configuration names the device, and writes captures where its role may', () => {
  expect(render()).toMatchObject({
    sagemaker_edge_core_device_name: 'camera',
    sagemaker_edge_core_device_fleet_name: 'shop',
    sagemaker_edge_core_iot_thing_name: 'camera',
    sagemaker_edge_core_region: 'eu-west-1',
    sagemaker_edge_core_capture_data_destination: 'Cloud',
    sagemaker_edge_core_folder_prefix: 'captures/camera',
    sagemaker_edge_provider_s3_bucket_name: 'captures-of-the-shop',
    sagemaker_edge_provider_provider: 'Aws',
  });
});

test('credentials come from the role alias, at the account\'s endpoint', () => {
  expect(JSON.stringify(stack.resolve(render().sagemaker_edge_provider_aws_iot_cred_endpoint))).toMatch(
    /https:\/\/.*EndpointAddress.*\/role-aliases\/alias\/credentials/,
  );
});

test('the defaults of captures are written, since the agent asks for them', () => {
  expect(render()).toMatchObject({
    sagemaker_edge_core_capture_data_buffer_size: 30,
    sagemaker_edge_core_capture_data_batch_size: 15,
    sagemaker_edge_core_capture_data_push_period_seconds: 4,
  });
});

test('a batch is half of the buffer', () => {
  expect(render({ captureBufferSize: 2 })).toMatchObject({ sagemaker_edge_core_capture_data_batch_size: 1 });
});

test('given values are used', () => {
  expect(
    render({
      captureBufferSize: 100,
      captureBatchSize: 20,
      capturePushPeriod: Duration.minutes(1),
      captureEmbedLimit: Size.bytes(0),
      captureSpoolLimit: Size.mebibytes(10),
      memoryBudget: Size.gibibytes(1),
      intraOpThreads: 2,
      heartbeatPeriod: Duration.seconds(0),
      metricsPeriod: Duration.minutes(5),
      verbose: true,
      health: { ruleName: 'rule_1', reportPeriod: Duration.minutes(1), ring: 'canary' },
      automaticCapture: { dailyBudget: 50, confidenceBelow: 0.6, sampleShare: 0.01 },
      endpointOverride: 'https://edge.example.com',
    }),
  ).toMatchObject({
    sagemaker_edge_core_capture_data_buffer_size: 100,
    sagemaker_edge_core_capture_data_batch_size: 20,
    sagemaker_edge_core_capture_data_push_period_seconds: 60,
    sagemaker_edge_core_capture_data_base64_embed_limit: 0,
    sagemaker_edge_capture_spool_max_bytes: 10 * 2 ** 20,
    sagemaker_edge_memory_budget_bytes: 2 ** 30,
    sagemaker_edge_intra_op_threads: 2,
    sagemaker_edge_heartbeat_period_seconds: 0,
    sagemaker_edge_metrics_period_seconds: 300,
    sagemaker_edge_health_rule: 'rule_1',
    sagemaker_edge_health_report_period_seconds: 60,
    sagemaker_edge_health_ring: 'canary',
    sagemaker_edge_capture_daily_budget: 50,
    sagemaker_edge_capture_confidence_below: 0.6,
    sagemaker_edge_capture_sample_share: 0.01,
    sagemaker_edge_log_verbose: true,
    sagemaker_edge_core_endpoint_override: 'https://edge.example.com',
  });
});

test('a device sends heartbeats only where it is one of Edge Manager, or where that is wanted', () => {
  const registered = new DeviceFleet(stack, 'Retired', { deviceFleetName: 'retired' }).addDevice('Registered');
  const camera = device();
  expect(render({}, camera)).toMatchObject({ sagemaker_edge_heartbeat_period_seconds: 0 });
  expect(render({ heartbeatPeriod: Duration.minutes(5) }, camera)).toMatchObject({ sagemaker_edge_heartbeat_period_seconds: 300 });
  expect(render({}, registered)).not.toHaveProperty('sagemaker_edge_heartbeat_period_seconds'); // the agent's own minute
});

test('what is not given is left to the agent', () => {
  expect(Object.keys(render())).not.toContain('sagemaker_edge_memory_budget_bytes');
});

test('a device without a capture bucket keeps its captures', () => {
  const config = render({}, device(false));
  expect(config).toMatchObject({ sagemaker_edge_core_capture_data_destination: 'Disk', sagemaker_edge_core_folder_prefix: 'camera' });
  expect(config).not.toHaveProperty('sagemaker_edge_provider_s3_bucket_name');
});

test('captures on disk can be uploaded at times', () => {
  expect(render({ captureDestination: CaptureDestination.DISK, capturePeriodicUpload: Duration.hours(1) })).toMatchObject({
    sagemaker_edge_core_capture_data_destination: 'Disk', sagemaker_edge_core_capture_data_periodic_upload: true,
    sagemaker_edge_core_capture_data_periodic_upload_period_seconds: 3600, sagemaker_edge_provider_s3_bucket_name: 'captures-of-the-shop',
  });
});

test('fails when captures shall go to a bucket that the device has not', () => {
  expect(() => render({ captureDestination: CaptureDestination.CLOUD }, device(false))).toThrow(
    /^Demo: captures of device 'camera' must have a bucket, got a device without captureBucket/,
  );
});

test('the agent itself accepts every key that is rendered', () => {
  const files = {
    rootCertificate: '/etc/ca.pem',
    certificate: '/etc/device.pem',
    privateKey: '/etc/key.pem',
    signingRoots: '/tmp',
    data: '/data',
    captures: '/captures',
  };
  for (const props of [
    {},
    {
      captureDestination: CaptureDestination.DISK,
      capturePeriodicUpload: Duration.hours(1),
      verbose: true,
      memoryBudget: Size.gibibytes(1),
      intraOpThreads: 2,
      captureEmbedLimit: Size.bytes(10),
      captureSpoolLimit: Size.mebibytes(10),
      heartbeatPeriod: Duration.seconds(0),
      metricsPeriod: Duration.seconds(0),
      health: { ruleName: 'rule_1', reportPeriod: Duration.minutes(1), ring: 'canary' },
      endpointOverride: 'https://a.b',
    },
  ]) {
    const of = device();
    const json: unknown = stack.resolve(new AgentConfig(props).renderJson(of, files));
    const text = joined(json);
    expect(parseConfig(JSON.parse(text), '/default', {}).warnings).toEqual([]);
    stack = new Stack(new App(), 'Demo', { env: { account: '000000000000', region: 'eu-west-1' } });
  }
});

/** The text that CloudFormation would make, with a host for the endpoint. */
function joined(json: unknown): string {
  if (typeof json === 'string') {
    return json;
  }
  const parts: unknown =
    typeof json === 'object' && json !== null && 'Fn::Join' in json && Array.isArray(json['Fn::Join']) ? json['Fn::Join'][1] : undefined;
  if (!Array.isArray(parts)) {
    throw new Error(`not a text: ${JSON.stringify(json)}`);
  }
  return parts.map((part: unknown) => typeof part === 'string' ? part : 'host.example.com').join('');
}

describe('fails when', () => {
  test.each<[string, AgentConfigProps, string]>([
    ['no prediction is captured in a day', { automaticCapture: { dailyBudget: 0, sampleShare: 1 } }, 'automaticCapture.dailyBudget must be a whole number from 1 to 10000, got 0'],
    ['no confidence is low enough', { automaticCapture: { dailyBudget: 1, confidenceBelow: 0 } }, 'automaticCapture.confidenceBelow must be above 0 and at most 1, got 0'],
    ['more than all shall be captured', { automaticCapture: { dailyBudget: 1, sampleShare: 2 } }, 'automaticCapture.sampleShare must be above 0 and at most 1, got 2'],
    ['nothing makes a capture', { automaticCapture: { dailyBudget: 1 } }, 'automaticCapture must have a reason to capture, got neither health'],
    ['the buffer is too small', { captureBufferSize: 1 }, 'captureBufferSize must be a whole number from 2 to 100000, got 1'],
    [
      'the batch is as large as the buffer',
      { captureBufferSize: 10, captureBatchSize: 10 },
      'captureBatchSize must be less than captureBufferSize, 10, got 10',
    ],
    [
      'the batch is as large as the default buffer',
      { captureBatchSize: 30 },
      'captureBatchSize must be less than captureBufferSize, 30, got 30',
    ],
    ['the batch is empty', { captureBatchSize: 0 }, 'captureBatchSize must be a whole number from 1 to 10000, got 0'],
    [
      'the push period is no whole number of seconds',
      { capturePushPeriod: Duration.millis(500) },
      'capturePushPeriod in seconds must be a whole number from 1 to 86400, got 0.5',
    ],
    [
      'tensors of more than 3072 bytes shall be embedded',
      { captureEmbedLimit: Size.bytes(3073) },
      'captureEmbedLimit in bytes must be a whole number from 0 to 3072, got 3073',
    ],
    ['the spool is too small', { captureSpoolLimit: Size.kibibytes(1) }, 'captureSpoolLimit in bytes must be a whole number from 1048576'],
    ['the memory is too small', { memoryBudget: Size.kibibytes(1) }, 'memoryBudget in bytes must be a whole number from 1048576'],
    ['there are too many threads', { intraOpThreads: 65 }, 'intraOpThreads must be a whole number from 1 to 64, got 65'],
    [
      'heartbeats are too rare',
      { heartbeatPeriod: Duration.days(2) },
      'heartbeatPeriod in seconds must be a whole number from 0 to 86400, got 172800',
    ],
    [
      'the rule of health is none',
      { health: { ruleName: 'a-b' } },
      'health.ruleName must be the name of an IoT rule: 1 to 128 letters, digits and underscores, got \'a-b\'',
    ],
    [
      'the ring is none',
      { health: { ruleName: 'a', ring: 'a b' } },
      'health.ring must be 1 to 32 letters, digits, hyphens and underscores, got \'a b\'',
    ],
    [
      'reports are too frequent',
      { health: { ruleName: 'a', reportPeriod: Duration.seconds(1) } },
      'health.reportPeriod in seconds must be a whole number from 5 to 86400, got 1',
    ],
    [
      'metrics are too rare',
      { metricsPeriod: Duration.days(2) },
      'metricsPeriod in seconds must be a whole number from 0 to 86400, got 172800',
    ],
    [
      'captures that are uploaded anyway shall be uploaded at times',
      { capturePeriodicUpload: Duration.hours(1) },
      'capturePeriodicUpload needs captureDestination DISK',
    ],
    [
      'a signing root is no certificate',
      { signingRoots: ['-----BEGIN PRIVATE KEY-----'] },
      'signingRoots must be PEM text of certificates, and nothing else',
    ],
    [
      'the endpoint is no URL',
      { endpointOverride: 'edge.example.com' },
      "endpointOverride must be an http or https URL, got 'edge.example.com'",
    ],
  ])('%s', (_what, props, message) => {
    expect(() => new AgentConfig(props)).toThrow(message);
  });
});
