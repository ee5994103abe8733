import { ProcessGroup } from '../cloud/processes';

/** Runs a program to its end. Throws an Error with its last lines if it fails. */
export async function runProgram(command: string, args: readonly string[], cwd: string, onLine: (line: string) => void): Promise<void> {
  const group = await ProcessGroup.start({ name: command, command, args, env: process.env, cwd, onLine });
  const { code, signal } = await group.ended;
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed (${signal ?? `exit code ${String(code)}`}): ${group.lastLines(8).join('\n')}`);
  }
}
