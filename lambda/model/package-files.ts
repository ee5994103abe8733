import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { gzipStoredStream } from '../../lib/private/archive/gzip';
import { inTarOrder, padding, tarHead, TAR_END } from '../../lib/private/archive/tar';
import { pickArchiveFiles } from '../../lib/model/private/archive-rules';
import { MANIFEST, packageManifest } from '../../lib/model/private/model-manifest';
import { checkedOnnx, namedShapes } from '../../lib/model/private/onnx-check';
import { WireError } from '../../lib/model/private/protobuf-wire';
import { withoutWeights } from './onnx-signature';
import type { PackageRequest } from './parse';
import { ModelProblem } from './problem';
import type { StoredFile } from './source-files';

const MOST_MANIFEST_BYTES = 16 * 1024 ** 2;

/** Checks the files as it is done at synth, and adds the manifest. */
export async function completeFiles(files: readonly StoredFile[], request: PackageRequest, folder: string): Promise<StoredFile[]> {
  const name = request.source.key;
  const result = pickArchiveFiles('ONNX', files);
  if ('problem' in result) {
    throw new ModelProblem(`${name}: ${result.problem}`);
  }
  for (const file of result.picked) {
    checkModel(file, request, name);
  }
  const modelFile = result.picked.map((file) => file.path).join(); // there is exactly one
  const { modelName, modelVersion, inputs } = request;
  const own = await ownManifest(files, name);
  const made = packageManifest(files, modelFile, { modelName, modelVersion, inputs: namedShapes(inputs) }, own);
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
export function packageBytes(files: readonly StoredFile[]): AsyncIterable<Buffer> {
  return gzipStoredStream(tarBytes(files));
}

async function* tarBytes(files: readonly StoredFile[]): AsyncGenerator<Buffer> {
  for (const file of inTarOrder(files)) {
    yield* tarHead(file.path, file.size);
    for await (const chunk of createReadStream(file.storedAt, { highWaterMark: 1024 ** 2 })) {
      yield bufferOf(chunk);
    }
    yield padding(file.size);
  }
  yield TAR_END;
}

function bufferOf(chunk: unknown): Buffer {
  if (!Buffer.isBuffer(chunk)) {
    throw new Error('a file was not read as bytes');
  }
  return chunk;
}

function checkModel({ path: file, storedAt }: StoredFile, { inputs }: PackageRequest, name: string): void {
  const model = checkedOnnx(file, condensed(file, storedAt, name), inputs);
  if ('problem' in model) {
    throw new ModelProblem(`${name}: ${model.problem}`);
  }
}

function condensed(file: string, storedAt: string, name: string): Buffer {
  try {
    return withoutWeights(storedAt);
  } catch (error) {
    throw error instanceof WireError ? new ModelProblem(`${name}: ${file} is not an ONNX model: ${error.message}`, { cause: error }) : error;
  }
}

async function ownManifest(files: readonly StoredFile[], name: string): Promise<Buffer | undefined> {
  const file = files.find((candidate) => candidate.path === MANIFEST);
  if (file !== undefined && file.size > MOST_MANIFEST_BYTES) {
    throw new ModelProblem(`${name}: ${MANIFEST} must have at most ${MOST_MANIFEST_BYTES} bytes, got ${file.size}`);
  }
  return file && readFile(file.storedAt);
}
