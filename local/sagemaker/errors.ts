/** An answer other than success: `name` as the service names it, HTTP `status`. */
export class ServiceError extends Error {
  public constructor(public override readonly name: string, message: string, public readonly status = 400) {
    super(message);
  }
}

/** A request that breaks a rule of the service. */
export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** A name that is taken, or a thing that is still used. */
export function inUse(message: string): ServiceError {
  return new ServiceError('ResourceInUse', message);
}

/** For jobs. Fleets and devices answer `invalid` instead, as the service did. */
export function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFound', message);
}

/** In IAM's words, action and resource included. */
export function denied(callerArn: string, action: string, resourceArn: string): ServiceError {
  return new ServiceError('AccessDeniedException',
    `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resourceArn} because no identity-based policy allows the ${action} action`);
}

/** What a role that is too fresh, absent or without trust in the service gives. */
export function unassumable(roleArn: string): ServiceError {
  return invalid(`Could not assume role ${roleArn}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`);
}

/** The text of whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
