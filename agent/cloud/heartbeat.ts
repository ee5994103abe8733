import { AGENT_VERSION } from '../version';
import { messageOf } from '../status';
import type { Logger } from '../log';
import type { CredentialSource } from './s3';
import type { SagemakerEdgeClient } from '@aws-sdk/client-sagemaker-edge';

/** What a heartbeat says of a model. */
export interface ModelBeat {
  readonly name: string;
  readonly version: string;
  readonly latestSample?: Date;
  readonly latestInference?: Date;
}

/** A number of the agent as a whole. */
export interface AgentMetric {
  readonly name: string;
  readonly value: number;
}

export interface HeartbeatOptions {
  readonly deviceName: string;
  readonly deviceFleetName: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly credentials: CredentialSource;
  readonly periodMs: number;
  readonly models: () => readonly ModelBeat[];
  readonly metrics: () => readonly AgentMetric[];
  readonly logger: Logger;
}

const LONGEST_PAUSE_MS = 3_600_000;

/**
 * SendHeartbeat of the edge runtime. AWS's service is switched off, so most agents will never get an answer: a failure
 * is logged once, and the pauses grow to an hour.
 */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private client: SagemakerEdgeClient | undefined;
  private failures = 0;
  private stopped = false;

  public constructor(private readonly options: HeartbeatOptions) {}

  public start(): void {
    this.options.logger.info('Heart Beat Started!', { periodSeconds: this.options.periodMs / 1000 });
    this.next(Math.min(1000, this.options.periodMs));
  }

  public stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.client?.destroy();
  }

  private next(milliseconds: number): void {
    if (this.stopped) {
      return;
    }
    this.timer = setTimeout(() => {
      void this.beat();
    }, milliseconds);
    this.timer.unref();
  }

  private async beat(): Promise<void> {
    const { logger, periodMs } = this.options;
    try {
      await this.send();
      if (this.failures > 0) {
        logger.info('heartbeats are answered again', { afterFailures: this.failures });
      }
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      const fields = { reason: messageOf(error), ...(error instanceof Error ? { error: error.name } : {}) };
      if (this.failures === 1) {
        logger.warn('a heartbeat was not answered (AWS switched the service off on 2024-04-26); it is tried again at growing intervals', fields);
      } else {
        logger.debug('a heartbeat was not answered', fields);
      }
    }
    this.next(Math.min(LONGEST_PAUSE_MS, periodMs * 2 ** Math.min(this.failures, 16)));
  }

  private async send(): Promise<void> {
    const { SagemakerEdgeClient, SendHeartbeatCommand } = await import('./sdk.js');
    const { deviceName, deviceFleetName, region, endpoint, credentials } = this.options;
    this.client ??= new SagemakerEdgeClient({
      region, maxAttempts: 1,
      ...(endpoint === undefined ? {} : { endpoint }), ...(credentials === undefined ? {} : { credentials }),
    });
    const now = new Date();
    await this.client.send(new SendHeartbeatCommand({
      AgentVersion: AGENT_VERSION, DeviceName: deviceName, DeviceFleetName: deviceFleetName,
      AgentMetrics: this.options.metrics().map(({ name, value }) => ({
        Dimension: deviceName,
        MetricName: name,
        Value: value,
        Timestamp: now,
      })),
      // The API takes names of four characters and more.
      Models: this.options.models().filter(({ name }) => name.length >= 4).map(({ name, version, latestSample, latestInference }) => ({
        ModelName: name, ModelVersion: version,
        ...(latestSample === undefined ? {} : { LatestSampleTime: latestSample }),
        ...(latestInference === undefined ? {} : { LatestInference: latestInference }),
      })),
    }), { abortSignal: AbortSignal.timeout(15_000) });
  }
}
