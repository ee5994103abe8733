import { typeScriptApp } from './cdk';
import type { LocalCloud } from './cloud';
import { deploymentLine } from './deployment-line';
import { inCheckout } from './folder';
import type { Progress } from './progress';

/** The call's name, by which the app is destroyed as it was deployed. */
const CALL = 'sample';

/** Deploys all stacks of an app of this checkout, and tells the user of the resources that matter. */
export async function deployApp(
  cloud: LocalCloud, progress: Progress, app: string, context: Readonly<Record<string, string>>,
): Promise<void> {
  await cloud.cdk.must({
    name: CALL,
    app: typeScriptApp(inCheckout(app)),
    context,
    args: ['deploy', '--all', '--require-approval', 'never', '--progress', 'events'],
    onLine: (line) => {
      const text = deploymentLine(line);
      if (text !== undefined) {
        progress.note(text);
      }
    },
  });
}

export async function destroyApp(cloud: LocalCloud): Promise<void> {
  await cloud.cdk.must({ name: 'destroy', assembly: CALL, args: ['destroy', '--all', '--force'] });
}
