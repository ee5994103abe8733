import { LocalProblem } from '../local/cloud/problem';

/** Exit codes of the command, beside those of the programs that it runs for the user: the agent, its client, the CDK CLI. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Something that the user must know or do. Printed without a stack trace: the message, then `advice`. */
export class CliProblem extends LocalProblem {}

/** An argument that cannot be what is meant. */
export function usageProblem(message: string, ...advice: readonly string[]): CliProblem {
  return new CliProblem(message, advice, EXIT.usage);
}

/** What is printed of an error, or undefined where it is a fault of this program. */
export function asProblem(error: unknown): LocalProblem | undefined {
  if (error instanceof LocalProblem) {
    return error;
  }
  const ofSystem = error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
  return ofSystem ? new CliProblem(error.message) : undefined;
}
