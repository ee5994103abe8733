/** An error answer of IoT, by the name and status of its API. */
export class IotError extends Error {
  public constructor(public readonly code: string, public readonly status: number, message: string) {
    super(message);
    this.name = code;
  }
}

export const invalid = (message: string): IotError => new IotError('InvalidRequestException', 400, message);
export const notFound = (message: string): IotError => new IotError('ResourceNotFoundException', 404, message);
export const conflict = (message: string): IotError => new IotError('ResourceAlreadyExistsException', 409, message);

/** As IAM words it: the action's name must show in the deployer's error. */
export function denied(callerArn: string, action: string, resource: string): IotError {
  return new IotError('AccessDeniedException', 403,
    `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`);
}
