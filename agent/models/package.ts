import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../config/reader';
import { codeOf, failedPrecondition, messageOf, notFound } from '../status';
import { verifySignature } from './signature';
import type { CountedBaseline } from '../drift/counts';
import { BASELINE_FILE, BASELINE_MAX_BYTES, baselineId, parseBaseline } from '../../lib/model/private/drift-baseline';
import { MANIFEST_MAX_BYTES } from '../../lib/model/private/size-limits';
import type { ManifestFile, ManifestFileName, ManifestInput, SignatureFileName } from '../../lib/model/private/manifest-contract';

const MANIFEST: ManifestFileName = 'sagemaker_edge_manifest';
const SIGNATURE: SignatureFileName = 'sagemaker_edge_manifest.sig';

/** A package whose manifest and files are checked. The model file's digest is for its reader to check. */
export interface VerifiedPackage {
  readonly folder: string;
  readonly modelName: string;
  readonly modelVersion: string;
  readonly modelPath: string;
  readonly modelSha256: string;
  /** Digest over the paths and digests of all files. Two trainings of one network can differ in a weights file alone. */
  readonly contentSha256: string;
  /** All files together. */
  readonly totalBytes: number;
  /** Paths of all files but the model file, such as external weights that ONNX Runtime reads by path. */
  readonly otherFiles: readonly string[];
  /** By input: what the manifest says of its shape. */
  readonly inputShapes: ReadonlyMap<string, readonly number[]>;
  /** What its predictions are compared with. */
  readonly baseline?: CountedBaseline;
  readonly signedBy?: string;
}

interface Manifest {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly modelFile: string;
  readonly inputShapes: ReadonlyMap<string, readonly number[]>;
  readonly files: readonly ManifestFile[];
}

/**
 * Checks a package folder: the manifest, its signature where `roots` (PEM texts) holds any, and that the folder holds
 * the manifest's files, unchanged and no other. Every byte is hashed but the model file's: whoever loads that hashes
 * what it loads.
 */
export async function verifyPackage(folder: string, roots: readonly string[]): Promise<VerifiedPackage> {
  const manifestBytes = await readManifest(folder);
  const manifest = parseManifest(folder, manifestBytes);
  const found = await listFiles(folder, '');
  const signature = found.delete(SIGNATURE) ? await readFile(join(folder, SIGNATURE), 'utf8') : undefined;
  found.delete(MANIFEST);
  const signedBy = verifySignature(manifestBytes, signature, roots);
  let totalBytes = 0;
  for (const file of manifest.files) {
    const size = found.get(file.path);
    if (size === undefined) {
      throw failedPrecondition(`${folder}: ${file.path} is in the manifest and not in the folder`);
    }
    if (size !== file.size) {
      throw failedPrecondition(`${folder}: ${file.path} has ${size} bytes, the manifest says ${file.size}`);
    }
    found.delete(file.path);
    totalBytes += size;
  }
  const [extra] = found.keys();
  if (extra !== undefined) {
    throw failedPrecondition(`${folder}: ${extra} is not in the manifest; the folder must hold the package's files and no other`);
  }
  const otherFiles = manifest.files.filter((file) => file.path !== manifest.modelFile);
  for (const file of otherFiles) {
    checkDigest(join(folder, file.path), file.sha256, await sha256OfFile(join(folder, file.path)));
  }
  const model = manifest.files.find((file) => file.path === manifest.modelFile);
  if (model === undefined) {
    throw failedPrecondition(`${folder}: model_file ${manifest.modelFile} is not among the manifest's files`);
  }
  return {
    folder,
    totalBytes,
    modelName: manifest.modelName,
    modelVersion: manifest.modelVersion,
    modelPath: join(folder, model.path),
    modelSha256: model.sha256,
    contentSha256: contentDigest(manifest.files),
    otherFiles: otherFiles.map((file) => join(folder, file.path)),
    inputShapes: manifest.inputShapes,
    ...(signedBy === undefined ? {} : { signedBy }),
    ...await readBaseline(folder, otherFiles, model.sha256),
  };
}

/** A baseline of another model would see drift in each prediction. */
async function readBaseline(folder: string, files: readonly ManifestFile[], modelSha256: string): Promise<Pick<VerifiedPackage, 'baseline'>> {
  const file = files.find(({ path }) => path === BASELINE_FILE);
  if (file === undefined) {
    return {};
  }
  if (file.size > BASELINE_MAX_BYTES) {
    throw failedPrecondition(`${folder}: ${BASELINE_FILE} has ${file.size} bytes, a baseline has at most ${BASELINE_MAX_BYTES}`);
  }
  const baseline = parseBaseline(await readFile(join(folder, BASELINE_FILE), 'utf8'));
  if ('problem' in baseline) {
    throw failedPrecondition(`${folder}: ${BASELINE_FILE}: ${baseline.problem}`);
  }
  if (baseline.modelSha256 !== modelSha256) {
    throw failedPrecondition(`${folder}: ${BASELINE_FILE} was made of another model, with the SHA-256 ${baseline.modelSha256}, got ${modelSha256}`);
  }
  return { baseline: { id: baselineId(baseline), features: baseline.features } };
}

function contentDigest(files: readonly ManifestFile[]): string {
  const hash = createHash('sha256');
  for (const { path, sha256 } of [...files].sort((a, b) => a.path < b.path ? -1 : 1)) {
    hash.update(`${sha256} ${path}\n`);
  }
  return hash.digest('hex');
}

export function checkDigest(path: string, wanted: string, got: string): void {
  if (got !== wanted) {
    throw failedPrecondition(`${path}: SHA-256 is ${got}, the manifest says ${wanted}`);
  }
}

/** The PEM files of the roots folder. */
export async function readRoots(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.pem')).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

async function readManifest(folder: string): Promise<Buffer> {
  const info = await stat(folder).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) {
      throw notFound(`${folder}: no such folder`);
    }
    throw failedPrecondition(`${folder}: ${messageOf(error)}`);
  });
  if (!info.isDirectory()) {
    throw failedPrecondition(`${folder}: wanted the folder of an unpacked model package, got a file`);
  }
  const path = join(folder, MANIFEST);
  try {
    const { size } = await stat(path);
    if (size > MANIFEST_MAX_BYTES) {
      throw failedPrecondition(`${path}: ${size} bytes are more than a manifest may have`);
    }
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      throw failedPrecondition(`${folder}: not a model package: no ${MANIFEST} in it`);
    }
    throw error;
  }
}

function parseManifest(folder: string, bytes: Buffer): Manifest {
  let manifest: unknown;
  try {
    manifest = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw failedPrecondition(`${folder}: ${MANIFEST} is not JSON`);
  }
  const metadata = isRecord(manifest) ? manifest.metadata : undefined;
  if (!isRecord(manifest) || !isRecord(metadata)) {
    throw failedPrecondition(`${folder}: ${MANIFEST} has no metadata`);
  }
  const { model_name: modelName, model_version: modelVersion, runtime } = metadata;
  if (typeof modelName !== 'string' || typeof modelVersion !== 'string') {
    throw failedPrecondition(`${folder}: ${MANIFEST} names no model and version`);
  }
  const label = `${folder}: model ${modelName} ${modelVersion}`;
  checkRuntime(label, runtime);
  // These become parts of an object key and fields of a heartbeat.
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}$/.test(modelName) || !/^[a-zA-Z0-9 _.-]{1,64}$/.test(modelVersion)) {
    throw failedPrecondition(
      `${label}: wanted a name of letters, digits, hyphens and underscores, and a version of those, dots and blanks`,
    );
  }
  const { model_file: modelFile, files } = manifest;
  if (typeof modelFile !== 'string' || !Array.isArray(files)) {
    throw failedPrecondition(`${label}: the manifest has no model_file or no files`);
  }
  const inputShapes = parseInputs(label, manifest.inputs);
  return { modelName, modelVersion, modelFile, inputShapes, files: files.map((file: unknown) => parseFile(label, file)) };
}

/** They are a help for clients: a package of an earlier release has none. */
function parseInputs(label: string, inputs: unknown): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const input of Array.isArray(inputs) ? inputs : []) {
    if (!isInput(input)) {
      throw failedPrecondition(`${label}: wanted inputs of {name, shape}, got ${JSON.stringify(input)}`);
    }
    shapes.set(input.name, input.shape);
  }
  return shapes;
}

function isInput(value: unknown): value is ManifestInput {
  return isRecord(value) && typeof value.name === 'string'
    && Array.isArray(value.shape) && value.shape.every((dimension) => Number.isInteger(dimension));
}

function checkRuntime(label: string, runtime: unknown): void {
  if (runtime === undefined) {
    throw failedPrecondition(
      `${label} is a package of AWS's own packaging job (no runtime in its manifest): `
      + 'made for DLR, with a signature whose format is not published; this agent runs ONNX',
    );
  }
  if (runtime !== 'ONNX') {
    throw failedPrecondition(`${label} is made for the runtime ${JSON.stringify(runtime)}; this agent runs ONNX`);
  }
}

function parseFile(label: string, file: unknown): ManifestFile {
  if (isRecord(file)) {
    const { path, size, sha256 } = file;
    if (typeof path === 'string' && typeof size === 'number' && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) {
      return { path, size, sha256 };
    }
  }
  throw failedPrecondition(`${label}: wanted files of {path, size, sha256}, got ${JSON.stringify(file)}`);
}

/** Paths with sizes. Anything but folders and regular files is refused: a link could lead out of the package. */
async function listFiles(root: string, below: string): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      for (const [name, size] of await listFiles(root, path)) {
        files.set(name, size);
      }
    } else if (entry.isFile()) {
      files.set(path, (await stat(join(root, path))).size);
    } else {
      throw failedPrecondition(`${root}: ${path} is neither a file nor a folder`);
    }
  }
  return files;
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    if (Buffer.isBuffer(chunk)) {
      hash.update(chunk);
    }
  }
  return hash.digest('hex');
}
