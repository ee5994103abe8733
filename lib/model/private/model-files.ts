import * as fs from 'node:fs';
import * as path from 'node:path';
import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { gunzip } from '../../private/archive/gzip';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { fileContent, memoryContent } from '../../private/archive/content';
import { readTar } from '../../private/archive/tar';
import { ValidationError } from '../../private/validation';
import { namedDataOf, outsideProblem, type NamedData } from './onnx-data-files';
import { readOnnxModel } from './onnx-model-file';

/** What a path to a model holds. */
export interface ModelFiles {
  readonly files: ArchiveFile[];
  /** The archive, if the path leads to one. */
  readonly archive?: string;
}

/** A protobuf message, which an .onnx file is, has no more, and an archive that is given is unpacked in memory. */
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
    const files = listFolder(scope, source);
    checkTotal(scope, source, files);
    if (files.length === 0) {
      throw new ValidationError(scope, `the folder of a model must hold files (those whose name begins with a dot do not count), got none in '${source}' (looked at ${path.resolve(source)})`);
    }
    return { files: withExternalData(scope, source, files) };
  }
  checkSize(scope, source, stats.size);
  if (!/\.(tar\.gz|tgz)$/.test(source)) {
    return { files: withExternalData(scope, path.dirname(source), [{ path: path.basename(source), content: fileContent(source) }]) };
  }
  const tar = gunzip(fs.readFileSync(source));
  const files = tar && readTar(memoryContent(tar));
  if (!files) {
    throw new ValidationError(scope, `${source} must be a tar archive compressed by gzip, got a file that ${tar ? 'gzip can read, but tar cannot' : 'gzip cannot read'}`);
  }
  return { files, archive: source };
}

/** A model's weights lie beside it, also where it was given as one file, or where their name begins with a dot. */
function withExternalData(scope: Construct, folder: string, files: readonly ArchiveFile[]): ArchiveFile[] {
  const found = new Map(files.map((file) => [file.path, file]));
  for (const { path: name } of dataOf(scope, files)) {
    const file = path.join(folder, name);
    checkLink(scope, file);
    if (!found.has(name) && fs.statSync(file, { throwIfNoEntry: false })?.isFile()) {
      const content = fileContent(file);
      checkSize(scope, file, content.size);
      found.set(name, { path: name, content });
    }
  }
  return [...found.values()];
}

/** The files of weights that the .onnx files at the root name. What is no model is somebody else's to refuse. */
function dataOf(scope: Construct, files: readonly ArchiveFile[]): NamedData[] {
  const data = files.filter(({ path: name }) => /^[^/]*\.onnx$/.test(name)).flatMap(({ path: onnx, content }) => {
    const model = readOnnxModel(content);
    return 'problem' in model ? [] : namedDataOf(onnx, model);
  });
  const problem = outsideProblem(data);
  if (problem !== undefined) {
    throw new ValidationError(scope, problem);
  }
  return data;
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

function checkTotal(scope: Construct, folder: string, files: readonly ArchiveFile[]): void {
  const total = files.reduce((sum, { content }) => sum + content.size, 0);
  if (total > MAX_BYTES) {
    throw new ValidationError(scope, `the files of a model must have at most ${MAX_BYTES} bytes together to be packed at synth, got ${total} in ${folder}; upload the archive yourself and import it (OnnxModel.fromOnnxModelAttributes, ModelSource.fromBucket)`);
  }
}

function checkSize(scope: Construct, file: string, size: number): void {
  if (size > MAX_BYTES) {
    throw new ValidationError(scope, `a file of a model must have at most ${MAX_BYTES} bytes to be packed at synth, got ${size}: ${file}; upload the archive yourself and use ModelSource.fromBucket`);
  }
}

function listFolder(scope: Construct, folder: string, prefix = '', above: readonly string[] = []): ArchiveFile[] {
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
    return stats.isFile() ? [{ path: `${prefix}${name}`, content: fileContent(file, stats.size) }] : [];
  });
}
