import type { Construct } from 'constructs';
import { archiveFile, digestOf, wholeOf } from '../../private/archive/content';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { ValidationError } from '../../private/validation';
import { MANIFEST, packageManifest, type PackageIdentity } from './model-manifest';

/** The files of a model package, with a manifest. One that the user wrote (and maybe signed) stays as it is, if it is right. */
export function packageFiles(scope: Construct, files: readonly ArchiveFile[], modelFile: string, identity: PackageIdentity): ArchiveFile[] {
  const described = files.map(({ path, content }) => ({ path, size: content.size, sha256: digestOf(content) }));
  const own = files.find(({ path }) => path === MANIFEST)?.content;
  const result = packageManifest(described, modelFile, identity, own && wholeOf(own));
  if ('problem' in result) {
    throw new ValidationError(scope, result.problem);
  }
  return [...files, ...result.manifest ? [archiveFile({ path: MANIFEST, content: result.manifest })] : []];
}
