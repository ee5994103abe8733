import { lchown, mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';

/** The user that the agent runs as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface WriteOptions {
  /** 0o644 if it is left out. */
  readonly mode?: number;
  readonly owner?: Owner;
}

/** Writes a file in one step: a reader sees the old content or the new one. */
export async function writeAtomically(file: string, content: string, options: WriteOptions = {}): Promise<void> {
  const temporary = `${file}.new`;
  await rm(temporary, { force: true }); // a left one may be read-only
  await writeFile(temporary, content, { mode: options.mode ?? 0o644, flag: 'wx' });
  if (options.owner !== undefined) {
    await lchown(temporary, options.owner.uid, options.owner.gid);
  }
  await rename(temporary, file);
}

/** Points a link elsewhere in one step. */
export async function relink(link: string, target: string): Promise<void> {
  if (await linkTarget(link) === target) {
    return;
  }
  const temporary = `${link}.new`;
  await rm(temporary, { force: true });
  await mkdir(path.dirname(link), { recursive: true });
  await symlink(target, temporary);
  await rename(temporary, link);
}

/** Where a link points, or undefined where there is none. */
export async function linkTarget(link: string): Promise<string | undefined> {
  try {
    return await readlink(link);
  } catch {
    return undefined;
  }
}
