import { spawn } from 'node:child_process';

/** Milliseconds that a command takes as a whole process. Throws if it fails, with what it said. */
export function timeProcess(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        resolve(Number(process.hrtime.bigint() - start) / 1e6);
      } else {
        reject(new Error(`${command} ${args.join(' ')} exited with ${code ?? 'a signal'}: ${errors.slice(-3000)}`));
      }
    });
  });
}
