import type { Construct } from 'constructs';
import type { ArchiveFile } from '../../private/archive/archive-file';
import { ValidationError } from '../../private/validation';

/** A pointer has less than this, https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const MAX_POINTER = 1024;
const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(.*\n)*oid sha256:/;

/** Fails where Git LFS has left its pointer in place of a file, as in a checkout without `git lfs`. */
export function checkNoLfsPointer(scope: Construct, files: readonly ArchiveFile[]): void {
  const pointer = files.find(({ content }) => content.length < MAX_POINTER && POINTER.test(content.toString('utf8')));
  if (pointer) {
    throw new ValidationError(scope, `${pointer.path} is a pointer of Git LFS, not the file that it stands for: fetch the files by 'git lfs pull'`);
  }
}
