import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { MANIFEST, packageManifest, type PackageIdentity } from './model-manifest';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { ValidationError } from '../../private/validation';

/** The files of a model package, with a manifest. One that the user wrote (and maybe signed) stays as it is, if it is right. */
export function packageFiles(scope: Construct, files: readonly ArchiveFile[], modelFile: string, identity: PackageIdentity): ArchiveFile[] {
  const described = files.map(({ path, content }) => ({ path, size: content.length, sha256: sha256(content) }));
  const result = packageManifest(described, modelFile, identity, files.find(({ path }) => path === MANIFEST)?.content);
  if ('problem' in result) {
    throw new ValidationError(scope, result.problem);
  }
  return [...files, ...result.manifest ? [{ path: MANIFEST, content: result.manifest }] : []];
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
