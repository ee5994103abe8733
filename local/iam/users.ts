import {
  GetGroupPolicyCommand, GetUserPolicyCommand, paginateListAttachedGroupPolicies, paginateListAttachedUserPolicies,
  paginateListGroupPolicies, paginateListGroupsForUser, paginateListUserPolicies, type IAMClient,
} from '@aws-sdk/client-iam';
import { heldPolicies } from './held-policies';
import type { PolicyDocument } from './policy';

/** Reads what users of the emulator's IAM may. */
export class Users {
  public constructor(private readonly iam: IAMClient) {}

  /** Inline and attached policies of a user, and of the groups that it is in. */
  public async policies(UserName: string): Promise<PolicyDocument[]> {
    const client = this.iam;
    const documents = await heldPolicies(client, {
      inline: paginateListUserPolicies({ client }, { UserName }),
      read: async (PolicyName) => client.send(new GetUserPolicyCommand({ UserName, PolicyName })),
      attached: paginateListAttachedUserPolicies({ client }, { UserName }),
    });
    for await (const { Groups: groups = [] } of paginateListGroupsForUser({ client }, { UserName })) {
      for (const { GroupName = '' } of groups) {
        documents.push(...await this.ofGroup(GroupName));
      }
    }
    return documents;
  }

  private async ofGroup(GroupName: string): Promise<PolicyDocument[]> {
    const client = this.iam;
    return heldPolicies(client, {
      inline: paginateListGroupPolicies({ client }, { GroupName }),
      read: async (PolicyName) => client.send(new GetGroupPolicyCommand({ GroupName, PolicyName })),
      attached: paginateListAttachedGroupPolicies({ client }, { GroupName }),
    });
  }
}
