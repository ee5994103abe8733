import * as path from 'node:path';
import { App } from 'aws-cdk-lib';
import { ACCOUNT, REGION } from '../service/account';
import { bundleBridge } from './bundle';
import { BridgeStack } from './stack';

/** The CDK app of the bridge: deployed by the launcher before the user's. */
const app = new App();
new BridgeStack(app, 'LocalBridge', {
  env: { account: ACCOUNT, region: REGION },
  handler: bundleBridge(path.join(app.outdir, '..', 'bridge')),
});
app.synth();
