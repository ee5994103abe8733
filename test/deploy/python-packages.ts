import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT } from '../../local/cloud/folder';

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

/** Installs packages from PyPI once for this checkout, whichever suite comes first. Returns their folder, which is for PYTHONPATH. */
export async function installPackages(packages: Packages): Promise<string> {
  const { name, python, requirements } = packages;
  const environment = path.join(path.dirname(path.dirname(python)), 'pyvenv.cfg'); // it names the version of Python
  const digest = createHash('sha256').update(fs.readFileSync(requirements)).update(fs.readFileSync(environment)).digest('hex').slice(0, 16);
  const folder = path.join(CHECKOUT, '.local', name, digest);
  if (!fs.existsSync(folder)) {
    await installInto(folder, packages);
  }
  return folder;
}

/** Whole or not at all: another suite may do the same at this time. */
async function installInto(folder: string, { finish, python, requirements }: Packages): Promise<void> {
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  const making = fs.mkdtempSync(`${folder}-`);
  try {
    const options = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--no-input', '--disable-pip-version-check', '--quiet'];
    await promisify(execFile)(python, ['-m', 'pip', 'install', ...options, '--target', making, '-r', requirements]);
    finish?.(making, folder);
    fs.renameSync(making, folder);
  } catch (error) {
    fs.rmSync(making, { recursive: true, force: true });
    if (!fs.existsSync(folder)) { // it is there: the other suite was faster
      throw error;
    }
  }
}
