import type { LocalCloud } from './cloud';
import { inCheckout } from './environment';

/** Bootstraps the account and deploys the bridge. */
export async function deployBridge(cloud: LocalCloud): Promise<void> {
  await cloud.cdk.bootstrap();
  await cloud.cdk.must({ name: 'bridge', app: inCheckout('local', 'bridge', 'app.ts'), args: ['deploy', '--all', '--require-approval', 'never', '--progress', 'events'] });
}

/** Takes the bridge away again; only the bootstrap's resources are left then. */
export async function destroyBridge(cloud: LocalCloud): Promise<void> {
  await cloud.cdk.must({ name: 'bridge-destroy', assembly: 'bridge', args: ['destroy', '--all', '--force'] });
}
