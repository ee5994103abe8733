import { status } from '@grpc/grpc-js';

/** A refusal that the caller sees: a gRPC status code and the reason in words. */
export class AgentError extends Error {
  public constructor(public readonly code: status, message: string) {
    super(message);
    this.name = 'AgentError';
  }
}

export const invalidArgument = (message: string): AgentError => new AgentError(status.INVALID_ARGUMENT, message);
export const failedPrecondition = (message: string): AgentError => new AgentError(status.FAILED_PRECONDITION, message);
export const notFound = (message: string): AgentError => new AgentError(status.NOT_FOUND, message);
export const resourceExhausted = (message: string): AgentError => new AgentError(status.RESOURCE_EXHAUSTED, message);

/** The words of anything that was thrown. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

/** Node's error code (`ENOENT`), if it is one of Node's errors. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
