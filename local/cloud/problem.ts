/** Something that the user must know or do. The launcher prints the message, then `advice`, without a stack trace. */
export class LocalProblem extends Error {
  public override readonly name = 'LocalProblem';

  public constructor(message: string, public readonly advice: readonly string[] = [], public readonly exitCode = 1) {
    super(message);
  }
}

/** After which the cloud is still up, for the user to look into it. */
export class ProblemInRunningCloud extends LocalProblem {}

/** A file that could not be read or written, with the path and the system's reason: the user's to mend. */
export function fileProblem(error: unknown): LocalProblem | undefined {
  const ofFile = error instanceof Error && 'code' in error && 'path' in error && 'syscall' in error;
  return ofFile ? new LocalProblem(error.message, ['the local cloud must be able to write there, and to this disk; --folder names another place']) : undefined;
}

/** Throws where something that has to be so is not. */
export function demand(holds: boolean, message: string): void {
  if (!holds) {
    throw new LocalProblem(message);
  }
}
