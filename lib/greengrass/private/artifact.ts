import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_s3_assets as assets, FileSystem, type aws_iam as iam, type aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { shortHash } from '../../private/naming';
import { objectReadGrant } from '../../private/object-read-grant';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { writeChunks } from '../../private/archive/content';
import type { TextRule } from '../../private/validation';
import { validateText, ValidationError } from '../../private/validation';
import { checkFitsAssembly } from '../../private/archive/assembly-limit';
import { fitsZip, linkInZip, zipChunks, zipSize } from '../../private/archive/zip';

/** File names that need no escape in a URI or on the file system of any device. */
export const ARTIFACT_NAME: TextRule = {
  min: 1, max: 128, pattern: /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, wanted: 'letters, digits and _ . -, the first a letter or digit',
};

/** An artifact that is bound to a construct: where its bytes are, and what the recipe says of it. */
export interface BoundArtifact {
  /** Last part of the URI. What `NAME.zip` holds is unpacked to `{artifacts:decompressedPath}/NAME/`. */
  readonly fileName: string;
  readonly unarchive: boolean;
  /** NONE, OWNER or ALL, as `execute`. */
  readonly read: string;
  readonly execute: string;
  readonly bucket: s3.IBucket;
  readonly key: string;
  readonly objectVersion?: string;
  /** Changes with the content. */
  readonly fingerprint: string;
  /** This one object. */
  grantRead(grantee: iam.IGrantable): iam.Grant;
}

/** What the recipe says of an artifact. */
export type ArtifactTraits = Pick<BoundArtifact, 'fileName' | 'unarchive' | 'read' | 'execute'>;

/** A local file, or a zip or a folder that the device unpacks. */
export function assetArtifact(scope: Construct, id: string, source: string, traits: ArtifactTraits): BoundArtifact {
  refuseLinks(scope, source);
  return bindAsset(new assets.Asset(scope, id, { path: source }), traits);
}

/** A zip of `files`: the same bytes on each machine. */
export function zipArtifact(
  scope: Construct, id: string, files: readonly ArchiveFile[], traits: Omit<ArtifactTraits, 'unarchive'>,
): BoundArtifact {
  if (!fitsZip(files)) {
    throw new ValidationError(scope, `${traits.fileName} must have less than 4 GiB and 65536 files, got more`);
  }
  checkFitsAssembly(scope, traits.fileName, zipSize(files));
  const folder = FileSystem.mkdtemp('cdk-sagemaker-edge-');
  let staged = true;
  try {
    const file = path.join(folder, traits.fileName);
    writeChunks(file, zipChunks(files));
    const asset = new assets.Asset(scope, id, { path: file });
    staged = path.resolve(asset.assetPath) !== file; // with staging disabled, the CLI uploads from here
    return bindAsset(asset, { ...traits, unarchive: true });
  } finally {
    if (staged) {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** An object that is in S3 already. */
export function objectArtifact(
  bucket: s3.IBucket, key: string, fingerprint: string, traits: ArtifactTraits, objectVersion?: string,
): BoundArtifact {
  const byVersion = objectVersion !== undefined;
  return {
    ...traits,
    bucket,
    key,
    fingerprint,
    ...(byVersion ? { objectVersion } : {}),
    grantRead: (grantee) => objectReadGrant(grantee, bucket, bucket.arnForObjects(key), { byVersion }),
  };
}

/** The name of an artifact on a device. */
export interface ArtifactName {
  readonly fileName: string;
  readonly archive: boolean;
}

/** The name of the file that a device gets for `source`. */
export function artifactName(scope: Construct, source: string, name: string | undefined): ArtifactName {
  const stats = fs.statSync(source, { throwIfNoEntry: false });
  if (!stats) {
    throw new ValidationError(scope, `an artifact must be a file or a folder, got '${source}', where there is none (looked at ${path.resolve(source)})`);
  }
  const archive = stats.isDirectory() || source.endsWith('.zip');
  const base = name ?? path.basename(path.resolve(source), '.zip');
  validateText(scope, 'name of an artifact', base, ARTIFACT_NAME);
  return { fileName: archive ? `${base}.zip` : base, archive };
}

function bindAsset(asset: assets.Asset, traits: ArtifactTraits): BoundArtifact {
  const { bucket, s3ObjectKey: key, assetHash } = asset;
  const grantRead = (grantee: iam.IGrantable): iam.Grant => objectReadGrant(grantee, bucket, bucket.arnForObjects(key));
  return { ...traits, bucket, key, fingerprint: assetHash, grantRead };
}

/** The nucleus unpacks a symbolic link as a text file that names its target. */
function refuseLinks(scope: Construct, source: string): void {
  if (!fs.statSync(source).isDirectory()) {
    const link = source.endsWith('.zip') ? linkInZip(fs.readFileSync(source)) : undefined;
    if (link !== undefined) {
      throw new ValidationError(scope, `an artifact must hold no symbolic link, which the nucleus would unpack as a text file, got ${link} in ${source}`);
    }
    return;
  }
  for (const entry of fs.readdirSync(source, { withFileTypes: true })) {
    const file = path.join(source, entry.name);
    if (entry.isSymbolicLink()) {
      throw new ValidationError(scope, `an artifact must hold no symbolic link, which the nucleus would unpack as a text file, got ${file}`);
    }
    if (entry.isDirectory()) {
      refuseLinks(scope, file);
    }
  }
}

/** What the derived version of a component takes of an artifact. */
export function artifactFingerprint({ fileName, fingerprint, objectVersion }: BoundArtifact): string {
  return shortHash(`${fileName}\n${fingerprint}\n${objectVersion ?? ''}`, 64);
}
