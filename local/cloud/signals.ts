import { LocalProblem } from './problem';
import type { Session } from './session';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Ends the step under way; a second signal ends this process at once, after `atOnce`.
 * Call what it returns when nothing is left to be ended.
 */
export function onSignals(session: Session, atOnce: () => void = () => undefined): () => void {
  const handlers = Object.entries(SIGNALS).map(([signal, exitCode]) => {
    let received = 0;
    const handler = (): void => {
      received += 1;
      if (received > 1) {
        session.killAll();
        atOnce();
        process.exit(exitCode);
      }
      console.log(`\n${signal}: stopping everything (once more: at once)`);
      session.abort(new LocalProblem(`stopped by ${signal}`, [], exitCode));
    };
    process.on(signal, handler);
    return () => {
      process.off(signal, handler);
    };
  });
  return () => {
    for (const off of handlers) {
      off();
    }
  };
}
