import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import { TokenLength } from './token-length';

/** What IAM lets the inline policies of a role hold together, in characters without blanks. */
const MOST = 10_240;

/**
 * Fails the synthesis where IAM would fail the deployment, half-way: the inline policies of `role` are too large for
 * it. CDK moves into managed policies what outgrows a role's default policy. It leaves alone the rights that must
 * outlive their construct, which are in policies of their own.
 *
 * @param advice what to do about it
 */
export function limitInlinePolicies(role: iam.Role, advice: string): void {
  role.node.addValidation({
    validate: () => {
      const size = leastSize(role);
      if (size <= MOST) {
        return [];
      }
      return [
        `the inline policies of this role must have at most ${MOST} characters together, which is IAM's limit, `
        + `got at least ${size}: ${advice}`,
      ];
    },
  });
}

/**
 * The inline policies of a role, with the names of things that are not known yet at their shortest: what is too large
 * here, IAM refuses.
 */
function leastSize(role: iam.Role): number {
  const stack = Stack.of(role);
  const lengths = new TokenLength(role, 'least');
  const self = JSON.stringify(stack.resolve(role.roleName));
  const policies = stack.node.findAll().filter((node) => iam.CfnPolicy.isCfnPolicy(node)).filter((policy) => policy.stack === stack);
  const own = policies.filter((policy) => {
    const roles: unknown = stack.resolve(policy.roles);
    return Array.isArray(roles) && roles.some((name: unknown) => JSON.stringify(name) === self);
  });
  return own.reduce((sum, policy) => sum + jsonLength(stack.resolve(policy.policyDocument), lengths), 0);
}

/** The length of a resolved value's JSON. */
function jsonLength(value: unknown, lengths: TokenLength): number {
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, item) => sum + jsonLength(item, lengths), value.length + 1);
  }
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value).length;
  }
  const entries: [string, unknown][] = Object.entries(value);
  const [[name] = ['']] = entries;
  if (name === 'Ref' || name.startsWith('Fn::')) {
    return 2 + lengths.ofResolved(value);
  }
  return entries.reduce((sum, [key, child]) => sum + JSON.stringify(key).length + 1 + jsonLength(child, lengths), entries.length + 1);
}
