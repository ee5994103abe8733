import { GetPolicyCommand, GetPolicyVersionCommand, type IAMClient } from '@aws-sdk/client-iam';
import { parsePolicy, type PolicyDocument } from './policy';

/** The document of a managed policy's default version; none, if it has none. */
export async function managedPolicy(iam: IAMClient, PolicyArn: string | undefined): Promise<PolicyDocument[]> {
  const { Policy: policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const { PolicyVersion: version } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: policy?.DefaultVersionId }));
  return version?.Document === undefined ? [] : [parsePolicy(version.Document)];
}
