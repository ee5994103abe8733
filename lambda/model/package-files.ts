import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { ArchiveFile } from '../../lib/private/archive/archive-file';
import { fileContent } from '../../lib/private/archive/content';
import { storedGzip } from '../../lib/private/archive/gzip';
import { tarChunks } from '../../lib/private/archive/tar';
import { MANIFEST, packageManifest } from '../../lib/model/private/model-manifest';
import { namedShapes } from '../../lib/model/private/onnx-check';
import { packagedModel } from '../../lib/model/private/onnx-package-check';
import { MANIFEST_MAX_BYTES } from '../../lib/model/private/size-limits';
import type { PackageRequest } from './parse';
import { ModelProblem } from './problem';
import type { StoredFile } from './source-files';

/** Checks the files as it is done at synth, and adds the manifest. */
export async function completeFiles(files: readonly StoredFile[], request: PackageRequest, folder: string): Promise<StoredFile[]> {
  const name = request.source.key;
  const { modelName, modelVersion, inputs } = request;
  const packaged = packagedModel(files.map(archiveFileOf), inputs);
  if ('problem' in packaged) {
    throw new ModelProblem(`${name}: ${packaged.problem}`);
  }
  const own = await ownManifest(files, name);
  const made = packageManifest(files, packaged.modelFile, { modelName, modelVersion, inputs: namedShapes(inputs) }, own);
  if ('problem' in made) {
    throw new ModelProblem(`${name}: ${made.problem}`);
  }
  if (made.manifest === undefined) {
    return [...files];
  }
  const storedAt = path.join(folder, MANIFEST);
  await writeFile(storedAt, made.manifest);
  return [...files, { path: MANIFEST, size: made.manifest.length, sha256: '', storedAt }];
}

/** The bytes of the package: the same as `OnnxModel` makes of the same files at synth. */
export function packageBytes(files: readonly StoredFile[]): Iterable<Buffer> {
  return storedGzip(tarChunks(files.map(archiveFileOf)));
}

function archiveFileOf({ path: name, storedAt, size }: StoredFile): ArchiveFile {
  return { path: name, content: fileContent(storedAt, size) };
}

async function ownManifest(files: readonly StoredFile[], name: string): Promise<Buffer | undefined> {
  const file = files.find((candidate) => candidate.path === MANIFEST);
  if (file !== undefined && file.size > MANIFEST_MAX_BYTES) {
    throw new ModelProblem(`${name}: ${MANIFEST} must have at most ${MANIFEST_MAX_BYTES} bytes, got ${file.size}`);
  }
  return file && readFile(file.storedAt);
}
