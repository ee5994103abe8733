import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { installOnce } from './installed';

const SOURCES = path.join(__dirname, 'browser');
const FILES = ['package.json', 'package-lock.json', 'prepare.mjs', 'visit.mjs'];
const UNPACKED = 'unpacked';

/** A page, once its scripts have run. */
export interface Visit {
  readonly status: number;
  /** What it and all that it has asked for was answered, whether or not it may read the answer. */
  readonly answers: readonly { readonly url: string; readonly method: string; readonly status: number }[];
  /** As a person reads it. */
  readonly text: string;
  /** Of each canvas, whether anything is drawn. */
  readonly canvases: readonly boolean[];
  /** The width of each picture. 0: it is not shown. */
  readonly pictures: readonly number[];
  /** What the browser complains of: errors of scripts, and what a policy or a server refused. */
  readonly complaints: readonly string[];
}

/**
 * Chromium as itself, from npm, with the system libraries that it needs: nothing of the machine's. It is for Linux on x86_64. Elsewhere,
 * and wherever another one is wanted, CHROMIUM names the program.
 */
export class Browser {
  private constructor(private readonly folder: string) {}

  public static async install(): Promise<Browser> {
    if (process.env.CHROMIUM === undefined && `${process.platform} ${process.arch}` !== 'linux x64') {
      throw new Error(`there is no Chromium from npm for ${process.platform} on ${process.arch}: name one of yours in CHROMIUM`);
    }
    const digest = createHash('sha256');
    FILES.forEach((file) => digest.update(fs.readFileSync(path.join(SOURCES, file))));
    return new Browser(await installOnce('browser', digest.digest('hex').slice(0, 16), async (making) => {
      FILES.forEach((file) => {
        fs.copyFileSync(path.join(SOURCES, file), path.join(making, file));
      });
      await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: making });
      const TMPDIR = path.join(making, UNPACKED);
      fs.mkdirSync(TMPDIR);
      // The package unpacks its system libraries where this variable says that it is in a Lambda function.
      const env = { ...process.env, TMPDIR, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
      await promisify(execFile)(process.execPath, ['prepare.mjs'], { cwd: making, env });
    }));
  }

  /**
   * Opens a page, as somebody who enters its address.
   *
   * @param hosts names that lead to this machine, as those that an attacker has rebound
   */
  public async visit(url: string, hosts: readonly string[] = []): Promise<Visit> {
    const unpacked = path.join(this.folder, UNPACKED);
    const libraries = { LD_LIBRARY_PATH: path.join(unpacked, 'al2023', 'lib'), FONTCONFIG_PATH: path.join(unpacked, 'fonts') };
    const { CHROMIUM } = process.env;
    const env = { ...process.env, ...CHROMIUM === undefined ? libraries : {} };
    const order = JSON.stringify({ executablePath: CHROMIUM ?? path.join(unpacked, 'chromium'), url, hosts });
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(this.folder, 'visit.mjs'), order], { env });
    return JSON.parse(stdout) as Visit;
  }
}
