import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { LocalFolder } from '../../local/cloud/folder';
import type { TestCloud } from './harness';
import { installPackages } from './python-packages';

const REQUIREMENTS = path.join(__dirname, 'aws-cli', 'requirements.txt');

export interface CommandResult { readonly code: number | null; readonly output: string }

/** The AWS CLI as itself, in a shell: commands that the docs and the constructs print are run as they stand. */
export class AwsCli {
  private constructor(private readonly folder: string) {}

  /** Installs it once for this checkout, whichever suite comes first. */
  public static async install(): Promise<AwsCli> {
    const { python } = LocalFolder.at();
    return new AwsCli(await installPackages({
      name: 'aws-cli', python, requirements: REQUIREMENTS,
      finish: (making, folder) => {
        const program = `#!/bin/sh\nPYTHONPATH='${folder}' exec '${python}' -m awscli "$@"\n`;
        fs.writeFileSync(path.join(making, 'aws'), program, { mode: 0o755 });
      },
    }));
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
