import { childEnvironment } from './environment';
import { CHECKOUT, inCheckout, type LocalFolder } from './folder';
import { LocalProblem } from './problem';
import type { Session } from './session';

/** Bundles the handlers, the agent, and the programs that the local cloud starts. */
export async function buildAssets(session: Session, folder: LocalFolder): Promise<void> {
  const { code, lines } = await session.run({
    name: 'build-assets',
    command: process.execPath,
    args: ['--import', 'tsx', inCheckout('scripts', 'build-assets.ts')],
    env: childEnvironment(folder),
    cwd: CHECKOUT,
  });
  if (code !== 0) {
    throw new LocalProblem('the handlers and the agent could not be bundled:', lines);
  }
}
