import { deviceScript } from '../../private/assets';
import { archiveFile } from '../../private/archive/content';
import type { ArchiveFile } from '../../private/archive/archive-file';

/** Stands for the name of the device in the configuration. The configuration of a component cannot contain recipe variables. */
export const THING_NAME_PLACEHOLDER = '@thing@';

/** The files that start, supervise and stop the agent on a device. They are found in `agent/scripts/greengrass/`. */
export function launcherFiles(signingRoots: readonly string[]): ArchiveFile[] {
  const scripts = ['start.sh', 'prepare.sh', 'supervise.sh', 'load.sh', 'stop.sh', 'check.sh'].map((name): [string, string] => [name, deviceScript(`greengrass/${name}`)]);
  const roots = signingRoots.map((pem, index): [string, string] => [`roots/${index}.pem`, pem]);
  const files: [string, string][] = [
    ...scripts,
    ['configure.js', deviceScript('greengrass/configure.js', { THING_NAME_PLACEHOLDER })],
    ['roots/README', deviceScript('greengrass/roots/README')], // the agent wants the folder
    ...roots,
  ];
  return files.map(([path, content]) => archiveFile({ path, content: Buffer.from(content) }));
}
