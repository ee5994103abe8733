import * as fs from 'node:fs';
import * as path from 'node:path';
import { inCheckout } from '../../local/cloud/folder';

/** What the bundles are made of, in a checkout. */
const SOURCES = ['agent', 'cli', 'experiment-job', 'lambda', 'load-test', 'local', 'package-lock.json', 'scripts'];
/** What the build writes last. */
const LAST = inCheckout('assets', 'THIRD-PARTY-LICENSES.txt');

/** Whether a source has changed since the assets were built. */
export function areAssetsStale(): boolean {
  const built = fs.statSync(LAST, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return SOURCES.some((source) => newest(inCheckout(source)) > built);
}

/** When the file, or any below the folder, was last written. What a run of Python keeps there is no source. */
function newest(file: string): number {
  const stat = fs.statSync(file);
  if (!stat.isDirectory()) {
    return stat.mtimeMs;
  }
  const names = fs.readdirSync(file).filter((name) => name !== '__pycache__');
  return names.reduce((latest, name) => Math.max(latest, newest(path.join(file, name))), 0);
}
