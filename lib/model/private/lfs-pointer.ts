import { wholeOf } from '../../private/archive/content';
import type { Content } from '../../private/archive/archive-file';

/** A pointer has less than this, https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const MAX_POINTER = 1024;
const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(.*\n)*oid sha256:/;

/** Whether Git LFS has left its pointer in place of a file, as in a checkout without `git lfs`. */
export function lfsPointerProblem(files: readonly { readonly path: string; readonly content: Content }[]): string | undefined {
  const pointer = files.find(({ content }) => content.size < MAX_POINTER && POINTER.test(wholeOf(content).toString('utf8')));
  return pointer && `${pointer.path} is a pointer of Git LFS, not the file that it stands for: fetch the files by 'git lfs pull'`;
}
