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
    const files = readFolder(scope, source);
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

function readFolder(scope: Construct, folder: string, prefix = '', above: readonly string[] = []): ArchiveFile[] {
  const real = fs.realpathSync(folder);
  if (above.includes(real)) {
    throw new ValidationError(scope, `model folder must not hold a link to itself, got ${folder}`);
  }
  return fs.readdirSync(folder).filter((name) => !name.startsWith('.')).sort().flatMap((name) => {
    const file = path.join(folder, name);
    checkLink(scope, file);
    const stats = fs.statSync(file);
    if (stats.isDirectory()) {
      return readFolder(scope, file, `${prefix}${name}/`, [...above, real]);
    }
    return stats.isFile() ? [{ path: `${prefix}${name}`, content: readFile(scope, file) }] : [];
  });
}

function readFile(scope: Construct, file: string): Buffer {
  const { size } = fs.statSync(file);
  if (size > MAX_BYTES) {
    throw new ValidationError(scope, `a file of a model must have at most ${MAX_BYTES} bytes to be packed at synth, got ${size}: ${file}; upload the archive yourself and use ModelSource.fromBucket`);
  }
  return fs.readFileSync(file);
}
