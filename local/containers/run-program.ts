import { ProcessGroup } from '../cloud/processes';

export interface Run {
  readonly cwd: string;
  readonly onLine: (line: string) => void;
  /** Ends the program, and all that it has started. */
  readonly signal: AbortSignal;
}

/** Runs a program to its end. Throws an Error with its last lines if it fails or is stopped. */
export async function runProgram(command: string, args: readonly string[], { cwd, onLine, signal: stop }: Run): Promise<void> {
  stop.throwIfAborted();
  const group = await ProcessGroup.start({ name: command, command, args, env: process.env, cwd, onLine });
  const end = (): void => {
    void group.stop();
  };
  stop.addEventListener('abort', end);
  if (stop.aborted) {
    end(); // while it began
  }
  const { code, signal } = await group.ended;
  stop.removeEventListener('abort', end);
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed (${signal ?? `exit code ${String(code)}`}): ${group.lastLines(8).join('\n')}`);
  }
}
