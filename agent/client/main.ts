import { status } from '@grpc/grpc-js';
import { messageOf } from '../status';
import { readArguments } from './arguments';
import { AgentCalls } from './calls';
import { readMetrics } from './metrics';
import { run, type Answer } from './run';
import { USAGE, UsageError } from './usage';

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  switch (given.kind) {
    case 'help':
      process.stdout.write(`${USAGE}\n`);
      return;
    case 'metrics':
      show(await readMetrics(given.command.file), given.json);
      return;
    case 'agent': {
      const calls = new AgentCalls(given.socketPath, given.timeoutMs);
      try {
        show(await run(given.command, calls, given.socketPath), given.json);
      } finally {
        calls.close();
      }
    }
  }
}

function show({ json, lines, notes = [] }: Answer, asJson: boolean): void {
  process.stderr.write(notes.map((note) => `${note}\n`).join(''));
  process.stdout.write(asJson ? `${JSON.stringify(json)}\n` : lines.map((line) => `${line}\n`).join(''));
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
