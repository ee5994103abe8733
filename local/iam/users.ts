import {
  GetGroupPolicyCommand, GetUserPolicyCommand, paginateListAttachedGroupPolicies, paginateListAttachedUserPolicies,
  paginateListGroupPolicies, paginateListGroupsForUser, paginateListUserPolicies, type IAMClient,
} from '@aws-sdk/client-iam';
import { managedPolicy } from './managed-policy';
import { parsePolicy, type PolicyDocument } from './policy';

/** Reads what users of the emulator's IAM may. */
export class Users {
  public constructor(private readonly iam: IAMClient) {}

  /** Inline and attached policies of a user, and of the groups that it is in. */
  public async policies(UserName: string): Promise<PolicyDocument[]> {
    const client = this.iam;
    const documents: PolicyDocument[] = [];
    for await (const { PolicyNames: names = [] } of paginateListUserPolicies({ client }, { UserName })) {
      for (const PolicyName of names) {
        documents.push(...parsed(await client.send(new GetUserPolicyCommand({ UserName, PolicyName }))));
      }
    }
    for await (const { AttachedPolicies: policies = [] } of paginateListAttachedUserPolicies({ client }, { UserName })) {
      for (const { PolicyArn } of policies) {
        documents.push(...await managedPolicy(client, PolicyArn));
      }
    }
    for await (const { Groups: groups = [] } of paginateListGroupsForUser({ client }, { UserName })) {
      for (const { GroupName = '' } of groups) {
        documents.push(...await this.ofGroup(GroupName));
      }
    }
    return documents;
  }

  private async ofGroup(GroupName: string): Promise<PolicyDocument[]> {
    const client = this.iam;
    const documents: PolicyDocument[] = [];
    for await (const { PolicyNames: names = [] } of paginateListGroupPolicies({ client }, { GroupName })) {
      for (const PolicyName of names) {
        documents.push(...parsed(await client.send(new GetGroupPolicyCommand({ GroupName, PolicyName }))));
      }
    }
    for await (const { AttachedPolicies: policies = [] } of paginateListAttachedGroupPolicies({ client }, { GroupName })) {
      for (const { PolicyArn } of policies) {
        documents.push(...await managedPolicy(client, PolicyArn));
      }
    }
    return documents;
  }
}

function parsed({ PolicyDocument: text }: { readonly PolicyDocument?: string | undefined }): PolicyDocument[] {
  return text === undefined ? [] : [parsePolicy(text)];
}
