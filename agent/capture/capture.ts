import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { CaptureDataStatus } from '../generated/agent';
import { AgentError, notFound } from '../status';
import { within } from '../within';
import { FinishedCaptures } from './finished';
import { parseCaptureId, type Capture } from './record';
import { CaptureSpool } from './spool';
import { ModelUploader } from './uploader';
import type { Logger } from '../log';
import type { CaptureLayout } from './layout';
import type { SpoolEntry } from './segment';
import type { CaptureSink } from './sink';

export interface CaptureOptions {
  readonly statePath: string;
  readonly spoolMaxBytes: number;
  readonly bufferSize: number;
  readonly batchSize: number;
  readonly pushPeriodMs: number;
  readonly retryMs: number;
  readonly sink: CaptureSink;
  readonly layout: CaptureLayout;
  readonly logger: Logger;
}

/** Takes captures, keeps them until they are uploaded, and knows how each one fares. */
export class CaptureService {
  public static async open(options: CaptureOptions): Promise<CaptureService> {
    const spool = await CaptureSpool.open({
      folder: join(options.statePath, 'spool'), maxBytes: options.spoolMaxBytes, bufferSize: options.bufferSize, logger: options.logger,
    });
    const finished = await FinishedCaptures.open(join(options.statePath, 'spool'));
    const service = new CaptureService(options, spool, finished);
    await service.resume();
    return service;
  }

  /** Time of the latest accepted capture, by model. */
  public readonly latestSample = new Map<string, Date>();

  private readonly inSpool = new Set<string>();
  private readonly uploaders = new Map<string, ModelUploader>();
  private closed = false;

  private constructor(
    private readonly options: CaptureOptions,
    private readonly spool: CaptureSpool,
    private readonly finished: FinishedCaptures,
  ) {}

  /** Accepted captures that are not uploaded yet. */
  public get waiting(): number {
    return this.inSpool.size;
  }

  public get spoolBytes(): number {
    return this.spool.bytes;
  }

  /** Resolves when the capture is safe on the disk. */
  public async accept(capture: Capture): Promise<void> {
    if (this.closed) {
      throw new AgentError(status.UNAVAILABLE, 'the agent stops');
    }
    const key = capture.header.id.toLowerCase();
    if (this.inSpool.has(key) || this.finished.get(key) !== undefined) {
      throw new AgentError(status.ALREADY_EXISTS, `capture_id ${capture.header.id} was captured before`);
    }
    this.inSpool.add(key);
    try {
      this.uploader(capture.header.modelName).add(await this.spool.append(capture));
    } catch (error) {
      this.inSpool.delete(key);
      throw error;
    }
    this.latestSample.set(capture.header.modelName, new Date(capture.header.time));
  }

  public status(id: string): CaptureDataStatus {
    const key = parseCaptureId(id).toLowerCase();
    if (this.inSpool.has(key)) {
      return CaptureDataStatus.IN_PROGRESS;
    }
    const outcome = this.finished.get(key);
    if (outcome === undefined) {
      throw notFound(`capture_id ${id}: no such capture, or too long ago`);
    }
    return outcome === 'SUCCESS' ? CaptureDataStatus.SUCCESS : CaptureDataStatus.FAILURE;
  }

  /** Uploads what it can within the limit; nothing with a limit of 0. The rest stays in the spool for the next run. */
  public async close(limitMs: number): Promise<void> {
    this.closed = true;
    const uploaders = [...this.uploaders.values()];
    if (limitMs > 0) {
      await within(Date.now() + limitMs, Promise.all(uploaders.map((uploader) => uploader.drain())));
    }
    for (const uploader of uploaders) {
      uploader.stop();
    }
    if (this.waiting > 0) {
      this.options.logger.warn('captures stay in the spool until the next start', { waiting: this.waiting });
    }
    await this.spool.close();
  }

  private uploader(modelName: string): ModelUploader {
    let uploader = this.uploaders.get(modelName);
    if (uploader === undefined) {
      const { sink, layout, batchSize, pushPeriodMs, retryMs, logger } = this.options;
      uploader = new ModelUploader({
        spool: this.spool, finished: this.finished, sink, layout, batchSize, pushPeriodMs, retryMs, logger,
        onDone: (ids) => {
          for (const id of ids) {
            this.inSpool.delete(id.toLowerCase());
          }
        },
      });
      this.uploaders.set(modelName, uploader);
    }
    return uploader;
  }

  private async resume(): Promise<void> {
    const sent: SpoolEntry[] = [];
    for (const entry of this.spool.recovered.splice(0)) {
      if (this.finished.get(entry.id) !== undefined) {
        sent.push(entry);
      } else {
        this.inSpool.add(entry.id.toLowerCase());
        this.uploader(entry.modelName).add(entry, true);
      }
    }
    await this.spool.release(sent);
    if (this.waiting > 0) {
      this.options.logger.info('captures of the last run are uploaded', { waiting: this.waiting });
    }
  }
}
