import { parseConfig, loadConfig } from '../../../agent/config/config';
import { ConfigError } from '../../../agent/config/reader';
import { baseConfig, scratchFolder } from '../support/agent-process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = scratchFolder();
const AWS = {
  sagemaker_edge_provider_provider: 'Aws',
  sagemaker_edge_provider_aws_ca_cert_file: '/c/AmazonRootCA1.pem',
  sagemaker_edge_provider_aws_cert_file: '/c/device.pem.crt',
  sagemaker_edge_provider_aws_cert_pk_file: '/c/private.pem.key',
  sagemaker_edge_provider_aws_iot_cred_endpoint: 'https://abc.credentials.iot.us-east-1.amazonaws.com/role-aliases/SageMakerEdge-fleet/credentials',
  sagemaker_edge_provider_s3_bucket_name: 'captures-bucket',
};

function parse(change: Record<string, unknown> = {}, environment: NodeJS.ProcessEnv = {}) {
  return parseConfig({ ...baseConfig(folder), ...change }, '/default/state', environment);
}

function problems(change: Record<string, unknown>): readonly string[] {
  try {
    parse(change);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

describe('a configuration', () => {
  it('of AWS\'s agent is read', () => {
    const { config, warnings } = parse({
      ...AWS,
      sagemaker_edge_core_capture_data_destination: 'Cloud',
      sagemaker_edge_core_iot_thing_name: 'thing-1',
    });
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      deviceName: 'camera-1',
      deviceFleetName: 'fleet-1',
      region: 'us-east-1',
      verbose: true,
      provider: {
        kind: 'Aws',
        thingName: 'thing-1',
        keyFile: '/c/private.pem.key',
        certFile: '/c/device.pem.crt',
        caCertFile: '/c/AmazonRootCA1.pem',
      },
      capture: {
        destination: 'Cloud',
        bucketName: 'captures-bucket',
        bufferSize: 30,
        batchSize: 10,
        pushPeriodMs: 1000,
        folderPrefix: 'captures/camera-1',
      },
    });
  });

  it('has AWS\'s defaults and ours where keys are missing', () => {
    const { config } = parse({
      sagemaker_edge_local_data_root_path: undefined,
      sagemaker_edge_metrics_period_seconds: undefined,
      sagemaker_edge_log_verbose: undefined,
      sagemaker_edge_core_capture_data_destination: undefined,
    });
    expect(config).toMatchObject({
      verbose: false, statePath: '/default/state', intraOpThreads: 1, heartbeatPeriodMs: 60_000, metricsPeriodMs: 0, modelsAtStart: [],
      capture: { destination: 'Disk', embedLimit: 3072, spoolMaxBytes: 536_870_912 },
    });
    expect(config.capture.periodicUploadMs).toBeUndefined();
    expect(config.memoryBudgetBytes).toBeGreaterThan(2 ** 26);
  });

  it('takes systemd\'s state directory where no key names a folder', () => {
    expect(parse({ sagemaker_edge_local_data_root_path: undefined }, { STATE_DIRECTORY: '/var/lib/agent:/var/lib/other' }).config.statePath).toBe('/var/lib/agent');
  });

  it('takes the device\'s name from the key of older releases', () => {
    const { config, warnings } = parse({ sagemaker_edge_core_device_name: undefined, sagemaker_edge_core_device_uuid: 'sagemaker-edge-demo-device-012345678' });
    expect([config.deviceName, warnings]).toEqual(['sagemaker-edge-demo-device-012345678', []]);
  });

  it('takes true and false as text, as Greengrass recipes write them', () => {
    expect(parse({ sagemaker_edge_log_verbose: 'false' }).config.verbose).toBe(false);
    expect(parse({ sagemaker_edge_log_verbose: 'true' }).config.verbose).toBe(true);
  });

  it('reads the models to load at the start', () => {
    expect(parse({ sagemaker_edge_models: [{ name: 'm-1-0', path: '/models/m' }] }).config.modelsAtStart).toEqual([{ name: 'm-1-0', path: '/models/m' }]);
  });

  it('is uploaded from the disk in the default period', () => {
    expect(parse({ ...AWS, sagemaker_edge_core_capture_data_periodic_upload: true }).config.capture).toMatchObject({ destination: 'Disk', periodicUploadMs: 8000, bucketName: 'captures-bucket' });
  });

  it('may name AWS\'s libraries, which have no effect', () => {
    expect(parse({ sagemaker_edge_dlr_backend_options: 'x', sagemaker_edge_typo: 1 }).warnings).toEqual(['sagemaker_edge_dlr_backend_options has no effect in this agent', 'sagemaker_edge_typo: unknown key']);
  });

  it('that is not JSON fails without a word of its content', async () => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, '{"secret": "s3cr3t"');
    await expect(loadConfig(file, {})).rejects.toThrow(/wanted a JSON object/);
    await expect(loadConfig(file, {})).rejects.not.toThrow(/s3cr3t/);
    expect(() => parseConfig([], '/x', {})).toThrow(ConfigError);
  });
});

describe('the health of the device', () => {
  it('is reported to no rule by default', () => {
    expect(parse(AWS).config.health).toBeUndefined();
  });

  it('is reported each 5 minutes for the ring main', () => {
    expect(parse({ ...AWS, sagemaker_edge_health_rule: 'rule_1' }).config.health).toEqual({ ruleName: 'rule_1', periodMs: 300_000, ring: 'main' });
  });

  it('needs credentials', () => {
    expect(problems({ sagemaker_edge_health_rule: 'rule_1' })).toEqual([
      'sagemaker_edge_provider_provider: wanted Aws or Custom, as the health of the device is reported, got "None"',
    ]);
  });
});

describe('a configuration written for AWS\'s agent is taken', () => {
  it('with relative paths, which start from the working folder', () => {
    const { config } = parse({
      sagemaker_edge_core_root_certs_path: '.',
      sagemaker_edge_core_capture_data_disk_path: './captures',
      sagemaker_edge_local_data_root_path: 'data',
      sagemaker_edge_models: [{ name: 'm', path: '../models/m' }],
    });
    expect(config.rootCertsPath).toBe(process.cwd());
    expect(config.capture.diskPath).toBe(join(process.cwd(), 'captures'));
    expect(config.statePath).toBe(join(process.cwd(), 'data'));
    expect(config.modelsAtStart).toEqual([{ name: 'm', path: '../models/m' }]);
  });

  it('with an empty folder prefix', () => {
    expect(parse({ sagemaker_edge_core_folder_prefix: '' }).config.capture.folderPrefix).toBe('');
  });

  it('with periodic uploads to Cloud, and a warning that they have no effect', () => {
    const { config, warnings } = parse({
      ...AWS,
      sagemaker_edge_core_capture_data_destination: 'Cloud',
      sagemaker_edge_core_capture_data_periodic_upload: true,
    });
    expect(config.capture.periodicUploadMs).toBeUndefined();
    expect(warnings).toEqual(['sagemaker_edge_core_capture_data_periodic_upload has no effect, as captures go to Cloud anyway']);
  });
});

describe('a problem is said with the key, what is wanted and what is there', () => {
  it.each<[string, unknown, RegExp]>([
    ['core_device_name', undefined, /wanted a device name.*got nothing/],
    ['core_device_name', 'a b', /wanted a device name.*got "a b"/],
    ['core_device_name', 'a'.repeat(64), /at most 63/],
    ['core_device_fleet_name', '-x', /wanted a fleet name/],
    ['core_region', 'paris', /wanted a region such as us-east-1, got "paris"/],
    ['core_root_certs_path', '', /wanted the path of the folder with the signing roots/],
    ['core_root_certs_path', 'no-such-folder', /wanted a folder that exists/],
    ['core_root_certs_path', '/no/such/folder', /wanted a folder that exists/],
    ['core_iot_thing_name', 'a thing', /wanted a thing name/],
    ['provider_provider', 'aws', /wanted one of Aws, None, Custom, got "aws"/],
    ['provider_s3_bucket_name', 's3://bucket', /without s3:\/\//],
    ['core_capture_data_destination', 'S3', /wanted one of Cloud, Disk/],
    ['core_capture_data_disk_path', undefined, /wanted a folder, as captures go to Disk/],
    ['core_capture_data_disk_path', 1, /the path of the folder for captures/],
    ['core_folder_prefix', undefined, /wanted a prefix/],
    ['core_folder_prefix', 'a/../b', /no \. or \.\. part/],
    ['core_folder_prefix', 'a/', /no slash at either end/],
    ['core_capture_data_buffer_size', undefined, /wanted a whole number from 2/],
    ['core_capture_data_buffer_size', 1, /from 2 to/],
    ['core_capture_data_batch_size', 30, /wanted less than the buffer size 30, got 30/],
    ['core_capture_data_batch_size', '10', /wanted a whole number from 1 to/],
    ['core_capture_data_push_period_seconds', 0.5, /wanted a whole number from 1 to/],
    ['core_capture_data_push_period_seconds', undefined, /got nothing/],
    ['core_capture_data_base64_embed_limit', 3073, /from 0 to 3072, got 3073/],
    ['core_capture_data_periodic_upload', 1, /wanted true or false, got 1/],
    ['core_capture_data_periodic_upload_period_seconds', 0, /from 1 to/],
    ['core_endpoint_override', 'ftp://x', /an http or https URL/],
    ['log_verbose', 'yes', /wanted true or false/],
    ['local_data_root_path', '', /the path of a folder for the agent's own data/],
    ['capture_spool_max_bytes', 1, /at least 1048576/],
    ['memory_budget_bytes', -1, /at least 1048576/],
    ['intra_op_threads', 0, /from 1 to 64/],
    ['request_budget_bytes', 1, /at least 1048576/],
    ['prediction_timeout_seconds', 0, /from 1 to 86400/],
    ['heartbeat_period_seconds', -1, /from 0 to 86400/],
    ['metrics_period_seconds', 1e9, /from 0 to 86400/],
    ['capture_daily_budget', 0, /from 1 to 10000/],
    ['capture_confidence_below', 0, /above 0 and at most 1/],
    ['capture_sample_share', 1.1, /above 0 and at most 1/],
    ['health_rule', 'a-b', /wanted the name of an IoT rule/],
    ['health_ring', 'a b', /wanted a ring/],
    ['health_report_period_seconds', 0, /from 1 to 86400/],
    ['models', [{ name: 'a.b', path: '/x' }], /a list of \{"name", "path"\}/],
    ['models', 'm', /a list of/],
  ])('%s %j', (key, value, wanted) => {
    const [problem, ...others] = problems({ ...AWS, [`sagemaker_edge_${key}`]: value });
    expect(problem).toMatch(new RegExp(`^sagemaker_edge_${key}: `));
    expect(problem).toMatch(wanted);
    expect(others).toEqual([]);
  });

  it.each([
    'provider_aws_ca_cert_file', 'provider_aws_cert_file', 'provider_aws_cert_pk_file', 'provider_aws_iot_cred_endpoint',
  ])('%s is required with Aws', (key) => {
    expect(problems({ ...AWS, [`sagemaker_edge_${key}`]: undefined })).toEqual([expect.stringMatching(new RegExp(`^sagemaker_edge_${key}: wanted .*, got nothing`))]);
  });

  it.each(['http://abc.example.com/role-aliases/a/credentials', 'https://abc.example.com/', 'arn:aws:iot:us-east-1:1:rolealias/a'])('the credential endpoint is not %s', (endpoint) => {
    expect(problems({ ...AWS, sagemaker_edge_provider_aws_iot_cred_endpoint: endpoint })).toEqual([expect.stringContaining('wanted https://<endpoint>/role-aliases/<alias>/credentials')]);
  });

  it('captures in the cloud need a bucket and a provider', () => {
    expect(problems({ sagemaker_edge_core_capture_data_destination: 'Cloud' })).toEqual([
      expect.stringMatching(/^sagemaker_edge_provider_s3_bucket_name: wanted a bucket/),
      expect.stringMatching(/^sagemaker_edge_provider_provider: wanted Aws or Custom/),
    ]);
  });

  it('a model\'s name is used once', () => {
    expect(problems({ sagemaker_edge_models: [{ name: 'm', path: '/a' }, { name: 'm', path: '/b' }] })).toEqual(['sagemaker_edge_models: wanted each name once, got "m"']);
  });
});
