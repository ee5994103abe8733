import type { Size } from 'aws-cdk-lib';
import { aws_sagemaker as sagemaker, Duration, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { CredentialEndpoint } from '../identity/credential-endpoint';
import type { IEdgeDevice } from '../identity/edge-device';
import type { TextRule } from '../private/validation';
import { validateInteger, validateText, ValidationError } from '../private/validation';
import type { AgentFiles } from './agent-files';
import type { AutomaticCapture } from './automatic-capture';
import type { HealthReporting } from './health-reporting';
import { validateAutomaticCapture } from './private/automatic-capture';
import { bytes, defined, KEY } from './private/config-values';
import { RING_NAME } from './private/health-report';

/** The place where the agent stores captures. */
export enum CaptureDestination {
  /** The capture bucket of the device. */
  CLOUD = 'Cloud',
  /** The disk of the device. */
  DISK = 'Disk',
}

/** Properties of an `AgentConfig`. */
export interface AgentConfigProps {
  /**
   * The place where the agent stores captures.
   *
   * @default - the capture bucket of the device, or its disk if it has no bucket
   */
  readonly captureDestination?: CaptureDestination;

  /**
   * How many captured requests may wait in memory for the disk: 2 to 100,000. The agent refuses more (RESOURCE_EXHAUSTED).
   *
   * @default 30
   */
  readonly captureBufferSize?: number;

  /**
   * How many requests of one model are written to one file: 1 to 10,000, and less than `captureBufferSize`.
   *
   * @default - half of `captureBufferSize`, at most 10,000
   */
  readonly captureBatchSize?: number;

  /**
   * How long a capture may wait until its file is full: 1 second to 1 day.
   *
   * @default Duration.seconds(4)
   */
  readonly capturePushPeriod?: Duration;

  /**
   * The largest tensor that is written into the capture record: 0 to 3072 bytes. A larger tensor becomes an object of its own.
   *
   * @default Size.bytes(3072)
   */
  readonly captureEmbedLimit?: Size;

  /**
   * How much disk space the captures that are not uploaded yet may take: at least 1 MiB. The agent refuses more (RESOURCE_EXHAUSTED).
   *
   * @default Size.mebibytes(512)
   */
  readonly captureSpoolLimit?: Size;

  /**
   * How often captures on disk are also uploaded to the capture bucket of the device: 1 second to 1 year. It needs
   * `CaptureDestination.DISK`.
   *
   * @default - captures on disk are not uploaded
   */
  readonly capturePeriodicUpload?: Duration;

  /**
   * Which predictions the agent captures by itself.
   *
   * @default - the agent captures only what clients ask it to
   */
  readonly automaticCapture?: AutomaticCapture;

  /**
   * How much memory the agent and its models may take: at least 1 MiB. The agent refuses a model that does not fit (RESOURCE_EXHAUSTED).
   *
   * @default - three quarters of the memory of the machine or its container
   */
  readonly memoryBudget?: Size;

  /**
   * How many threads one prediction uses: 1 to 64. More threads make it faster only if other cores are idle.
   *
   * @default 1
   */
  readonly intraOpThreads?: number;

  /**
   * How often the agent sends a heartbeat to Edge Manager: at most 1 day. 0 turns heartbeats off. AWS no longer answers
   * heartbeats, and the agent sends them less and less often. Under Greengrass it sends none.
   *
   * @default - 1 minute for a `Device`, and no heartbeats for other devices
   */
  readonly heartbeatPeriod?: Duration;

  /**
   * How often the agent writes its metrics to its log, in CloudWatch's embedded metric format: at most 1 day. 0 turns metrics off.
   *
   * It needs nothing in the cloud. For a fleet use `health`: such metrics have the device as a dimension, and CloudWatch charges for each.
   *
   * @default - the agent writes them on SIGUSR2 alone
   */
  readonly metricsPeriod?: Duration;

  /**
   * Where the agent reports the health of its device: `health.reporting()` of a `FleetHealth`.
   *
   * @default - the agent reports to nobody
   */
  readonly health?: HealthReporting;

  /**
   * The trusted root certificates of model signatures, in PEM. With at least one, the agent refuses models without a signature.
   *
   * @default - signatures are not required. The digests in the manifest of a model are always checked
   */
  readonly signingRoots?: string[];

  /**
   * The endpoint for heartbeats: an http or https URL.
   *
   * @default - the endpoint of Edge Manager in the region of the device
   */
  readonly endpointOverride?: string;

  /**
   * Whether to log each call to the agent.
   *
   * @default false
   */
  readonly verbose?: boolean;
}

/** What the agents of a fleet share. `deviceName` is the name of a single device. */
type FleetOfAgents = Pick<IEdgeDevice, 'captureBucket' | 'fleetName'> & Partial<Pick<IEdgeDevice, 'deviceName'>>;

/** One or more certificates. */
const PEM: TextRule = {
  pattern: /^\s*(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s*)+$/, wanted: 'PEM text of certificates, and nothing else',
};

const RULE: TextRule = { pattern: /^\w{1,128}$/, wanted: 'the name of an IoT rule: 1 to 128 letters, digits and underscores' };
const RING: TextRule = { pattern: RING_NAME, wanted: '1 to 32 letters, digits, hyphens and underscores' };

const DAY = Duration.days(1).toSeconds();
const MIB = 2 ** 20;

/** The configuration of the edge agent. It is validated when it is created. */
export class AgentConfig {
  /** The trusted root certificates of model signatures, in PEM. */
  public readonly signingRoots: string[];

  public constructor(private readonly props: AgentConfigProps = {}) {
    const { captureBufferSize, captureEmbedLimit, captureSpoolLimit, memoryBudget, intraOpThreads, endpointOverride } = props;
    validateInteger(undefined, 'captureBufferSize', captureBufferSize, 2, 100_000);
    validateInteger(undefined, 'captureBatchSize', props.captureBatchSize, 1, 10_000);
    this.validateBatch();
    validatePeriod('capturePushPeriod', props.capturePushPeriod, 1, DAY);
    validatePeriod('capturePeriodicUpload', props.capturePeriodicUpload, 1, 365 * DAY);
    validatePeriod('heartbeatPeriod', props.heartbeatPeriod, 0, DAY);
    validatePeriod('metricsPeriod', props.metricsPeriod, 0, DAY);
    validatePeriod('health.reportPeriod', props.health?.reportPeriod, 5, DAY);
    validateText(undefined, 'health.ruleName', props.health?.ruleName, RULE);
    validateText(undefined, 'health.ring', props.health?.ring, RING);
    validateAutomaticCapture(props.automaticCapture, props.health !== undefined);
    validateInteger(undefined, 'captureEmbedLimit in bytes', bytes(captureEmbedLimit), 0, 3072);
    validateInteger(undefined, 'captureSpoolLimit in bytes', bytes(captureSpoolLimit), MIB, Number.MAX_SAFE_INTEGER);
    validateInteger(undefined, 'memoryBudget in bytes', bytes(memoryBudget), MIB, Number.MAX_SAFE_INTEGER);
    validateInteger(undefined, 'intraOpThreads', intraOpThreads, 1, 64);
    validateText(undefined, 'endpointOverride', endpointOverride, { pattern: /^https?:\/\/[^/\s]+/, wanted: 'an http or https URL' });
    if (props.capturePeriodicUpload && props.captureDestination !== CaptureDestination.DISK) {
      throw new ValidationError(undefined, 'capturePeriodicUpload needs captureDestination DISK, got captures that are uploaded anyway');
    }
    this.signingRoots = props.signingRoots ?? [];
    for (const root of this.signingRoots) {
      validateText(undefined, 'signingRoots', root, PEM);
    }
  }

  /**
   * Render the configuration file of a device as JSON, for a device that this library does not set up.
   * @param device the device
   * @param files the paths of its files
   */
  public renderJson(device: IEdgeDevice, files: AgentFiles): string {
    return Stack.of(device).toJsonString({
      ...this._render(device, device),
      [`${KEY}core_root_certs_path`]: files.signingRoots,
      [`${KEY}provider_aws_ca_cert_file`]: files.rootCertificate,
      [`${KEY}provider_aws_cert_file`]: files.certificate,
      [`${KEY}provider_aws_cert_pk_file`]: files.privateKey,
      [`${KEY}local_data_root_path`]: files.data,
      ...this.destination(device) === CaptureDestination.DISK ? { [`${KEY}core_capture_data_disk_path`]: files.captures } : {},
    });
  }

  /** The keys, without those that name files.
   * @internal */
  public _render(scope: IConstruct, device: IEdgeDevice): Record<string, string | number | boolean> {
    return {
      ...this._renderShared(scope, device),
      ...defined({
        core_device_name: device.deviceName,
        core_region: Stack.of(device).region,
        core_iot_thing_name: device.thing.thingName,
        // The role of the device may write under this prefix. The agent adds fleet, model and hour.
        core_folder_prefix: device.captureBucket ? device.captureBucket.devicePrefix(device.thing.thingName) : device.deviceName,
        heartbeat_period_seconds: this.props.heartbeatPeriod?.toSeconds() ?? (isRegistered(device) ? undefined : 0),
        provider_provider: 'Aws',
        provider_aws_iot_cred_endpoint: CredentialEndpoint.forStack(Stack.of(scope)).credentialsUrl(device.roleAlias),
      }),
    };
  }

  /** The keys that are the same for all devices of a fleet.
   * @internal */
  public _renderShared(scope: IConstruct, fleet: FleetOfAgents): Record<string, string | number | boolean> {
    const { props } = this;
    const destination = this.destination(fleet);
    const uploads = destination === CaptureDestination.CLOUD || props.capturePeriodicUpload !== undefined;
    if (uploads && !fleet.captureBucket) {
      const what = fleet.deviceName === undefined ? 'the fleet' : `device '${fleet.deviceName}'`;
      throw new ValidationError(scope, `captures of ${what} must have a bucket, got a device without captureBucket: `
        + 'give it one, or let captureDestination be DISK');
    }
    const bufferSize = props.captureBufferSize ?? 30;
    return defined({
      core_device_fleet_name: fleet.fleetName,
      core_endpoint_override: props.endpointOverride,
      core_capture_data_destination: destination,
      core_capture_data_buffer_size: bufferSize,
      core_capture_data_batch_size: this.batchSize(bufferSize),
      core_capture_data_push_period_seconds: props.capturePushPeriod?.toSeconds() ?? 4,
      core_capture_data_base64_embed_limit: bytes(props.captureEmbedLimit),
      core_capture_data_periodic_upload: props.capturePeriodicUpload ? true : undefined,
      core_capture_data_periodic_upload_period_seconds: props.capturePeriodicUpload?.toSeconds(),
      provider_s3_bucket_name: uploads ? fleet.captureBucket?.bucket.bucketName : undefined,
      capture_spool_max_bytes: bytes(props.captureSpoolLimit),
      capture_daily_budget: props.automaticCapture?.dailyBudget,
      capture_confidence_below: props.automaticCapture?.confidenceBelow,
      capture_sample_share: props.automaticCapture?.sampleShare,
      memory_budget_bytes: bytes(props.memoryBudget),
      intra_op_threads: props.intraOpThreads,
      heartbeat_period_seconds: props.heartbeatPeriod?.toSeconds(),
      metrics_period_seconds: props.metricsPeriod?.toSeconds(),
      health_rule: props.health?.ruleName,
      health_report_period_seconds: props.health?.reportPeriod?.toSeconds(),
      health_ring: props.health?.ring,
      log_verbose: props.verbose,
    });
  }

  private destination(fleet: FleetOfAgents): CaptureDestination {
    return this.props.captureDestination ?? (fleet.captureBucket ? CaptureDestination.CLOUD : CaptureDestination.DISK);
  }

  private batchSize(bufferSize: number): number {
    return this.props.captureBatchSize ?? Math.min(Math.max(1, Math.floor(bufferSize / 2)), 10_000);
  }

  private validateBatch(): void {
    const { captureBufferSize = 30, captureBatchSize } = this.props;
    if (captureBatchSize === undefined || Token.isUnresolved(captureBatchSize) || Token.isUnresolved(captureBufferSize)) {
      return;
    }
    if (captureBatchSize >= captureBufferSize) {
      throw new ValidationError(undefined, `captureBatchSize must be less than captureBufferSize, ${captureBufferSize}, got ${captureBatchSize}`);
    }
  }
}

function validatePeriod(what: string, period: Duration | undefined, min: number, max: number): void {
  if (period === undefined || period.isUnresolved()) {
    return;
  }
  validateInteger(undefined, `${what} in seconds`, period.toSeconds({ integral: false }), min, max);
}

/** Whether a device is one of Edge Manager, as far as this app defines it. */
function isRegistered({ node }: IEdgeDevice): boolean {
  return sagemaker.CfnDevice.isCfnDevice(node.defaultChild);
}
