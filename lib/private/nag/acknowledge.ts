import { Stack, type aws_iam as iam } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { isRecord } from '../objects';
import { flattenReference } from './flatten-reference';

/** `Validations.ACKNOWLEDGED_RULES_METADATA_KEY` of aws-cdk-lib, which the lowest version that is admitted does not have yet. */
const ACKNOWLEDGED_RULES = 'aws:cdk:acknowledged-rules';

/**
 * Has cdk-nag pass over a finding of one rule at `scope` and below, for a reason that users can read.
 *
 * It is the metadata that `Validations.acknowledge` writes: it stands in the cloud assembly and not in the template. It is
 * written directly, since that method refuses each id with an ARN in it.
 *
 * @param rule the name of the rule, as in "AwsSolutions-S1", or that of one finding, as in "AwsSolutions-IAM4[Policy::…]"
 */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  const isKnown = scope.node.metadata.some(({ type, data }) => type === ACKNOWLEDGED_RULES && isRecord(data) && data[rule] === reason);
  if (!isKnown) { // several devices share a policy, and an app can be synthesized several times
    scope.node.addMetadata(ACKNOWLEDGED_RULES, { [rule]: reason });
  }
}

/** The same for a managed policy of AWS that roles at `scope` and below have. */
export function acknowledgeManagedPolicy(scope: IConstruct, reason: string, policy: iam.IManagedPolicy): void {
  acknowledgeArns(scope, reason, 'AwsSolutions-IAM4', 'Policy', [policy.managedPolicyArn]);
}

/** The same for the resources of policies at `scope` and below that have a wildcard: these and no others. */
export function acknowledgeWildcards(scope: IConstruct, reason: string, ...resources: readonly string[]): void {
  acknowledgeArns(scope, reason, 'AwsSolutions-IAM5', 'Resource', resources);
}

/** The same for what somebody is granted, wherever the policy of the grant is: a user's own role, for example. */
export function acknowledgeGranted(grantee: iam.IGrantable, reason: string, ...resources: readonly string[]): void {
  // A policy is no principal by itself.
  const owner = [grantee.grantPrincipal, grantee].find((candidate) => Construct.isConstruct(candidate));
  if (Construct.isConstruct(owner)) {
    acknowledgeWildcards(owner, reason, ...resources);
  }
}

/**
 * cdk-nag names a finding by the ARN as it stands in the template. So this waits for the end of the synth, when logical ids and
 * references between stacks are what they will be.
 */
function acknowledgeArns(scope: IConstruct, reason: string, rule: string, kind: string, arns: readonly string[]): void {
  scope.node.addValidation({
    validate: () => {
      for (const arn of arns) {
        acknowledge(scope, `${rule}[${kind}::${flattenReference(Stack.of(scope).resolve(arn))}]`, reason);
      }
      return [];
    },
  });
}
