import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isRecord } from './objects';

/**
 * Has the synth fail unless a role of this app trusts each of the services. At its end, for trust can be added until then;
 * what an import trusts is not known, and what only the deployment knows is taken to be right.
 */
export function validateTrust(scope: IConstruct, what: string, role: iam.IRole, services: readonly string[]): void {
  scope.node.addValidation({
    validate: () => {
      const resource = roleResource(role);
      if (resource === undefined) {
        return [];
      }
      const document: unknown = Stack.of(resource).resolve(resource.assumeRolePolicyDocument);
      return services.filter((service) => !mayTrust(document, service)).map(
        (service) => `${what} must trust ${service}, got a role that does not: ${role.node.path}`,
      );
    },
  });
}

/** The resource of a role, also where CDK wraps it (a lazy role, one without policy updates); an import has none. */
export function roleResource(role: IConstruct): iam.CfnRole | undefined {
  const child = role.node.defaultChild;
  return child === undefined || iam.CfnRole.isCfnRole(child) ? child : roleResource(child);
}

/** Whether some statement of a resolved trust policy can be meant for that service. */
function mayTrust(document: unknown, service: string): boolean {
  if (!isRecord(document) || !('Statement' in document)) { // an intrinsic function as a whole
    return true;
  }
  const prefix = service.replace(/amazonaws\.com$/, ''); // another partition may have another suffix
  return list(document.Statement).some((statement) => {
    if (!isRecord(statement)) {
      return true;
    }
    const { Effect: effect = 'Allow', Principal: principal = '*' } = statement; // without one there is NotPrincipal
    if (effect === 'Deny') {
      return false;
    }
    if (!isRecord(principal)) { // everybody
      return true;
    }
    return isIntrinsic(principal) || ('Service' in principal && list(principal.Service).some((name) => begins(name, prefix)));
  });
}

/** A text, or what CloudFormation makes one of: a join by its first part, and anything else may be. */
function begins(name: unknown, prefix: string): boolean {
  if (typeof name === 'string') {
    return name.startsWith(prefix);
  }
  const [, parts] = list(isRecord(name) ? name['Fn::Join'] : undefined);
  const [first] = list(parts);
  return typeof first !== 'string' || first.startsWith(prefix) || prefix.startsWith(first);
}

function isIntrinsic(value: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
}

function list(value: unknown): readonly unknown[] {
  return isList(value) ? value : [value];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
