import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { LocalFolder } from '../../local/cloud/folder';

/** A local cloud's folder of a test's own; shares nothing. */
export function temporaryFolder(): LocalFolder & { remove(): void } {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'local-cloud-'));
  const folder = new LocalFolder(root);
  for (const made of [folder.tmp, folder.home, folder.logs]) { fs.mkdirSync(made, { recursive: true }); }
  return Object.assign(folder, { remove: () => { fs.rmSync(root, { recursive: true, force: true }); } });
}
