import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHECKOUT } from '../../local/cloud/folder';
import { makeOnce } from '../../local/cloud/make-once';

/**
 * A folder below `.local` that is made once for this checkout, by the suite that comes first: whole or not at all.
 *
 * @param name of the folder
 * @param digest of all that goes into it
 * @param make fills `making`, which will be `folder`
 */
export async function installOnce(name: string, digest: string, make: (making: string, folder: string) => Promise<void>): Promise<string> {
  const folder = path.join(CHECKOUT, '.local', name, digest);
  await makeOnce(folder, () => fs.existsSync(folder), async () => {
    const making = `${folder}.making`;
    fs.rmSync(making, { recursive: true, force: true }); // of a suite that was killed or failed
    fs.mkdirSync(making);
    await make(making, folder);
    fs.renameSync(making, folder);
  });
  return folder;
}
