import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT, LocalFolder } from '../../local/cloud/folder';
import type { TestCloud } from './harness';

const REQUIREMENTS = path.join(__dirname, 'aws-cli', 'requirements.txt');

export interface CommandResult { readonly code: number | null; readonly output: string }

/** The AWS CLI as itself, in a shell: commands that the docs and the constructs print are run as they stand. */
export class AwsCli {
  private constructor(private readonly folder: string) {}

  /** Installs it once for this checkout, whichever suite comes first. */
  public static async install(): Promise<AwsCli> {
    const digest = createHash('sha256').update(fs.readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
    const folder = path.join(CHECKOUT, '.local', 'aws-cli', digest);
    if (!fs.existsSync(folder)) {
      await installInto(folder);
    }
    return new AwsCli(folder);
  }

  /** Runs a shell command as the root user of a cloud. */
  public async run(cloud: TestCloud, command: string): Promise<CommandResult> {
    const { environment } = cloud;
    const env = { ...environment, PATH: `${this.folder}${path.delimiter}${environment.PATH ?? ''}` };
    return new Promise((resolve) => {
      const child = execFile('sh', ['-c', command], { env, cwd: cloud.cloud.folder.root }, (_, stdout, stderr) => {
        resolve({ code: child.exitCode, output: stdout + stderr });
      });
    });
  }
}

/** Whole or not at all: another suite may do the same at this time. */
async function installInto(folder: string): Promise<void> {
  const { python } = LocalFolder.at();
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  const making = fs.mkdtempSync(`${folder}-`);
  try {
    const options = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--no-input', '--disable-pip-version-check', '--quiet'];
    await promisify(execFile)(python, ['-m', 'pip', 'install', ...options, '--target', making, '-r', REQUIREMENTS]);
    const program = `#!/bin/sh\nPYTHONPATH='${folder}' exec '${python}' -m awscli "$@"\n`;
    fs.writeFileSync(path.join(making, 'aws'), program, { mode: 0o755 });
    fs.renameSync(making, folder);
  } catch (error) {
    fs.rmSync(making, { recursive: true, force: true });
    if (!fs.existsSync(folder)) { // it is there: the other suite was faster
      throw error;
    }
  }
}
