import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Has the synth fail unless a role of this app trusts each of the services. At its end, for trust can be added until then;
 * an import's trust is not known.
 */
export function validateTrust(scope: IConstruct, what: string, role: iam.IRole, services: readonly string[]): void {
  const resource = role.node.defaultChild;
  if (!iam.CfnRole.isCfnRole(resource)) { return; }
  scope.node.addValidation({
    validate: () => {
      const trust = JSON.stringify(Stack.of(resource).resolve(resource.assumeRolePolicyDocument));
      const missing = services.filter((service) => !trust.includes(`"${service.replace(/amazonaws\.com$/, '')}`)); // another partition may have another suffix
      return missing.map((service) => `${what} must trust ${service}, got a role that does not: ${role.node.path}`);
    },
  });
}
