import { status } from '@grpc/grpc-js';

export { codeOf, messageOf } from './error-text'; // there for programs without gRPC

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
