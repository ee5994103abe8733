import * as fs from 'node:fs';
import * as path from 'node:path';
import { modelFolder } from '../temp-models';

/** A folder with programs that take the place of the machine's own. */
export function programs(scripts: Record<string, string>): string {
  const folder = modelFolder(Object.fromEntries(Object.entries(scripts).map(([name, script]) => [name, `#!/bin/bash\n${script}\n`])));
  for (const name of Object.keys(scripts)) {
    fs.chmodSync(path.join(folder, name), 0o755);
  }
  return folder;
}
