import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const;

/** Ctrl-C reaches npx and this process, and npx passes it on: one press of the key, which the program must get once. */
const ONE_PRESS_MS = 500;

/** Runs a program of Node in this one's place: its terminal, its signals, its exit code. */
export async function runInPlace(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit', env, detached: true }); // out of the terminal's reach
  const forwards = SIGNALS.map((signal) => {
    let last = 0;
    const forward = (): void => {
      if (Date.now() - last > ONE_PRESS_MS) {
        last = Date.now();
        child.kill(signal);
      }
    };
    process.on(signal, forward);
    return () => process.off(signal, forward);
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    forwards.forEach((release) => release());
  }
}
