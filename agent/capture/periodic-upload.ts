import { readdir, readFile, unlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { codeOf, messageOf } from '../status';
import { TEMPORARY, type CaptureSink } from './sink';
import type { Logger } from '../log';

export interface PeriodicUploadOptions {
  /** Folder that keys are relative to. */
  readonly root: string;
  /** Only what lies below this prefix is the agent's. */
  readonly prefix: string;
  readonly sink: CaptureSink;
  readonly periodMs: number;
  readonly logger: Logger;
}

/** Moves captures from the disk to the bucket from time to time. A file goes when the bucket has it. */
export class PeriodicUpload {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private failing = false;

  public constructor(private readonly options: PeriodicUploadOptions) {}

  public start(): void {
    this.timer = setTimeout(() => {
      void this.round();
    }, this.options.periodMs);
    this.timer.unref();
  }

  /** Uploads what there is now, unless the last upload failed. */
  public async drain(): Promise<void> {
    if (!this.failing) {
      await this.flush();
    }
  }

  public stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Uploads what there is now. */
  private async flush(): Promise<void> {
    this.running ??= this.upload().finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  private async round(): Promise<void> {
    try {
      await this.flush();
      this.failing = false;
    } catch (error) {
      if (!this.failing) {
        this.options.logger.warn('captures on the disk cannot be uploaded; it is tried again', { reason: messageOf(error) });
      }
      this.failing = true;
    }
    if (!this.stopped) {
      this.start();
    }
  }

  private async upload(): Promise<void> {
    const { root, prefix, sink } = this.options;
    const files = await listFiles(join(root, prefix));
    // Records after what they refer to, and in the order of their times.
    files.sort((a, b) => Number(a.endsWith('.jsonl')) - Number(b.endsWith('.jsonl')) || (a < b ? -1 : 1));
    for (const file of files) {
      if (this.stopped) {
        return;
      }
      const contentType = file.endsWith('.jsonl') ? 'application/jsonlines' : 'application/octet-stream';
      await sink.put(relative(root, file), await readFile(file), contentType);
      await unlink(file);
    }
  }
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile() && !entry.name.endsWith(TEMPORARY)).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
