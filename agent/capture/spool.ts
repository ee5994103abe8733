import { mkdir, open, readdir, unlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { status } from '@grpc/grpc-js';
import { AgentError, codeOf, messageOf, resourceExhausted } from '../status';
import { entryLength, Frame, Segment, type SpoolEntry } from './segment';
import type { Logger } from '../log';
import type { Capture, CaptureHeader } from './record';

/** A file of this size is followed by a new one: only a whole file can go. */
const SEGMENT_BYTES = 8 * 2 ** 20;
/** The least that a capture counts in the budget, which so bounds the memory of the index too. */
const MIN_CHARGE = 4096;

export interface SpoolOptions {
  readonly folder: string;
  readonly maxBytes: number;
  /** Captures that may wait for the disk. */
  readonly bufferSize: number;
  readonly logger: Logger;
}

interface Waiting {
  readonly frame: Frame;
  readonly resolve: (entry: SpoolEntry) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Accepted captures on the disk, until somebody releases them. `append` resolves after fdatasync, so that a capture
 * that was acknowledged outlives the process and the machine's power. Captures that arrive during one sync share the
 * next.
 */
export class CaptureSpool {
  public static async open(options: SpoolOptions): Promise<CaptureSpool> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const spool = new CaptureSpool(options, await lock(options.folder));
    await spool.recover();
    return spool;
  }

  /** Entries of earlier runs, oldest first. */
  public readonly recovered: SpoolEntry[] = [];

  private active: Segment | undefined;
  private nextNumber = 0;
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private inWrite = 0;
  private charged = 0;

  private constructor(private readonly options: SpoolOptions, private readonly lockServer: Server) {}

  /** Bytes that the budget counts. */
  public get bytes(): number {
    return this.charged;
  }

  /** Captures that wait for the disk. */
  public get buffered(): number {
    return this.waiting.length + this.inWrite;
  }

  public append(capture: Capture): Promise<SpoolEntry> {
    if (this.buffered >= this.options.bufferSize) {
      return Promise.reject(resourceExhausted(
        `the capture buffer is full: ${this.buffered} requests wait for the disk (sagemaker_edge_core_capture_data_buffer_size)`,
      ));
    }
    const frame = new Frame(capture.header, capture.blobs);
    const charge = Math.max(frame.length, MIN_CHARGE);
    if (this.charged + charge > this.options.maxBytes) {
      const used = `${this.charged} of ${this.options.maxBytes} bytes`;
      return Promise.reject(resourceExhausted(`the capture spool is full: ${used} wait for upload (sagemaker_edge_capture_spool_max_bytes)`));
    }
    this.charged += charge;
    return new Promise<SpoolEntry>((resolve, reject) => {
      this.waiting.push({ frame, resolve, reject });
      this.writing ??= this.write().finally(() => {
        this.writing = undefined;
      });
    }).catch((error: unknown) => {
      this.charged -= charge;
      throw error;
    });
  }

  public read(entry: SpoolEntry): Promise<{ header: CaptureHeader; blobs: Buffer } | undefined> {
    return entry.segment.read(entry);
  }

  /** Forgets entries that are uploaded. A file goes when all of its entries have. */
  public async release(entries: readonly SpoolEntry[]): Promise<void> {
    for (const entry of entries) {
      entry.segment.live -= 1;
      this.charged -= Math.max(entryLength(entry), MIN_CHARGE);
      if (entry.segment.live === 0 && entry.segment !== this.active) {
        await this.remove(entry.segment);
      }
    }
  }

  public async close(): Promise<void> {
    await this.writing;
    if (this.active !== undefined) {
      await (this.active.live === 0 ? this.remove(this.active) : this.active.close());
      this.active = undefined;
    }
    this.lockServer.close();
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      this.inWrite = batch.length;
      try {
        const segment = await this.writableSegment();
        const entries = await segment.append(batch.map(({ frame }) => frame));
        this.inWrite = 0;
        entries.forEach((entry, index) => {
          batch[index]?.resolve(entry);
        });
      } catch (error) {
        this.inWrite = 0;
        this.options.logger.error('the capture spool cannot be written', { reason: messageOf(error) });
        const refusal = writeError(error);
        for (const { reject } of batch) {
          reject(refusal);
        }
        await this.abandonActive();
      }
    }
  }

  private async writableSegment(): Promise<Segment> {
    const current = this.active;
    if (current !== undefined && current.size < SEGMENT_BYTES) {
      return current;
    }
    this.active = undefined;
    if (current?.live === 0) {
      await this.remove(current);
    }
    const segment = await Segment.create(this.path(this.nextNumber++));
    await syncFolder(this.options.folder);
    this.active = segment;
    return segment;
  }

  /** After a failed write or sync nobody knows what the file's end holds: what is good stays, the next write goes elsewhere. */
  private async abandonActive(): Promise<void> {
    const current = this.active;
    this.active = undefined;
    if (current?.live === 0) {
      await this.remove(current);
    }
  }

  /** A file that cannot be removed is read again at the next start, and its captures are known to be sent. */
  private async remove(segment: Segment): Promise<void> {
    await segment.remove().catch((error: unknown) => {
      this.options.logger.warn('a file of the capture spool cannot be removed', { reason: messageOf(error) });
    });
  }

  private async recover(): Promise<void> {
    const names = (await readdir(this.options.folder)).filter((name) => /^\d{12}\.spool$/.test(name)).sort();
    for (const name of names) {
      this.nextNumber = Number.parseInt(name, 10) + 1;
      const { segment, entries, torn } = await Segment.recover(join(this.options.folder, name));
      if (torn) {
        this.options.logger.warn('a capture that was cut off before it was accepted is left out', { file: name });
      }
      if (entries.length === 0) {
        await segment.close();
        await unlink(join(this.options.folder, name));
        continue;
      }
      segment.live = entries.length;
      this.charged += entries.reduce((sum, entry) => sum + Math.max(entryLength(entry), MIN_CHARGE), 0);
      this.recovered.push(...entries);
    }
  }

  private path(number: number): string {
    return join(this.options.folder, `${String(number).padStart(12, '0')}.spool`);
  }
}

function writeError(error: unknown): AgentError {
  const full = ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');
  return full
    ? resourceExhausted('the disk of the capture spool is full')
    : new AgentError(status.INTERNAL, `the capture spool cannot be written: ${messageOf(error)}`);
}

/** A name in the kernel, free again when the process ends however it ends: two agents on one spool would lose captures. */
async function lock(folder: string): Promise<Server> {
  const name = `\0cdk-sagemaker-edge-spool-${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 32)}`;
  const server = createServer((socket) => {
    socket.destroy();
  });
  await new Promise<void>((resolveListen, reject) => {
    server.once('error', (error) => {
      reject(codeOf(error) === 'EADDRINUSE' ? new Error(`${folder}: another agent uses this capture spool`) : error);
    });
    server.listen({ path: name }, resolveListen);
  });
  server.unref();
  return server;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
