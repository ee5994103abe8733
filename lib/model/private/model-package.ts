import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { listed } from './archive-rules';
import type { ManifestFileName, ManifestInput, ModelManifest, SignatureFileName } from './manifest-contract';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { ValidationError } from '../../private/validation';

const MANIFEST: ManifestFileName = 'sagemaker_edge_manifest';
const SIGNATURE: SignatureFileName = 'sagemaker_edge_manifest.sig';

/** Who the model is. */
export interface PackageIdentity {
  readonly modelName: string;
  readonly modelVersion: string;
  /** Inputs that the user named, with their shapes: the agent tells clients of them where the model leaves dimensions open. */
  readonly inputs?: readonly ManifestInput[];
}

/** The files of a model package, with a manifest. One that the user wrote (and maybe signed) stays as it is, if it is right. */
export function packageFiles(scope: Construct, files: readonly ArchiveFile[], modelFile: string, identity: PackageIdentity): ArchiveFile[] {
  const content = files.filter(({ path }) => path !== MANIFEST && path !== SIGNATURE);
  const sorted = [...content].sort((a, b) => a.path < b.path ? -1 : 1);
  const manifest: ModelManifest = {
    metadata: { model_name: identity.modelName, model_version: identity.modelVersion, runtime: 'ONNX' },
    model_file: modelFile,
    ...identity.inputs === undefined || identity.inputs.length === 0 ? {} : { inputs: identity.inputs },
    files: sorted.map((file) => ({ path: file.path, size: file.content.length, sha256: sha256(file.content) })),
  };
  const own = files.find(({ path }) => path === MANIFEST);
  if (own) {
    checkOwnManifest(scope, own.content, manifest);
    return [...files];
  }
  if (content.length < files.length) {
    throw new ValidationError(scope, `${SIGNATURE} must be beside the manifest that it signs, ${MANIFEST}, got ${listed(files) ?? ''}`);
  }
  return [...content, { path: MANIFEST, content: Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`) }];
}

/** An order of its own and further keys are the user's affair. */
function checkOwnManifest(scope: Construct, bytes: Buffer, wanted: ModelManifest): void {
  const got = parse(scope, bytes);
  const compare = (what: string, wantedValue: unknown, gotValue: unknown): void => {
    if (JSON.stringify(wantedValue) !== JSON.stringify(gotValue)) {
      const shown = gotValue === undefined ? 'nothing' : JSON.stringify(gotValue);
      throw new ValidationError(scope, `${what} in ${MANIFEST} must be ${JSON.stringify(wantedValue)}, got ${shown}`);
    }
  };
  const metadata = record(got.metadata);
  compare('metadata.model_name', wanted.metadata.model_name, metadata.model_name);
  compare('metadata.model_version', wanted.metadata.model_version, metadata.model_version);
  compare('metadata.runtime', wanted.metadata.runtime, metadata.runtime);
  compare('model_file', wanted.model_file, got.model_file);
  const gotFiles = (Array.isArray(got.files) ? got.files : []).map(record);
  for (const { path, size, sha256: digest } of wanted.files ?? []) {
    const file = gotFiles.find((candidate) => candidate.path === path);
    const entry = file && { path: file.path, size: file.size, sha256: file.sha256 };
    compare(`the entry of ${path} among files`, { path, size, sha256: digest }, entry);
  }
  compare('the number of files', wanted.files?.length, gotFiles.length);
}

function parse(scope: Construct, bytes: Buffer): Record<string, unknown> {
  try {
    return record(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw new ValidationError(scope, `${MANIFEST} must be JSON, got '${bytes.toString('utf8').slice(0, 40)}'`);
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
