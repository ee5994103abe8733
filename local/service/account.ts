/** The account that the emulator plays. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
export const PARTITION = 'aws';
export const ROOT_ARN = `arn:${PARTITION}:iam::${ACCOUNT}:root`;

/** The name at the end of a role's ARN: names are unique in an account, whatever the path. */
export function roleName(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}
