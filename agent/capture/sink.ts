import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where captures end up. */
export interface CaptureSink {
  /** Stores an object, whole or not at all. The same key again replaces it. */
  put(key: string, body: Buffer, contentType: string): Promise<void>;
  /** What a record's `data-ref` says of a key. */
  reference(key: string): string;
}

/** Captures on the device's disk. */
export class DiskSink implements CaptureSink {
  /** `reference` names where the files will be, if that is not here. */
  public constructor(private readonly root: string, private readonly referenceOf?: (key: string) => string) {}

  public async put(key: string, body: Buffer): Promise<void> {
    const path = join(this.root, key);
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    const temporary = `${path}${TEMPORARY}`;
    const file = await open(temporary, 'w', 0o640);
    try {
      await file.writeFile(body);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  }

  public reference(key: string): string {
    return this.referenceOf?.(key) ?? pathToFileURL(join(this.root, key)).href;
  }
}

/** Ending of a file that is being written. */
export const TEMPORARY = '.part';
