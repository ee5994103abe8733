import { status } from '@grpc/grpc-js';
import { messageOf } from '../status';
import { readArguments, USAGE, UsageError } from './arguments';
import { AgentCalls } from './calls';
import { run } from './run';

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  const calls = new AgentCalls(given.socketPath, given.timeoutMs);
  try {
    const answer = await run(given, calls);
    process.stdout.write(given.json ? `${JSON.stringify(answer.json)}\n` : answer.lines.map((line) => `${line}\n`).join(''));
  } finally {
    calls.close();
  }
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const code = error instanceof Error && 'code' in error && typeof error.code === 'number' ? status[error.code] : undefined;
  const details = error instanceof Error && 'details' in error && typeof error.details === 'string' ? error.details : messageOf(error);
  process.stderr.write(`${code === undefined ? '' : `${code}: `}${details}\n`);
  process.exitCode = 1;
});
