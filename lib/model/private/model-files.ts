import * as fs from 'node:fs';
import * as path from 'node:path';
import { FileSystem, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { gunzipFile } from '../../private/archive/gunzip';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { fileContent } from '../../private/archive/content';
import { readTar } from '../../private/archive/tar';
import { ValidationError } from '../../private/validation';
import { namedDataOf, outsideProblem, type NamedData } from './onnx-data-files';
import { readOnnxModel } from './onnx-model-file';
import { MODEL_MAX_BYTES, MODEL_MAX_FILES, tooLargeProblem, tooManyProblem } from './size-limits';

/** What a path to a model holds. */
export interface ModelFiles {
  readonly files: ArchiveFile[];
  /** The archive, if the path leads to one. */
  readonly archive?: string;
}

/** What an archive has beside its files: a header and padding each, and the long names. */
const ARCHIVE_OVERHEAD = 64 * 1024 ** 2;

/** Reads a model file, a folder or a tar.gz. What `use` gets is there until it returns: an archive is unpacked for that time. */
export function withModelFiles<T>(scope: Construct, source: string, use: (model: ModelFiles) => T): T {
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
    if (files.length === 0) {
      throw new ValidationError(scope, `the folder of a model must hold files (those whose name begins with a dot do not count), got none in '${source}' (looked at ${path.resolve(source)})`);
    }
    return use({ files: checked(scope, source, withExternalData(scope, source, files)) });
  }
  if (!/\.(tar\.gz|tgz)$/.test(source)) {
    const file = { path: path.basename(source), content: fileContent(source) };
    return use({ files: checked(scope, source, withExternalData(scope, path.dirname(source), [file])) });
  }
  const folder = FileSystem.mkdtemp('cdk-sagemaker-edge-');
  try {
    const tar = path.join(folder, 'model.tar');
    const files = checked(scope, source, readArchive(scope, source, tar));
    return use({ files, archive: source });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The files of an archive, which is unpacked to `tar`. */
function readArchive(scope: Construct, source: string, tar: string): ArchiveFile[] {
  const result = gunzipFile(path.resolve(source), tar, MODEL_MAX_BYTES + ARCHIVE_OVERHEAD);
  if (result === 'too large') {
    throw new ValidationError(scope, tooLargeProblem(source, 'more'));
  }
  const files = result === 'unpacked' ? readTar(fileContent(tar)) : undefined;
  if (!files) {
    throw new ValidationError(scope, `${source} must be a tar archive compressed by gzip, got a file that ${result === 'unpacked' ? 'gzip can read, but tar cannot' : 'gzip cannot read'}`);
  }
  return files;
}

/** Fails where the files are more than a device takes. */
function checked(scope: Construct, source: string, files: ArchiveFile[]): ArchiveFile[] {
  const total = files.reduce((sum, { content }) => sum + content.size, 0);
  if (total > MODEL_MAX_BYTES) {
    throw new ValidationError(scope, tooLargeProblem(source, `${total} bytes`));
  }
  if (files.length > MODEL_MAX_FILES) {
    throw new ValidationError(scope, tooManyProblem(source, String(files.length)));
  }
  return files;
}

/** A model's weights lie beside it, also where it was given as one file, or where their name begins with a dot. */
function withExternalData(scope: Construct, folder: string, files: readonly ArchiveFile[]): ArchiveFile[] {
  const found = new Map(files.map((file) => [file.path, file]));
  for (const { path: name } of dataOf(scope, files)) {
    const file = path.join(folder, name);
    checkLink(scope, file);
    if (!found.has(name) && fs.statSync(file, { throwIfNoEntry: false })?.isFile()) {
      found.set(name, { path: name, content: fileContent(file) });
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
