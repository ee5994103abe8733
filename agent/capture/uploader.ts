import { messageOf } from '../status';
import { entryLength, type SpoolEntry } from './segment';
import type { Logger } from '../log';
import type { FinishedCaptures } from './finished';
import type { CaptureLayout, RawObject } from './layout';
import type { CaptureSink } from './sink';
import type { CaptureSpool } from './spool';

/** Bytes of a batch that may be in memory. */
const MAX_BATCH_BYTES = 32 * 2 ** 20;
/** Objects of a batch on their way at once. */
const PARALLEL_PUTS = 4;
const LONGEST_WAIT_MS = 60_000;

export interface UploaderOptions {
  readonly spool: CaptureSpool;
  readonly finished: FinishedCaptures;
  readonly sink: CaptureSink;
  readonly layout: CaptureLayout;
  readonly batchSize: number;
  readonly pushPeriodMs: number;
  /** First wait after a failure. It doubles. */
  readonly retryMs: number;
  readonly logger: Logger;
  /** Called with the ids that are through. */
  readonly onDone: (ids: readonly string[]) => void;
}

interface Queued {
  readonly entry: SpoolEntry;
  readonly due: number;
}

/** Takes the captures of one model from the spool to the sink, in the order in which they were accepted. */
export class ModelUploader {
  private readonly queue: Queued[] = [];
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private draining = false;
  private stopped = false;
  private wake: (() => void) | undefined;
  private failures = 0;
  private lastLogged = 0;

  public constructor(private readonly options: UploaderOptions) {}

  public get length(): number {
    return this.queue.length;
  }

  /** `now` is for captures of an earlier run, which have waited long enough. */
  public add(entry: SpoolEntry, now = false): void {
    this.queue.push({ entry, due: now ? 0 : Date.now() + this.options.pushPeriodMs });
    this.schedule();
  }

  /**
   * Sends all there is, until a send fails. Nothing is sent where the last one failed: whoever stops the agent would
   * wait for a network that is away. What is left stays in the spool.
   */
  public async drain(): Promise<void> {
    if (this.failures > 0) {
      this.stop();
    }
    this.draining = true;
    this.wake?.();
    this.schedule();
    while (this.running !== undefined) {
      await this.running;
    }
  }

  /** Gives up waiting. */
  public stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.wake?.();
  }

  private schedule(): void {
    if (this.running !== undefined || this.stopped) {
      return;
    }
    const [first] = this.queue;
    if (first === undefined) {
      return;
    }
    if (this.isDue(first)) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.running = this.run().finally(() => {
        this.running = undefined;
        this.schedule();
      });
    } else {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.schedule();
      }, Math.max(1, first.due - Date.now()));
    }
  }

  private isDue(first: Queued): boolean {
    return this.draining || this.queue.length >= this.options.batchSize || first.due <= Date.now();
  }

  private async run(): Promise<void> {
    for (let [first] = this.queue; first !== undefined && this.isDue(first) && !this.stopped; [first] = this.queue) {
      const batch = this.nextBatch(first);
      try {
        await this.send(batch);
        this.queue.splice(0, batch.length);
        if (this.failures > 0) {
          this.options.logger.info('captures are uploaded again', { model: first.entry.modelName, afterFailures: this.failures });
        }
        this.failures = 0;
      } catch (error) {
        this.report(first.entry.modelName, error);
        if (this.draining) {
          this.stop();
        }
        await this.pause();
      }
    }
  }

  /** As many as belong in one file: of one hour, in order, up to the batch size. */
  private nextBatch(first: Queued): SpoolEntry[] {
    const { layout, batchSize } = this.options;
    const folder = layout.folder(first.entry);
    const batch: SpoolEntry[] = [];
    let bytes = 0;
    for (const { entry } of this.queue) {
      bytes += entryLength(entry);
      if (batch.length === batchSize || (batch.length > 0 && bytes > MAX_BATCH_BYTES) || layout.folder(entry) !== folder) {
        break;
      }
      batch.push(entry);
    }
    return batch;
  }

  private async send(batch: readonly SpoolEntry[]): Promise<void> {
    const { spool, sink, layout, finished } = this.options;
    const lines: string[] = [];
    const raw: RawObject[] = [];
    const sent: string[] = [];
    const damaged: string[] = [];
    for (const entry of batch) {
      const capture = await spool.read(entry);
      if (capture === undefined) {
        damaged.push(entry.id);
        continue;
      }
      const rendered = layout.render(capture.header, capture.blobs, (key) => sink.reference(key));
      lines.push(rendered.line);
      raw.push(...rendered.raw);
      sent.push(entry.id);
    }
    // The record comes last: whoever reads it finds what it refers to.
    for (let start = 0; start < raw.length; start += PARALLEL_PUTS) {
      await Promise.all(raw.slice(start, start + PARALLEL_PUTS).map(({ key, body }) => sink.put(key, body, 'application/octet-stream')));
    }
    const [first] = batch;
    if (first !== undefined && lines.length > 0) {
      await sink.put(layout.batchKey(first), Buffer.from(lines.join('')), 'application/jsonlines');
    }
    if (sent.length > 0) {
      await finished.add(sent, 'SUCCESS');
    }
    if (damaged.length > 0) {
      this.options.logger.error('captures are damaged on the disk and lost', { captureIds: damaged });
      await finished.add(damaged, 'FAILURE');
    }
    await spool.release(batch);
    this.options.onDone(batch.map((entry) => entry.id));
  }

  private report(model: string, error: unknown): void {
    this.failures += 1;
    if (this.failures > 1 && Date.now() - this.lastLogged < LONGEST_WAIT_MS) {
      return;
    }
    this.lastLogged = Date.now();
    this.options.logger.warn('captures cannot be uploaded; they stay in the spool and are tried again', {
      model,
      waiting: this.queue.length,
      failures: this.failures,
      reason: messageOf(error),
      ...(error instanceof Error ? { error: error.name } : {}),
    });
  }

  private async pause(): Promise<void> {
    if (this.stopped) {
      return;
    }
    const longest = Math.min(LONGEST_WAIT_MS, this.options.retryMs * 2 ** Math.min(this.failures - 1, 16));
    // A whole fleet gets its network back at the same moment.
    const milliseconds = longest * (0.5 + Math.random() / 2);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }
}
