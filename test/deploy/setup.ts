import * as fs from 'node:fs';
import { buildAssets } from '../../local/cloud/assets';
import { LocalFolder } from '../../local/cloud/folder';
import { ensureCertificates, ensurePython } from '../../local/cloud/python';
import { Session } from '../../local/cloud/session';
import { areAssetsStale } from './stale-assets';

/** What the suites share is made before they run beside each other. */
export default async function setup(): Promise<void> {
  const folder = LocalFolder.at();
  const session = new Session();
  folder.make();
  fs.mkdirSync(folder.tmp, { recursive: true });
  try {
    if (areAssetsStale()) { // a developer has edited a file since: its bundle would be tested as it was
      await buildAssets(session, folder);
    }
    await ensurePython(session, folder, (line) => {
      console.log(line);
    });
    await ensureCertificates(session, folder);
  } finally {
    await session.stopAll();
    fs.rmSync(folder.tmp, { recursive: true, force: true });
  }
}
