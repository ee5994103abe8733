import { execFile } from 'node:child_process';
import { isNamed } from '../service/errors';

/** git as itself, with no settings but those of the repository. */
export function gitEnvironment(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, LANG: 'C', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
}

/** What git says on its standard output. Undefined where it ends with an error: what was asked for is not there. */
export async function askGit(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile('git', ['-C', folder, ...args], { env: gitEnvironment(), maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      if (error && isNamed(error, 'ENOENT', 'EACCES')) {
        reject(new Error('the local cloud needs git for repositories of CodeCommit, and there is none in PATH: install git'));
        return;
      }
      resolve(error ? undefined : stdout);
    });
  });
}

/** The same, for what must work. */
export async function tellGit(folder: string, ...args: readonly string[]): Promise<void> {
  if (await askGit(folder, ...args) === undefined) {
    throw new Error(`git ${args.join(' ')} failed in ${folder}`);
  }
}
