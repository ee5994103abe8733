import { listed } from './archive-rules';
import { MANIFEST_MAX_BYTES } from './size-limits';
import type { ManifestFile, ManifestFileName, ManifestInput, ModelManifest, SignatureFileName } from './manifest-contract';

export const MANIFEST: ManifestFileName = 'sagemaker_edge_manifest';
const SIGNATURE: SignatureFileName = 'sagemaker_edge_manifest.sig';

/** Who the model is. */
export interface PackageIdentity {
  readonly modelName: string;
  readonly modelVersion: string;
  /** Inputs that the user named, with their shapes: the agent tells clients of them where the model leaves dimensions open. */
  readonly inputs?: readonly ManifestInput[];
}

/** The manifest that goes into a package; `undefined` where the files hold one that is right. Or what is wrong with the files. */
export type PackageManifest = { readonly manifest: Buffer | undefined } | { readonly problem: string };

/**
 * The manifest of a package of `files`. It is used at synth and in the handler: it must not import aws-cdk-lib.
 *
 * @param own the manifest among the files, which the user wrote (and maybe signed): it stays as it is, if it is right
 */
export function packageManifest(
  files: readonly ManifestFile[], modelFile: string, identity: PackageIdentity, own: Buffer | undefined,
): PackageManifest {
  if (own && own.length > MANIFEST_MAX_BYTES) {
    return { problem: `${MANIFEST} must have at most ${MANIFEST_MAX_BYTES} bytes, got ${own.length}` };
  }
  const content = files.filter(({ path }) => path !== MANIFEST && path !== SIGNATURE);
  const sorted = [...content].sort((a, b) => a.path < b.path ? -1 : 1);
  const manifest: ModelManifest = {
    metadata: { model_name: identity.modelName, model_version: identity.modelVersion, runtime: 'ONNX' },
    model_file: modelFile,
    ...identity.inputs === undefined || identity.inputs.length === 0 ? {} : { inputs: identity.inputs },
    files: sorted.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
  };
  if (own) {
    const problem = ownManifestProblem(own, manifest);
    return problem === undefined ? { manifest: undefined } : { problem };
  }
  if (content.length < files.length) {
    return { problem: `${SIGNATURE} must be beside the manifest that it signs, ${MANIFEST}, got ${listed(files) ?? ''}` };
  }
  const made = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
  return made.length > MANIFEST_MAX_BYTES
    ? { problem: `the manifest of a model must have at most ${MANIFEST_MAX_BYTES} bytes, got ${made.length} for ${content.length} files: give fewer files, or shorter paths` }
    : { manifest: made };
}

/** An order of its own and further keys are the user's affair. */
function ownManifestProblem(bytes: Buffer, wanted: ModelManifest): string | undefined {
  const got = parse(bytes);
  if (!got) {
    return `${MANIFEST} must be JSON, got '${bytes.toString('utf8').slice(0, 40)}'`;
  }
  const metadata = record(got.metadata);
  const gotFiles = (Array.isArray(got.files) ? got.files : []).map(record);
  const entries = (wanted.files ?? []).map(({ path, size, sha256 }): [string, unknown, unknown] => {
    const file = gotFiles.find((candidate) => candidate.path === path);
    return [`the entry of ${path} among files`, { path, size, sha256 }, file && { path: file.path, size: file.size, sha256: file.sha256 }];
  });
  const compared: [string, unknown, unknown][] = [
    ['metadata.model_name', wanted.metadata.model_name, metadata.model_name],
    ['metadata.model_version', wanted.metadata.model_version, metadata.model_version],
    ['metadata.runtime', wanted.metadata.runtime, metadata.runtime],
    ['model_file', wanted.model_file, got.model_file],
    ...entries,
    ['the number of files', wanted.files?.length, gotFiles.length],
  ];
  const different = compared.find(([, wantedValue, gotValue]) => JSON.stringify(wantedValue) !== JSON.stringify(gotValue));
  if (!different) {
    return undefined;
  }
  const [what, wantedValue, gotValue] = different;
  const shown = gotValue === undefined ? 'nothing' : JSON.stringify(gotValue);
  return `${what} in ${MANIFEST} must be ${JSON.stringify(wantedValue)}, got ${shown}`;
}

function parse(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
