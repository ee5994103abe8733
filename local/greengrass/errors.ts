/** An error answer of Greengrass V2, by the name and status of its API. */
export class GreengrassError extends Error {
  public constructor(public override readonly name: string, public readonly status: number, message: string, public readonly fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
  }
}

export function invalid(message: string): GreengrassError {
  return new GreengrassError('ValidationException', 400, message, { reason: 'FIELD_VALIDATION_FAILED' });
}

export function notFound(resourceType: string, resourceId: string): GreengrassError {
  return new GreengrassError('ResourceNotFoundException', 404, `${resourceType} ${resourceId} does not exist`, { resourceId, resourceType });
}

export function conflict(resourceType: string, resourceId: string, message: string): GreengrassError {
  return new GreengrassError('ConflictException', 409, message, { resourceId, resourceType });
}

/** As IAM words it: the action's name must show in the deployer's error. */
export function denied(callerArn: string, action: string, resource: string): GreengrassError {
  return new GreengrassError('AccessDeniedException', 403,
    `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`);
}
