import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHECKOUT } from '../../local/cloud/folder';

/**
 * A folder below `.local` that is made once for this checkout, whichever suite comes first: whole or not at all, since another suite may
 * make it at the same time.
 *
 * @param name of the folder
 * @param digest of all that goes into it
 * @param make fills `making`, which will be `folder`
 */
export async function installOnce(name: string, digest: string, make: (making: string, folder: string) => Promise<void>): Promise<string> {
  const folder = path.join(CHECKOUT, '.local', name, digest);
  if (fs.existsSync(folder)) {
    return folder;
  }
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  const making = fs.mkdtempSync(`${folder}-`);
  try {
    await make(making, folder);
    fs.renameSync(making, folder);
  } catch (error) {
    fs.rmSync(making, { recursive: true, force: true });
    if (!fs.existsSync(folder)) { // it is there: the other suite was faster
      throw error;
    }
  }
  return folder;
}
