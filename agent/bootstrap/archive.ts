import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import * as path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { MANIFEST_MAX_BYTES, MODEL_MAX_BYTES, MODEL_MAX_FILES } from '../../lib/model/private/size-limits';
import { DeviceError } from './contracts';
import { readZipEntries, zipEntryStream } from './zip';

/** Unpacked bytes of one archive: the largest model that is packaged, its manifest and signature. */
export const PACKAGE_MAX_BYTES = MODEL_MAX_BYTES + 2 * MANIFEST_MAX_BYTES;
/** Its files, manifest and signature, and as many folders. */
export const PACKAGE_MAX_ENTRIES = 2 * MODEL_MAX_FILES + 2;

/**
 * Unpacks a zip or tar.gz into an empty folder. Plain files and folders only: a link, a device or a path that leaves
 * the folder makes it fail. Modes and owners of the archive are not taken over.
 */
export async function unpack(archive: string, folder: string, maxBytes = PACKAGE_MAX_BYTES): Promise<void> {
  const target = new Target(folder, maxBytes);
  await (await isZip(archive) ? unpackZip(archive, target) : unpackTarGz(archive, target));
}

async function isZip(archive: string): Promise<boolean> {
  const file = await open(archive);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1') === 'PK';
  } finally {
    await file.close();
  }
}

async function unpackZip(archive: string, target: Target): Promise<void> {
  for (const entry of await readZipEntries(archive)) {
    if (entry.name.endsWith('/')) {
      await target.folder(entry.name);
    } else {
      await target.file(entry.name, zipEntryStream(archive, entry));
    }
  }
}

async function unpackTarGz(archive: string, target: Target): Promise<void> {
  const entries = extract();
  const feeding = pipeline(createReadStream(archive), createGunzip(), entries);
  const reading = (async () => {
    for await (const entry of entries) {
      const { name, type } = entry.header;
      if (type === 'directory') {
        await target.folder(name);
        entry.resume();
      } else if (type === 'file' || type === 'contiguous-file') {
        await target.file(name, entry);
      } else {
        throw new DeviceError(`the archive holds '${name}', a ${type}: only files and folders are unpacked`);
      }
    }
  })();
  const [read, fed] = await Promise.allSettled([reading, feeding]); // a refusal ends the stream, which then fails as well
  if (read.status === 'rejected' && read.reason instanceof DeviceError) {
    throw read.reason;
  }
  for (const part of [fed, read]) {
    if (part.status === 'rejected') {
      throw new DeviceError(`the archive is damaged or no tar.gz: ${String(part.reason)}`);
    }
  }
}

/** The folder that is filled, within its limits. */
class Target {
  private bytes = 0;
  private entries = 0;

  public constructor(private readonly root: string, private readonly maxBytes: number) {}

  public async folder(name: string): Promise<void> { await mkdir(this.place(name), { recursive: true }); }

  public async file(name: string, content: AsyncIterable<unknown>): Promise<void> {
    const place = this.place(name);
    await mkdir(path.dirname(place), { recursive: true });
    try {
      await pipeline(content, this.counter(), createWriteStream(place, { flags: 'wx' })); // x: an entry never writes over another
    } catch (error) {
      throw error instanceof DeviceError ? error : new DeviceError(`'${name}' of the archive was not unpacked: ${String(error)}`);
    }
  }

  private place(name: string): string {
    this.entries += 1;
    if (this.entries > PACKAGE_MAX_ENTRIES) {
      throw new DeviceError(`the archive holds more than ${PACKAGE_MAX_ENTRIES} entries`);
    }
    const parts = name.split('/').filter((part, index, all) => part !== '.' && !(part === '' && index === all.length - 1));
    if (name === '' || name.includes('\\') || name.includes('\0') || parts.some((part) => part === '' || part === '..')) {
      throw new DeviceError(`the archive holds '${name}', a path that is not simply below its folder`);
    }
    return path.join(this.root, ...parts);
  }

  private counter(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.bytes += chunk.length;
        if (this.bytes > this.maxBytes) {
          done(new DeviceError(`the archive unpacks to more than ${this.maxBytes} bytes`));
        } else {
          done(null, chunk);
        }
      },
    });
  }
}
