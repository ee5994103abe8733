import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { AgentArtifact, ModelArtifact } from '../../lib/device/private/manifest-contract';
import { unpackInPlace } from '../release/packed';
import { unpack } from './archive';
import { DeviceError, type ObjectStore } from './contracts';
import { retried, type RetryOptions } from './retry';

/**
 * Unpacked archives, a folder each, named by content: `agents/<digest>`, `models/<digest>`. A folder appears whole
 * (one rename) or not at all, is never changed afterwards, and is never downloaded twice where its digest is known.
 */
export class ArtifactStore {
  public constructor(private readonly root: string, private readonly objects: ObjectStore, private readonly retry: RetryOptions) {}

  public async agent(artifact: AgentArtifact): Promise<string> {
    const { files, sha256 } = artifact;
    if (files === undefined && sha256 === undefined) {
      throw new DeviceError('the manifest gives no digest of the agent: it is not run');
    }
    const digest = files === undefined ? undefined : hashText(JSON.stringify(Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1)));
    return this.install('agents', 'agent', artifact.uri, { archive: sha256, folder: digest, files });
  }

  public async model(artifact: ModelArtifact): Promise<string> {
    return this.install('models', `model ${artifact.name}`, artifact.uri, { archive: artifact.sha256 });
  }

  /** Removes what no generation needs any more. */
  public async keepOnly(folders: readonly string[]): Promise<void> {
    const wanted = new Set(folders);
    for (const kind of ['agents', 'models']) {
      const base = path.join(this.root, kind);
      for (const name of await names(base)) {
        if (!wanted.has(path.join(base, name))) {
          await rm(path.join(base, name), { recursive: true, force: true });
        }
      }
    }
  }

  private async install(kind: string, what: string, uri: string, expected: Expected): Promise<string> {
    const base = path.join(this.root, kind);
    const known = expected.archive ?? expected.folder;
    if (known !== undefined && await exists(path.join(base, known))) {
      return path.join(base, known);
    }
    await mkdir(base, { recursive: true });
    const work = path.join(base, `.new-${String(process.pid)}`);
    await rm(work, { recursive: true, force: true });
    await mkdir(path.join(work, 'content'), { recursive: true });
    try {
      const digest = await this.fetch(what, uri, path.join(work, 'archive'), expected.archive);
      await unpack(path.join(work, 'archive'), path.join(work, 'content'));
      if (expected.files !== undefined) {
        await checkFiles(what, path.join(work, 'content'), expected.files);
      }
      if (kind === 'agents') {
        await expand(path.join(work, 'content'));
      }
      const place = path.join(base, expected.folder ?? digest);
      if (!await exists(place)) {
        await rename(path.join(work, 'content'), place);
      }
      return place;
    } catch (error) {
      throw error instanceof DeviceError ? new DeviceError(`${what} from ${uri}: ${error.message}`) : error;
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  private async fetch(what: string, uri: string, file: string, expected: string | undefined): Promise<string> {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    if (bucket === undefined || key === undefined) {
      throw new DeviceError('wanted a URI like s3://bucket/key');
    }
    await retried(`${what} could not be downloaded from ${uri}`, () => this.objects.download(bucket, key, file), this.retry);
    const digest = await hashFile(file);
    if (expected !== undefined && digest !== expected) {
      throw new DeviceError(`its SHA-256 is ${digest}, not ${expected}: it is not used`);
    }
    return digest;
  }
}

interface Expected {
  /** SHA-256 of the archive. */
  readonly archive?: string;
  /** Name of the folder, where the archive's digest is not known. */
  readonly folder?: string;
  readonly files?: Readonly<Record<string, string>>;
}

async function checkFiles(what: string, folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const found = new Set(await filesBelow(folder));
  for (const [name, sha256] of Object.entries(files)) {
    if (!found.delete(name)) {
      throw new DeviceError(`'${name}' is missing`);
    }
    const digest = await hashFile(path.join(folder, name));
    if (digest !== sha256) {
      throw new DeviceError(`the SHA-256 of '${name}' is ${digest}, not ${sha256}: ${what} is not used`);
    }
  }
  const [extra] = found;
  if (extra !== undefined) {
    throw new DeviceError(`'${extra}' is not on the manifest's list of files`);
  }
}

/** A release may hold its largest files packed. */
async function expand(folder: string): Promise<void> {
  try {
    await unpackInPlace(folder);
  } catch (error) {
    throw new DeviceError(error instanceof Error ? error.message : String(error));
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return files.map((file) => path.relative(folder, file).split(path.sep).join('/'));
}

export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

export function hashText(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Entries of a folder that may not be there yet. */
export async function names(folder: string): Promise<string[]> {
  return await exists(folder) ? readdir(folder) : [];
}

export async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
