import type { Size } from 'aws-cdk-lib';
import { Duration, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { CredentialEndpoint } from '../identity/credential-endpoint';
import type { IEdgeDevice } from '../identity/edge-device';
import { validateInteger, validateText, ValidationError } from '../private/validation';

/** Where the agent puts what it captures. */
export enum CaptureDestination {
  /** The device's capture bucket. */
  CLOUD = 'Cloud',
  /** The device's own disk. */
  DISK = 'Disk',
}

/** Properties of an `AgentConfig`. */
export interface AgentConfigProps {
  /**
   * Where captures go.
   *
   * @default - to the device's capture bucket, or to its disk where it has none
   */
  readonly captureDestination?: CaptureDestination;

  /**
   * How many captured requests may wait in memory for the disk, from 2 to 100,000. More are refused (RESOURCE_EXHAUSTED).
   *
   * @default 30
   */
  readonly captureBufferSize?: number;

  /**
   * How many requests of one model go into one file, from 1 to 10,000, and less than the buffer.
   *
   * @default - half of the buffer, at most 10,000
   */
  readonly captureBatchSize?: number;

  /**
   * How long a capture may wait for its file to fill: 1 second to 1 day.
   *
   * @default Duration.seconds(4)
   */
  readonly capturePushPeriod?: Duration;

  /**
   * Up to this size a tensor is written into the record; a larger one becomes an object of its own: 0 to 3072 bytes.
   *
   * @default Size.bytes(3072)
   */
  readonly captureEmbedLimit?: Size;

  /**
   * How much of the disk captures may take that are accepted and not uploaded yet, at least 1 MiB. More are refused
   * (RESOURCE_EXHAUSTED).
   *
   * @default Size.mebibytes(512)
   */
  readonly captureSpoolLimit?: Size;

  /**
   * How often captures on disk are uploaded to the device's capture bucket as well: 1 second to 1 year. Only with
   * `CaptureDestination.DISK`.
   *
   * @default - captures on disk stay there
   */
  readonly capturePeriodicUpload?: Duration;

  /**
   * How much memory the agent and its models may take, at least 1 MiB. A model that does not fit is refused
   * (RESOURCE_EXHAUSTED).
   *
   * @default - three quarters of what the machine or its container has
   */
  readonly memoryBudget?: Size;

  /**
   * Threads for one prediction, from 1 to 64. More make a prediction faster only where other cores are idle.
   *
   * @default 1
   */
  readonly intraOpThreads?: number;

  /**
   * How often the agent tells Edge Manager that it lives: up to 1 day; 0 turns heartbeats off. AWS no longer answers
   * them; the agent then asks ever less often.
   *
   * @default Duration.minutes(1)
   */
  readonly heartbeatPeriod?: Duration;

  /**
   * How often the agent writes its metrics to its log, in CloudWatch's embedded metric format: up to 1 day; 0 turns it off.
   *
   * @default Duration.minutes(1)
   */
  readonly metricsPeriod?: Duration;

  /**
   * PEM texts of the certificates that the signatures of models must lead to. With one, the agent refuses models
   * without a signature.
   *
   * @default - signatures are not asked for; the digests of a model's manifest are always checked
   */
  readonly signingRoots?: string[];

  /**
   * Where heartbeats go, an http or https URL.
   *
   * @default - the endpoint of the device's region
   */
  readonly endpointOverride?: string;

  /**
   * Whether the agent logs each call.
   *
   * @default false
   */
  readonly verbose?: boolean;
}

/** Where the files are that a device's agent needs. All paths are absolute. */
export interface AgentFiles {
  /** The root certificate of the credential endpoint (PEM): Amazon Root CA 1. */
  readonly rootCertificate: string;

  /** The device's certificate (PEM). */
  readonly certificate: string;

  /** The device's private key (PEM). */
  readonly privateKey: string;

  /** A folder with the certificates that signatures of models must lead to, a `.pem` file each. It must exist. */
  readonly signingRoots: string;

  /** A folder of the agent's own, for captures that wait and for optimised models. */
  readonly data: string;

  /** A folder for captures that stay on the device. Only `CaptureDestination.DISK` uses it. */
  readonly captures: string;
}

/** What the agents of a fleet have in common; a device's name, where it is one device. */
type FleetOfAgents = Pick<IEdgeDevice, 'captureBucket' | 'fleetName'> & Partial<Pick<IEdgeDevice, 'deviceName'>>;

const KEY = 'sagemaker_edge_';
const DAY = Duration.days(1).toSeconds();
const MIB = 2 ** 20;

/** The configuration of the edge agent, checked when it is made. */
export class AgentConfig {
  /** Certificates that the signatures of models must lead to. */
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
      validateText(undefined, 'signingRoots', root, { pattern: /^\s*(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s*)+$/, wanted: 'PEM text of certificates, and nothing else' });
    }
  }

  /**
   * The configuration file of a device, JSON, for a device that this library does not set up.
   * @param device the device
   * @param files where its files are
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

  /** All keys but those that name files.
   * @internal */
  public _render(scope: IConstruct, device: IEdgeDevice): Record<string, string | number | boolean> {
    return {
      ...this._renderShared(scope, device),
      ...defined({
        core_device_name: device.deviceName,
        core_region: Stack.of(device).region,
        core_iot_thing_name: device.thing.thingName,
        // The prefix under which the device's role may write: the agent adds fleet, model and hour.
        core_folder_prefix: device.captureBucket ? device.captureBucket.devicePrefix(device.thing.thingName) : device.deviceName,
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
      throw new ValidationError(scope, `captures of ${fleet.deviceName === undefined ? 'the fleet' : `device '${fleet.deviceName}'`} must have a bucket, got a device without captureBucket: give it one, or let captureDestination be DISK`);
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
      memory_budget_bytes: bytes(props.memoryBudget),
      intra_op_threads: props.intraOpThreads,
      heartbeat_period_seconds: props.heartbeatPeriod?.toSeconds(),
      metrics_period_seconds: props.metricsPeriod?.toSeconds(),
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
    if (captureBatchSize === undefined || Token.isUnresolved(captureBatchSize) || Token.isUnresolved(captureBufferSize)) { return; }
    if (captureBatchSize >= captureBufferSize) {
      throw new ValidationError(undefined, `captureBatchSize must be less than captureBufferSize, ${captureBufferSize}, got ${captureBatchSize}`);
    }
  }
}

function validatePeriod(what: string, period: Duration | undefined, min: number, max: number): void {
  if (period === undefined || period.isUnresolved()) { return; }
  validateInteger(undefined, `${what} in seconds`, period.toSeconds({ integral: false }), min, max);
}

function bytes(size: Size | undefined): number | undefined {
  return size === undefined || size.isUnresolved() ? undefined : size.toBytes();
}

/** Without the keys that have no value, and with the prefix that all keys have. */
function defined(values: Readonly<Record<string, string | number | boolean | undefined>>): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(values)) { if (value !== undefined) { kept[`${KEY}${key}`] = value; } }
  return kept;
}
