import {
  GetRoleCommand, GetRolePolicyCommand, paginateListAttachedRolePolicies, paginateListRolePolicies, type IAMClient, type Role,
} from '@aws-sdk/client-iam';
import { isNamed } from '../service/errors';
import { roleName } from '../service/account';
import { heldPolicies } from './held-policies';
import { parsePolicy, type PolicyDocument } from './policy';

/** Reads roles and their policies from the emulator's IAM. */
export class Roles {
  public constructor(private readonly iam: IAMClient) {}

  /** Undefined if there is none. */
  public async find(roleArn: string): Promise<Role | undefined> {
    try {
      const { Role: role } = await this.iam.send(new GetRoleCommand({ RoleName: roleName(roleArn) }));
      return role?.Arn === roleArn ? role : undefined; // a role of that name under another path is another role
    } catch (error) {
      if (isNamed(error, 'NoSuchEntity', 'NoSuchEntityException')) {
        return undefined;
      }
      throw error;
    }
  }

  public async trust(roleArn: string): Promise<PolicyDocument | undefined> {
    const role = await this.find(roleArn);
    return role?.AssumeRolePolicyDocument === undefined ? undefined : parsePolicy(role.AssumeRolePolicyDocument);
  }

  /** Inline and attached policies of a role. */
  public async policies(roleArn: string): Promise<PolicyDocument[]> {
    const RoleName = roleName(roleArn);
    const client = this.iam;
    return heldPolicies(client, {
      inline: paginateListRolePolicies({ client }, { RoleName }),
      read: async (PolicyName) => client.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
      attached: paginateListAttachedRolePolicies({ client }, { RoleName }),
    });
  }
}
