import type { CdkPlace } from './cdk';
import { LocalCloud } from './cloud';
import type { LocalFolder } from './folder';
import { LocalProblem } from './problem';
import { Session } from './session';
import { onSignals } from './signals';
import { living, readState, type LocalState } from './state';

/** Whether all processes of a cloud run, and no launcher was cut off while it started or stopped them. */
export function isUp(state: LocalState): boolean {
  return !state.launcher && living(state).length >= Math.max(state.processes.length, 2);
}

/** Works in the cloud of a folder that runs. Throws where none does. */
export async function inRunningCloud<T>(
  folder: LocalFolder, place: CdkPlace | undefined, work: (cloud: LocalCloud, session: Session) => Promise<T>,
): Promise<T> {
  const { endpoints } = runningState(folder);
  const session = new Session();
  const release = onSignals(session);
  const cloud = new LocalCloud(session, folder, endpoints, place);
  try {
    return await work(cloud, session);
  } finally {
    cloud.close();
    await session.stopAll();
    release();
  }
}

/** The state of the cloud of a folder. Throws where none runs. */
export function runningState(folder: LocalFolder): LocalState & Required<Pick<LocalState, 'endpoints'>> {
  const state = readState(folder);
  if (!state?.endpoints || !isUp(state)) {
    throw new LocalProblem('no local cloud is up here', [`to start one: ${folder.commands.up}`]);
  }
  return { ...state, endpoints: state.endpoints };
}
