import type { AttachedPolicy, IAMClient } from '@aws-sdk/client-iam';
import { managedPolicy } from './managed-policy';
import { parsePolicy, type PolicyDocument } from './policy';

/** How IAM tells the policies of a role, a user or a group. */
export interface PolicyHolder {
  readonly inline: AsyncIterable<{ readonly PolicyNames?: readonly string[] | undefined }>;
  readonly read: (PolicyName: string) => Promise<{ readonly PolicyDocument?: string | undefined }>;
  readonly attached: AsyncIterable<{ readonly AttachedPolicies?: readonly AttachedPolicy[] | undefined }>;
}

/** Inline and attached policies. */
export async function heldPolicies(iam: IAMClient, { inline, read, attached }: PolicyHolder): Promise<PolicyDocument[]> {
  const documents: PolicyDocument[] = [];
  for await (const { PolicyNames: names = [] } of inline) {
    for (const name of names) {
      const { PolicyDocument: text } = await read(name);
      if (text !== undefined) {
        documents.push(parsePolicy(text));
      }
    }
  }
  for await (const { AttachedPolicies: policies = [] } of attached) {
    for (const { PolicyArn } of policies) {
      documents.push(...await managedPolicy(iam, PolicyArn));
    }
  }
  return documents;
}
