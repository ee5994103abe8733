import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';
import type { NucleusArtifact } from './recipe';

/** Where a component's files are on the device. */
export interface ArtifactFolders {
  /** Files as they are in S3. */
  readonly plain: string;
  /** What archives hold, a folder each, named after the archive. */
  readonly unarchived: string;
}

/** An artifact that cannot be had or is not what the recipe says: the deployment fails before anything is changed. */
export class ArtifactError extends Error {
  public override readonly name = 'ArtifactError';
}

export type FetchArtifact = (uri: string) => Promise<Buffer>;

/** Downloads, verifies and unpacks artifacts that are not there yet. */
export async function prepareArtifacts(
  artifacts: readonly NucleusArtifact[], folders: ArtifactFolders, fetch: FetchArtifact,
): Promise<void> {
  for (const artifact of artifacts) {
    const name = artifact.uri.slice(artifact.uri.lastIndexOf('/') + 1);
    const file = path.join(folders.plain, name);
    fs.mkdirSync(folders.plain, { recursive: true });
    fs.mkdirSync(folders.unarchived, { recursive: true });
    const bytes = fs.existsSync(file) && holds(fs.readFileSync(file), artifact) ? fs.readFileSync(file) : await fetch(artifact.uri);
    if (!holds(bytes, artifact)) {
      throw new ArtifactError(`${artifact.uri} has another digest than its recipe`);
    }
    write(file, bytes, modeOf(artifact));
    if (artifact.unarchive) {
      unpack(bytes, path.join(folders.unarchived, path.basename(name, '.zip')), modeOf(artifact));
    }
  }
}

function holds(bytes: Buffer, { digest }: NucleusArtifact): boolean {
  return digest === undefined || createHash('sha256').update(bytes).digest('base64') === digest;
}

const EXECUTE_BITS: Readonly<Record<string, number>> = { ALL: 0o111, OWNER: 0o110 };

/** As nucleus classic: the owner reads always, and who executes reads too. Default 0440: the execute bits of an archive are lost. */
function modeOf({ read, execute }: NucleusArtifact): number {
  const group = [read, execute].some((who) => who === 'ALL' || who === 'OWNER') ? 0o040 : 0;
  const others = [read, execute].includes('ALL') ? 0o004 : 0;
  return 0o400 | group | others | (EXECUTE_BITS[execute] ?? 0);
}

function unpack(zip: Buffer, folder: string, mode: number): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const { name, content } of entries(zip)) {
    const file = path.resolve(folder, name);
    if (!file.startsWith(`${path.resolve(folder)}${path.sep}`)) {
      throw new ArtifactError(`the archive has an entry outside its folder: ${name}`);
    }
    if (name.endsWith('/')) {
      fs.mkdirSync(file, { recursive: true });
      continue;
    }
    fs.mkdirSync(path.dirname(file), { recursive: true });
    write(file, content, mode); // a symbolic link too: a text file that names its target
  }
}

function write(file: string, bytes: Buffer, mode: number): void {
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, bytes, { mode: 0o600 });
  fs.chmodSync(file, mode);
}

interface Entry {
  readonly name: string;
  readonly content: Buffer;
}

function* entries(zip: Buffer): Generator<Entry> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) {
    throw new ArtifactError('the archive is no zip');
  }
  let at = zip.readUInt32LE(end + 16);
  for (let index = zip.readUInt16LE(end + 10); index > 0; index--) {
    const [method, size, nameLength, offset] = [
      zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42),
    ];
    const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
    const stored = zip.subarray(start, start + size);
    if (method !== 0 && method !== 8) {
      throw new ArtifactError(`the archive is compressed by method ${method}`);
    }
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const content = method === 0 ? stored : inflateRawSync(stored);
    if (crc32(content) !== zip.readUInt32LE(at + 16)) {
      throw new ArtifactError(`the archive is damaged at ${name}`);
    }
    yield { name, content };
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}
