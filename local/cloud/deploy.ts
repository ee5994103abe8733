import * as fs from 'node:fs';
import type { LocalCloud } from './cloud';
import { resource } from '../service/programs';

/** Bootstraps the account and deploys the bridge, which was synthesized when this program was built. */
export async function deployBridge(cloud: LocalCloud): Promise<void> {
  await cloud.cdk.bootstrap();
  const assembly = cloud.cdk.assembly('bridge');
  fs.rmSync(assembly, { recursive: true, force: true });
  fs.cpSync(resource('bridge'), assembly, { recursive: true }); // the CLI writes into it
  await cloud.cdk.must({
    name: 'bridge', assembly: 'bridge', args: ['deploy', '--all', '--require-approval', 'never', '--progress', 'events'],
  });
}

/** Takes the bridge away again; only the bootstrap's resources are left then. */
export async function destroyBridge(cloud: LocalCloud): Promise<void> {
  await cloud.cdk.must({ name: 'bridge-destroy', assembly: 'bridge', args: ['destroy', '--all', '--force'] });
}
