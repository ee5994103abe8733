/** An answer other than success: `name` as the service names it, HTTP `status`, and the further members of its body. */
export class ServiceError extends Error {
  public constructor(
    public override readonly name: string, message: string, public readonly status = 400, public readonly fields: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** In IAM's words, action and resource included: the deployer sees them. */
export function deniedText(callerArn: string, action: string, resourceArn: string): string {
  return `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resourceArn} because no identity-based policy allows the ${action} action`;
}

/** The text of whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an SDK or Node error has this name or code. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  if (!(error instanceof Error)) { return false; }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return names.includes(error.name) || (code !== undefined && names.includes(code));
}
