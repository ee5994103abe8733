import { DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { listOf, parsePolicy } from '../../local/iam/policy';
import { Authorization, wasDecided, type Use } from '../rights/authorization';
import type { Right } from '../rights/width';
import type { TestCloud } from './harness';
import { handlerRoles, rolePolicies, roleRules, type RolesOf, type Rule, type Template } from './template-rules';

/** The policies of one deployment of a template, as IAM has them. */
interface Deployment {
  readonly template: string;
  /** By the policy's logical id. */
  readonly roles: ReadonlyMap<string, { readonly name: string; readonly resources: readonly (readonly string[])[] }>;
}

/** Whose rights are looked at. */
export interface EvidenceScope {
  readonly roles: RolesOf;
  /** Whether each policy is to need its rights itself, also where another one has a wildcard of the same text. */
  readonly isByPolicy: boolean;
}

const HANDLERS: EvidenceScope = { roles: handlerRoles, isByPolicy: false };

/** What roles are granted, those of handlers by default, and what they asked for, in all deployments of some templates. */
export class Evidence {
  private readonly rules = new Map<string, readonly Rule[]>();
  private readonly deployments: Deployment[] = [];

  public constructor(private readonly cloud: TestCloud, private readonly scope = HANDLERS) {}

  /** Reads the policies of a stack that is there. `name`: of the template; a copy with a right less has its name. */
  public async read(name: string, template: Template, stackName = name): Promise<void> {
    const { cloudFormation, iam } = this.cloud.cloud.clients;
    const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: stackName }));
    const roles = new Map<string, { name: string; resources: readonly (readonly string[])[] }>();
    for (const { policy, policyName: PolicyName, role } of rolePolicies(template, this.scope.roles)) {
      const RoleName = StackResources.find(({ LogicalResourceId }) => LogicalResourceId === role)?.PhysicalResourceId;
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      roles.set(policy, { name: RoleName ?? '', resources: parsePolicy(PolicyDocument).Statement.map(({ Resource }) => listOf(Resource)) });
    }
    if (stackName === name) {
      this.rules.set(name, roleRules(template, this.scope.roles));
    }
    this.deployments.push({ template: name, roles });
  }

  /** Calls of these roles that nothing is known of. */
  public unknownCalls(): string[] {
    const known = new Set(this.deployments.flatMap(({ roles }) => [...roles.values()].map(({ name }) => name)));
    const authorization = new Authorization();
    return [...new Set(this.cloud.requests().flatMap((entry) => {
      const role = roleOf(entry.caller);
      return authorization.uses(entry) === undefined && role !== undefined && known.has(role) ? [
        `${entry.service} ${entry.operation}`,
      ] : [];
    }))];
  }

  /** Each action on each resource. Where a wildcard is in it, the same text in two templates is the same right. */
  public rights(): Right[] {
    const uses = this.uses();
    const rights = new Map<string, { action: string; deployments: { pattern: string; seen: string[] }[] }>();
    for (const { template, roles } of this.deployments) {
      for (const { policy, statement, action, resources } of this.rules.get(template) ?? []) {
        const role = roles.get(policy);
        for (const [index, expression] of resources.entries()) {
          const pattern = role?.resources[statement]?.[index] ?? '';
          const isShared = pattern.includes('*') && !this.scope.isByPolicy;
          const key = JSON.stringify([action, expression, ...isShared ? [] : [template, policy]]);
          const right = rights.get(key) ?? { action, deployments: [] };
          rights.set(key, right);
          right.deployments.push({
            pattern,
            seen: (uses.get(role?.name ?? '') ?? []).filter((use) => use.action === action).map(({ arn }) => arn),
          });
        }
      }
    }
    return [...rights.values()];
  }

  private uses(): Map<string, Use[]> {
    const authorization = new Authorization();
    const uses = new Map<string, Use[]>();
    for (const entry of this.cloud.requests()) {
      const used = authorization.uses(entry) ?? [];
      const role = roleOf(entry.caller);
      if (role !== undefined && wasDecided(entry)) {
        uses.set(role, [...uses.get(role) ?? [], ...used]);
      }
    }
    return uses;
  }
}

function roleOf(caller: string | undefined): string | undefined {
  return /:assumed-role\/([^/]+)\//.exec(caller ?? '')?.[1];
}
