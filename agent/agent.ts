import { join } from 'node:path';
import { AutomaticCaptures } from './capture/automatic';
import { CaptureService } from './capture/capture';
import { CaptureLayout } from './capture/layout';
import { PeriodicUpload } from './capture/periodic-upload';
import { DiskSink, type CaptureSink } from './capture/sink';
import { IotCredentialProvider } from './cloud/credentials';
import { Heartbeat } from './cloud/heartbeat';
import { IotData } from './cloud/iot-data';
import { S3Sink, type CredentialSource } from './cloud/s3';
import { ReportStore } from './health/report-store';
import { HealthReporter } from './health/reporter';
import { Metrics } from './metrics';
import { ModelRegistry } from './models/registry';
import { Handlers } from './service/handlers';
import { RequestBudget } from './service/request-budget';
import { AgentSocketServer, MAX_MESSAGE_BYTES } from './service/server';
import { messageOf } from './status';
import { within } from './within';
import type { AgentConfig } from './config/config';
import type { Logger } from './log';

export interface AgentOptions {
  readonly socketPath: string;
  readonly config: AgentConfig;
  readonly logger: Logger;
  /** Takes embedded metric lines. */
  readonly writeMetrics: (line: string) => void;
  /** The program that is the process of a model when it is asked to. */
  readonly workerEntry: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The longest that a stop may take. */
  readonly stopLimitMs: number;
}

export interface StopOptions {
  /** False where the agent is about to be started again on this machine: it sends them then. */
  readonly sendCaptures: boolean;
}

/**
 * The longest that a stop takes, calls and uploads together. What is left is sent after the next start. Whoever stops
 * an agent must wait longer: systemd's unit waits 90 s, the Greengrass component waits 30 s.
 */
export const STOP_LIMIT_MS = 25_000;
const FIRST_RETRY_MS = 1000;

/** The whole agent: builds the parts, and stops them in order. */
export class Agent {
  public static async start(options: AgentOptions): Promise<Agent> {
    const { config, logger } = options;
    const { sink, periodicUpload, credentials } = cloudParts(options);
    const captures = await CaptureService.open({
      statePath: config.statePath,
      spoolMaxBytes: config.capture.spoolMaxBytes,
      bufferSize: config.capture.bufferSize,
      batchSize: config.capture.batchSize,
      pushPeriodMs: config.capture.pushPeriodMs,
      retryMs: FIRST_RETRY_MS,
      sink,
      logger,
      layout: new CaptureLayout({
        folderPrefix: config.capture.folderPrefix,
        deviceFleetName: config.deviceFleetName,
        deviceName: config.deviceName,
        embedLimit: config.capture.embedLimit,
      }),
    });
    const registry = new ModelRegistry({
      workerEntry: options.workerEntry,
      rootCertsPath: config.rootCertsPath,
      cacheFolder: join(config.statePath, 'optimised'),
      threads: config.intraOpThreads,
      withFeatures: ({ baseline }) => (
        (config.health !== undefined && baseline !== undefined) || config.capture.automatic?.confidenceBelow !== undefined
      ),
      predictionTimeoutMs: config.predictionTimeoutMs,
      memoryBudgetBytes: config.memoryBudgetBytes,
      availableMemory: () => process.availableMemory(),
      logger,
    });
    const metrics = new Metrics({
      deviceName: config.deviceName,
      deviceFleetName: config.deviceFleetName,
      write: options.writeMetrics,
      gauges: () => ({
        captureQueue: captures.waiting,
        captureSpoolBytes: captures.spoolBytes,
        modelsLoaded: registry.list().length,
        memoryBytes: memoryOf(registry),
      }),
    });
    const health = await startHealth(options, { credentials, registry, captures });
    const automatic = config.capture.automatic && await AutomaticCaptures.open({
      ...config.capture.automatic, folder: config.statePath, captures, logger,
      isDrifted: (model, features) => health?.isDrifted(model, features) ?? false,
    });
    const handlers = new Handlers({ registry, captures, automatic, metrics, health, logger });
    let server: AgentSocketServer;
    try {
      server = await AgentSocketServer.start({
        path: options.socketPath,
        implementation: handlers.implementation(),
        budget: new RequestBudget({ maxBytes: config.requestBudgetBytes, compressedBytes: MAX_MESSAGE_BYTES }),
      });
    } catch (error) {
      await captures.close(0);
      throw error;
    }
    logger.info(`Server listening on unix://${options.socketPath}`);
    const heartbeat = startHeartbeat(options, { credentials, registry, captures, handlers });
    periodicUpload?.start();
    const agent = new Agent(options, server, registry, captures, automatic, metrics, health, heartbeat, periodicUpload);
    agent.modelsAtStart = agent.loadModels();
    return agent;
  }

  private readonly metricsTimer: NodeJS.Timeout | undefined;
  private modelsAtStart: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: AgentOptions,
    private readonly server: AgentSocketServer,
    private readonly registry: ModelRegistry,
    private readonly captures: CaptureService,
    private readonly automatic: AutomaticCaptures | undefined,
    private readonly metrics: Metrics,
    private readonly health: HealthReporter | undefined,
    private readonly heartbeat: Heartbeat | undefined,
    private readonly periodicUpload: PeriodicUpload | undefined,
  ) {
    const { metricsPeriodMs } = options.config;
    if (metricsPeriodMs > 0) {
      this.metricsTimer = setInterval(() => {
        this.writeMetrics();
      }, metricsPeriodMs);
      this.metricsTimer.unref();
    }
  }

  public writeMetrics(): void {
    this.metrics.write();
  }

  /** Ends running calls, sends the captures and frees everything, all within the limit. */
  public async stop({ sendCaptures }: StopOptions): Promise<void> {
    const end = Date.now() + this.options.stopLimitMs;
    clearInterval(this.metricsTimer);
    this.heartbeat?.stop();
    await this.server.stop();
    await this.health?.stop();
    await this.automatic?.close();
    await this.sendCaptures(sendCaptures ? Math.min(end, Date.now() + this.options.config.captureDrainMs) : 0);
    this.writeMetrics();
    await within(end, this.registry.close());
  }

  private async sendCaptures(end: number): Promise<void> {
    await this.captures.close(end - Date.now());
    if (Date.now() < end) {
      await within(end, this.flushDisk());
    }
    this.periodicUpload?.stop();
  }

  private async flushDisk(): Promise<void> {
    await this.periodicUpload?.drain().catch((error: unknown) => {
      this.options.logger.warn('captures stay on the disk', { reason: messageOf(error) });
    });
  }

  /** One model that cannot be loaded does not stop the others. A supervisor sees in ListModels which are loaded. */
  private async loadModels(): Promise<void> {
    for (const { name, path } of this.options.config.modelsAtStart) {
      await this.registry.load(name, path).catch((error: unknown) => {
        this.options.logger.error(`model ${name} of sagemaker_edge_models could not be loaded`, { path, reason: messageOf(error) });
      });
    }
  }
}

interface CloudParts {
  readonly sink: CaptureSink;
  readonly periodicUpload?: PeriodicUpload;
  readonly credentials: CredentialSource;
}

function cloudParts({ config, logger, environment }: AgentOptions): CloudParts {
  const { provider, capture, region } = config;
  const credentials: CredentialSource = provider.kind === 'Aws'
    ? new IotCredentialProvider({ ...provider, endpoint: provider.credentialEndpoint, logger }).get
    : undefined;
  const { bucketName } = capture;
  const s3 = bucketName === undefined ? undefined : new S3Sink({ region, bucketName, credentials, environment });
  if (capture.destination === 'Cloud') {
    if (s3 === undefined) {
      throw new Error('captures go to Cloud and no bucket is set');
    }
    return { sink: s3, credentials };
  }
  if (capture.diskPath === undefined) {
    throw new Error('captures go to Disk and no folder is set');
  }
  if (capture.periodicUploadMs === undefined || s3 === undefined) {
    return { sink: new DiskSink(capture.diskPath), credentials };
  }
  return {
    credentials,
    sink: new DiskSink(capture.diskPath, (key) => s3.reference(key)),
    periodicUpload: new PeriodicUpload({
      root: capture.diskPath,
      prefix: join(capture.folderPrefix, config.deviceFleetName),
      sink: s3,
      periodMs: capture.periodicUploadMs,
      logger,
    }),
  };
}

interface MeasuredParts {
  readonly credentials: CredentialSource;
  readonly registry: ModelRegistry;
  readonly captures: CaptureService;
}

interface ReportedParts extends MeasuredParts {
  readonly handlers: Handlers;
}

/** Bytes of the agent and its models. */
function memoryOf(registry: ModelRegistry): number {
  return process.memoryUsage.rss() + registry.memoryBytes;
}

async function startHealth(options: AgentOptions, { credentials, registry, captures }: MeasuredParts): Promise<HealthReporter | undefined> {
  const { config, environment, logger } = options;
  if (config.health === undefined) {
    return undefined;
  }
  const iot = new IotData({ region: config.region, credentials, environment });
  return HealthReporter.start({
    config: config.health,
    thingName: config.thingName,
    fleetName: config.deviceFleetName,
    store: new ReportStore(config.statePath),
    publish: (topic, payload) => iot.publish(topic, payload),
    gauges: () => ({
      memory: memoryOf(registry),
      spool: captures.spoolBytes,
      queue: captures.waiting,
      models: registry.list().map((model) => model.package),
    }),
    logger,
  });
}

function startHeartbeat(options: AgentOptions, parts: ReportedParts): Heartbeat | undefined {
  const { config, environment, logger } = options;
  const { credentials, registry, captures, handlers } = parts;
  if (config.provider.kind === 'None' || config.heartbeatPeriodMs === 0) {
    return undefined;
  }
  const heartbeat = new Heartbeat({
    deviceName: config.deviceName,
    deviceFleetName: config.deviceFleetName,
    region: config.region,
    credentials,
    periodMs: config.heartbeatPeriodMs,
    logger,
    endpoint: config.endpointOverride?.href ?? environment.AWS_ENDPOINT_URL_SAGEMAKER_EDGE ?? environment.AWS_ENDPOINT_URL,
    models: () => registry.list().map(({ name, package: { modelName, modelVersion } }) => {
      const latestSample = captures.latestSample.get(modelName);
      const latestInference = handlers.latestInference.get(name);
      return {
        name: modelName,
        version: modelVersion,
        ...(latestSample === undefined ? {} : { latestSample }),
        ...(latestInference === undefined ? {} : { latestInference }),
      };
    }),
    metrics: () => [
      { name: 'ModelsLoaded', value: registry.list().length },
      { name: 'CaptureQueue', value: captures.waiting },
      { name: 'MemoryBytes', value: process.memoryUsage.rss() + registry.memoryBytes },
    ],
  });
  heartbeat.start();
  return heartbeat;
}
