import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { installOnce } from './installed';

export interface Packages {
  /** Of the folder below `.local`. */
  readonly name: string;
  /** The interpreter of a virtual environment. The packages are for it, and it does not get them. */
  readonly python: string;
  /** With a hash for each. */
  readonly requirements: string;
  /** Adds to the packages, before anybody sees them: they are in `making`, and will be in `folder`. */
  readonly finish?: (making: string, folder: string) => void;
}

/** Installs packages from PyPI. Returns their folder, which is for PYTHONPATH. */
export async function installPackages({ name, python, requirements, finish }: Packages): Promise<string> {
  const environment = path.join(path.dirname(path.dirname(python)), 'pyvenv.cfg'); // it names the version of Python
  const digest = createHash('sha256').update(fs.readFileSync(requirements)).update(fs.readFileSync(environment)).digest('hex').slice(0, 16);
  return installOnce(name, digest, async (making, folder) => {
    const options = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--no-input', '--disable-pip-version-check', '--quiet'];
    await promisify(execFile)(python, ['-m', 'pip', 'install', ...options, '--target', making, '-r', requirements]);
    finish?.(making, folder);
  });
}
