import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';

/** Not the system's folder for temporary files: TMPDIR may itself be long. */
const FOLDER = '/tmp';

/**
 * A second, short path of a folder. The path of a Unix socket has at most 107 bytes, and a checkout may be anywhere.
 * It has as many bytes as `/greengrass/v2`: a component has as much room here as on a real device.
 */
export class ShortPath {
  /** Makes the folder too. */
  public static to(folder: string): ShortPath {
    fs.mkdirSync(folder, { recursive: true });
    sweep();
    for (;;) {
      const link = `${FOLDER}/edge${randomBytes(4).toString('base64url').slice(0, 5)}`;
      try {
        fs.symlinkSync(folder, link);
        return new ShortPath(link, folder);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
          throw error;
        }
      }
    }
  }

  private constructor(public readonly path: string, private readonly folder: string) {}

  /** The folder goes with it. */
  public remove(): void {
    fs.rmSync(this.path, { force: true });
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Links of a local cloud that was killed: their folders are gone. */
function sweep(): void {
  for (const name of fs.readdirSync(FOLDER).filter((entry) => /^edge[\w-]{5}$/.test(entry))) {
    const link = `${FOLDER}/${name}`;
    const found = fs.lstatSync(link, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() === true && found.uid === process.getuid?.() && !fs.existsSync(link)) {
      fs.rmSync(link, { force: true });
    }
  }
}
