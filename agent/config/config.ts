import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { readAutomaticCapture, type AutomaticCaptureConfig } from './automatic-capture';
import { readHealth, type HealthConfig } from './health';
import { ConfigError, ConfigReader, isRecord } from './reader';

/** Where credentials come from. */
export type Provider =
  | AwsProvider
  /** The environment's own credentials: variables, or a container endpoint such as Greengrass's token exchange. */
  | { readonly kind: 'Custom' }
  /** Offline. */
  | { readonly kind: 'None' };

/** The device's certificate, exchanged for credentials by IoT's credential provider. */
export interface AwsProvider {
  readonly kind: 'Aws';
  readonly caCertFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly credentialEndpoint: URL;
  readonly thingName?: string;
}

export interface CaptureConfig {
  readonly destination: 'Cloud' | 'Disk';
  /** With `Disk`. */
  readonly diskPath?: string;
  /** With `Cloud`, and with `Disk` where it is uploaded periodically. */
  readonly bucketName?: string;
  readonly folderPrefix: string;
  /** Requests in memory that are not on the disk yet. */
  readonly bufferSize: number;
  /** Requests of one model that go into one file. */
  readonly batchSize: number;
  readonly pushPeriodMs: number;
  /** Larger tensors become objects of their own. Bytes. */
  readonly embedLimit: number;
  /** Only with `Disk`. */
  readonly periodicUploadMs?: number;
  readonly spoolMaxBytes: number;
  /** Without it only what clients ask for is captured. */
  readonly automatic: AutomaticCaptureConfig | undefined;
}

export interface ModelAtStart {
  readonly name: string;
  readonly path: string;
}

export interface AgentConfig {
  readonly deviceName: string;
  readonly thingName: string;
  readonly deviceFleetName: string;
  readonly region: string;
  readonly rootCertsPath: string;
  readonly provider: Provider;
  readonly capture: CaptureConfig;
  readonly verbose: boolean;
  readonly endpointOverride?: URL;
  /** Folder of the capture spool and the optimised models. */
  readonly statePath: string;
  readonly memoryBudgetBytes: number;
  /** For all requests together that arrive or are answered. */
  readonly requestBudgetBytes: number;
  readonly intraOpThreads: number;
  /** A prediction that takes longer ends its model's process. */
  readonly predictionTimeoutMs: number;
  /** The longest that a stop sends captures. */
  readonly captureDrainMs: number;
  /** 0: none. */
  readonly heartbeatPeriodMs: number;
  /** 0: only on SIGUSR2. */
  readonly metricsPeriodMs: number;
  /** Nothing is reported without it. */
  readonly health?: HealthConfig;
  readonly modelsAtStart: readonly ModelAtStart[];
}

export interface LoadedConfig {
  readonly config: AgentConfig;
  readonly warnings: readonly string[];
}

const ENTITY = { max: 63, pattern: /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/ };
const FLEET_NAME = {
  max: 63,
  pattern: /^[a-zA-Z0-9]([-_]*[a-zA-Z0-9])*$/,
  wanted: 'a fleet name: letters, digits, hyphens and underscores, at most 63',
};
const THING_NAME = { max: 128, pattern: /^[a-zA-Z0-9:_-]+$/, wanted: 'a thing name: letters, digits and : _ -, at most 128' };
const BUCKET_NAME = { max: 63, pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, wanted: 'the name of a bucket, without s3://' };
const FOLDER_PREFIX = {
  min: 0,
  max: 512,
  pattern: /^(?!.*(^|\/)\.{1,2}(\/|$))([\w!.*'()-]+(\/[\w!.*'()-]+)*)?$/,
  wanted: 'a prefix of plain key characters, with no slash at either end and no . or .. part',
};
/** Local names of models: what LoadModel takes. */
export const MODEL_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}$/;
export const MODEL_NAME_WANTED = 'letters, digits, hyphens and underscores, the first a letter or digit, at most 255 (no dot: write 1-0 for 1.0)';

/** Keys of AWS's agent that mean nothing here: libraries that it loaded, and its own database and deployments. */
const WITHOUT_EFFECT = [
  'provider_provider_path', 'telemetry_libsystemd_path', 'db_module_path', 'deployment_lib_path',
  'model_deployment_poll_interval', 'dlr_backend_options',
];

export async function loadConfig(file: string, environment: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  const text = await readFile(file, 'utf8');
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new ConfigError([`${file}: wanted a JSON object, got text that is not JSON`]); // the parser's message would quote the file
  }
  return parseConfig(raw, join(dirname(file), 'agent-data'), environment);
}

/** `defaultStatePath` is used where neither the key nor systemd's `StateDirectory=` names one. */
export function parseConfig(raw: unknown, defaultStatePath: string, environment: NodeJS.ProcessEnv): LoadedConfig {
  if (!isRecord(raw)) {
    throw new ConfigError(['wanted a JSON object']);
  }
  const reader = new ConfigReader(raw);
  const config = readConfig(reader, defaultStatePath, environment);
  const withoutEffect = reader.ignore(...WITHOUT_EFFECT).map((key) => `${key} has no effect in this agent`);
  const unknown = reader.unknownKeys().map((key) => `${key}: unknown key`);
  if (reader.problems.length > 0) {
    throw new ConfigError(reader.problems);
  }
  return { config, warnings: [...reader.warnings, ...withoutEffect, ...unknown] };
}

function readConfig(reader: ConfigReader, defaultStatePath: string, environment: NodeJS.ProcessEnv): AgentConfig {
  const thingName = reader.text('core_iot_thing_name', THING_NAME);
  const provider = readProvider(reader, thingName);
  const rootCertsPath = reader.requiredPath('core_root_certs_path', 'the folder with the signing roots');
  if (rootCertsPath !== '' && !isFolder(rootCertsPath)) {
    reader.problem('core_root_certs_path', 'a folder that exists', rootCertsPath);
  }
  const systemdState = environment.STATE_DIRECTORY?.split(':')[0]; // only the first of systemd's state directories is ours
  const deviceName = readDeviceName(reader);
  const health = readHealth(reader, provider.kind === 'None');
  return {
    deviceName,
    thingName: thingName ?? deviceName,
    deviceFleetName: reader.requiredText('core_device_fleet_name', FLEET_NAME),
    region: reader.requiredText('core_region', { max: 25, pattern: /^[a-z]{2}(-[a-z]+)+-\d+$/, wanted: 'a region such as us-east-1' }),
    rootCertsPath,
    provider,
    capture: readCapture(reader, provider),
    verbose: reader.flag('log_verbose'),
    endpointOverride: reader.url('core_endpoint_override', 'an http or https URL', (url) => /^https?:$/.test(url.protocol)),
    statePath: reader.path('local_data_root_path', 'a folder for the agent\'s own data') ?? systemdState ?? defaultStatePath,
    memoryBudgetBytes: reader.integer('memory_budget_bytes', { min: 1 << 20 }) ?? Math.floor(memoryOfMachine() * 0.75),
    requestBudgetBytes: reader.integer('request_budget_bytes', { min: 1 << 20 }) ?? 128 * 2 ** 20,
    intraOpThreads: reader.integer('intra_op_threads', { min: 1, max: 64 }) ?? 1,
    predictionTimeoutMs: (reader.integer('prediction_timeout_seconds', { min: 1, max: 86_400 }) ?? 60) * 1000,
    captureDrainMs: (reader.integer('capture_drain_seconds', { min: 0, max: 25 }) ?? 25) * 1000,
    heartbeatPeriodMs: (reader.integer('heartbeat_period_seconds', { min: 0, max: 86_400 }) ?? 60) * 1000,
    metricsPeriodMs: (reader.integer('metrics_period_seconds', { min: 0, max: 86_400 }) ?? 0) * 1000,
    ...(health === undefined ? {} : { health }),
    modelsAtStart: readModels(reader),
  };
}

/** What the agent and its models may have together. */
function memoryOfMachine(): number {
  const constrained = process.constrainedMemory(); // 0 or absurdly large without a limit, by Node's version
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

function readDeviceName(reader: ConfigReader): string {
  const wanted = 'a device name: letters, digits and hyphens, at most 63';
  if (!reader.has('core_device_name') && reader.has('core_device_uuid')) { // older releases of AWS's agent
    return reader.requiredText('core_device_uuid', { ...ENTITY, wanted });
  }
  reader.ignore('core_device_uuid');
  return reader.requiredText('core_device_name', { ...ENTITY, wanted });
}

function readProvider(reader: ConfigReader, thingName: string | undefined): Provider {
  const kind = reader.choice('provider_provider', ['Aws', 'None', 'Custom'] as const, 'Aws');
  if (kind !== 'Aws') {
    reader.ignore('provider_aws_ca_cert_file', 'provider_aws_cert_file', 'provider_aws_cert_pk_file', 'provider_aws_iot_cred_endpoint');
    return { kind };
  }
  const wanted = 'https://<endpoint>/role-aliases/<alias>/credentials';
  const endpoint = reader.url('provider_aws_iot_cred_endpoint', wanted, isCredentialEndpoint);
  if (!reader.has('provider_aws_iot_cred_endpoint')) {
    reader.problem('provider_aws_iot_cred_endpoint', wanted, undefined);
  }
  return {
    kind,
    caCertFile: reader.requiredPath('provider_aws_ca_cert_file', 'the root certificate of the credential endpoint'),
    certFile: reader.requiredPath('provider_aws_cert_file', 'the device certificate'),
    keyFile: reader.requiredPath('provider_aws_cert_pk_file', 'the device\'s private key'),
    credentialEndpoint: endpoint ?? new URL('https://invalid.invalid'), // never used: the problem is on the list
    ...(thingName === undefined ? {} : { thingName }),
  };
}

function isCredentialEndpoint(url: URL): boolean {
  return url.protocol === 'https:' && url.username === '' && /^\/role-aliases\/[^/]+\/credentials$/.test(url.pathname);
}

function readCapture(reader: ConfigReader, provider: Provider): CaptureConfig {
  return {
    ...readDestination(reader, provider),
    ...readBatching(reader),
    folderPrefix: reader.requiredText('core_folder_prefix', FOLDER_PREFIX),
    embedLimit: reader.integer('core_capture_data_base64_embed_limit', { min: 0, max: 3072 }) ?? 3072,
    spoolMaxBytes: reader.integer('capture_spool_max_bytes', { min: 1 << 20 }) ?? 512 * 2 ** 20,
    automatic: readAutomaticCapture(reader),
  };
}

type Destination = Pick<CaptureConfig, 'destination' | 'diskPath' | 'bucketName' | 'periodicUploadMs'>;

function readDestination(reader: ConfigReader, provider: Provider): Destination {
  const destination = reader.choice('core_capture_data_destination', ['Cloud', 'Disk'] as const, 'Disk');
  const diskPath = reader.path('core_capture_data_disk_path', 'the folder for captures');
  if (destination === 'Disk' && !reader.has('core_capture_data_disk_path')) {
    reader.problem('core_capture_data_disk_path', 'a folder, as captures go to Disk', undefined);
  }
  const wantsPeriodicUpload = reader.flag('core_capture_data_periodic_upload');
  if (wantsPeriodicUpload && destination === 'Cloud') {
    reader.warn('core_capture_data_periodic_upload', 'has no effect, as captures go to Cloud anyway');
  }
  const periodicUpload = wantsPeriodicUpload && destination === 'Disk';
  const periodicSeconds = reader.integer('core_capture_data_periodic_upload_period_seconds', { min: 1, max: 31_536_000 }) ?? 8;
  const bucketName = reader.text('provider_s3_bucket_name', BUCKET_NAME);
  if (destination === 'Cloud' || periodicUpload) {
    checkUpload(reader, provider);
  }
  return {
    destination,
    ...(diskPath === undefined ? {} : { diskPath }),
    ...(bucketName === undefined ? {} : { bucketName }),
    ...(periodicUpload ? { periodicUploadMs: periodicSeconds * 1000 } : {}),
  };
}

/** What an upload needs. */
function checkUpload(reader: ConfigReader, provider: Provider): void {
  if (!reader.has('provider_s3_bucket_name')) {
    reader.problem('provider_s3_bucket_name', 'a bucket, as captures are uploaded', undefined);
  }
  if (provider.kind === 'None') {
    reader.problem('provider_provider', 'Aws or Custom, as captures are uploaded', 'None');
  }
}

function readBatching(reader: ConfigReader): Pick<CaptureConfig, 'bufferSize' | 'batchSize' | 'pushPeriodMs'> {
  const bufferSize = reader.requiredInteger('core_capture_data_buffer_size', { min: 2, max: 100_000 });
  const batchSize = reader.requiredInteger('core_capture_data_batch_size', { min: 1, max: 10_000 });
  if (batchSize >= bufferSize) {
    reader.problem('core_capture_data_batch_size', `less than the buffer size ${bufferSize}`, batchSize);
  }
  const pushPeriodMs = reader.requiredInteger('core_capture_data_push_period_seconds', { min: 1, max: 86_400 }) * 1000;
  return { bufferSize, batchSize, pushPeriodMs };
}

function readModels(reader: ConfigReader): readonly ModelAtStart[] {
  const value = reader.value('models');
  if (value === undefined) {
    return [];
  }
  const models: ModelAtStart[] = [];
  for (const entry of Array.isArray(value) ? value : [value]) {
    const { name, path }: Record<string, unknown> = isRecord(entry) ? entry : {};
    if (typeof name !== 'string' || !MODEL_NAME.test(name) || typeof path !== 'string' || path === '') {
      reader.problem('models', `a list of {"name", "path"} (name: ${MODEL_NAME_WANTED})`, entry);
    } else if (models.some((model) => model.name === name)) {
      reader.problem('models', 'each name once', name);
    } else {
      models.push({ name, path });
    }
  }
  return models;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
