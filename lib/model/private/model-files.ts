import * as fs from 'node:fs';
import * as path from 'node:path';
import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { gunzip } from '../../private/archive/gzip';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { readTar } from '../../private/archive/tar';
import { namedDataOf } from './onnx-data-files';
import { ValidationError } from '../../private/validation';

/** What a path to a model holds. */
export interface ModelFiles {
  readonly files: ArchiveFile[];
  /** The bytes of the archive, if the path leads to one. */
  readonly archive?: Buffer;
}

/** Node reads no larger file at once. */
const MAX_BYTES = 2 * 1024 ** 3 - 1;

/** Reads a model file, a folder or a tar.gz. */
export function readModelFiles(scope: Construct, source: string): ModelFiles {
  if (Token.isUnresolved(source)) {
    throw new ValidationError(scope, 'the path of a model must be known at synth, since its files are packed then, got a token');
  }
  checkLink(scope, source);
  const stats = fs.statSync(source, { throwIfNoEntry: false });
  if (!stats) {
    throw new ValidationError(scope, `model must be a file or a folder, got '${source}', where there is none (looked at ${path.resolve(source)})`);
  }
  if (stats.isDirectory()) {
    const found = listFolder(scope, source);
    checkTotal(scope, source, found);
    const files = found.map(({ path: name, file }) => ({ path: name, content: readFile(scope, file) }));
    if (files.length === 0) {
      throw new ValidationError(scope, `the folder of a model must hold files (those whose name begins with a dot do not count), got none in '${source}' (looked at ${path.resolve(source)})`);
    }
    return { files: withExternalData(scope, source, files) };
  }
  const content = readFile(scope, source);
  if (!/\.(tar\.gz|tgz)$/.test(source)) {
    return { files: withExternalData(scope, path.dirname(source), [{ path: path.basename(source), content }]) };
  }
  const tar = gunzip(content);
  const files = tar && readTar(tar);
  if (!files) {
    throw new ValidationError(scope, `${source} must be a tar archive compressed by gzip, got a file that ${tar ? 'gzip can read, but tar cannot' : 'gzip cannot read'}`);
  }
  return { files, archive: content };
}

/** A model's weights lie beside it, also where it was given as one file, or where their name begins with a dot. */
function withExternalData(scope: Construct, folder: string, files: readonly ArchiveFile[]): ArchiveFile[] {
  const read = new Map(files.map((file) => [file.path, file]));
  for (const { path: name } of namedDataOf(scope, files)) {
    const file = path.join(folder, name);
    checkLink(scope, file);
    if (!read.has(name) && fs.statSync(file, { throwIfNoEntry: false })?.isFile()) {
      read.set(name, { path: name, content: readFile(scope, file) });
    }
  }
  return [...read.values()];
}

/** Fails where a link leads nowhere, or back to itself. */
function checkLink(scope: Construct, file: string): void {
  if (!fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
    return;
  }
  try {
    fs.realpathSync(file);
  } catch {
    throw new ValidationError(scope, `${file} is a link to '${fs.readlinkSync(file)}', where there is no file`);
  }
}

/** A file that is not read yet. */
interface FoundFile {
  readonly path: string;
  readonly file: string;
  readonly size: number;
}

/** The archive is made in memory, and Node hashes no more at once. */
function checkTotal(scope: Construct, folder: string, found: readonly FoundFile[]): void {
  const total = found.reduce((sum, { size }) => sum + size, 0);
  if (total > MAX_BYTES) {
    throw new ValidationError(scope, `the files of a model must have at most ${MAX_BYTES} bytes together to be packed at synth, got ${total} in ${folder}; upload the archive yourself and import it (OnnxModel.fromOnnxModelAttributes, ModelSource.fromBucket)`);
  }
}

function listFolder(scope: Construct, folder: string, prefix = '', above: readonly string[] = []): FoundFile[] {
  const real = fs.realpathSync(folder);
  if (above.includes(real)) {
    throw new ValidationError(scope, `model folder must not hold a link to itself, got ${folder}`);
  }
  return fs.readdirSync(folder).filter((name) => !name.startsWith('.')).sort().flatMap((name) => {
    const file = path.join(folder, name);
    checkLink(scope, file);
    const stats = fs.statSync(file);
    if (stats.isDirectory()) {
      return listFolder(scope, file, `${prefix}${name}/`, [...above, real]);
    }
    return stats.isFile() ? [{ path: `${prefix}${name}`, file, size: stats.size }] : [];
  });
}

function readFile(scope: Construct, file: string): Buffer {
  const { size } = fs.statSync(file);
  if (size > MAX_BYTES) {
    throw new ValidationError(scope, `a file of a model must have at most ${MAX_BYTES} bytes to be packed at synth, got ${size}: ${file}; upload the archive yourself and use ModelSource.fromBucket`);
  }
  return fs.readFileSync(file);
}
