/** Something that the user must know or do. The launcher prints the message, then `advice`, without a stack trace. */
export class LocalProblem extends Error {
  public override readonly name = 'LocalProblem';

  public constructor(message: string, public readonly advice: readonly string[] = [], public readonly exitCode = 1) {
    super(message);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an SDK or Node error has this name or code. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  if (!(error instanceof Error)) { return false; }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return names.includes(error.name) || (code !== undefined && names.includes(code));
}

/** A file that could not be read or written, with the path and the system's reason: the user's to mend. */
export function fileProblem(error: unknown): LocalProblem | undefined {
  const ofFile = error instanceof Error && 'code' in error && 'path' in error && 'syscall' in error;
  return ofFile ? new LocalProblem(error.message, ['the local cloud must be able to write there, and to this disk; --folder names another place']) : undefined;
}

/** Throws where something that has to be so is not. */
export function demand(holds: boolean, message: string): void {
  if (!holds) { throw new LocalProblem(message); }
}
