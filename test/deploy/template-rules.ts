/** The part of a template that is read here. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: {
    readonly Role?: Reference; // of a function
    readonly Roles?: readonly Reference[]; // of a policy
    readonly PolicyName?: string;
    readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
  };
}

interface Statement {
  readonly Action: string | readonly string[];
  /** Each an ARN, or what becomes one. */
  readonly Resource: unknown;
}

type Reference = Readonly<Record<string, string | readonly string[]>>;

/** One action that a role is granted, by its place in the template. */
export interface Rule {
  readonly policy: string;
  readonly statement: number;
  readonly action: string;
  /** What the action is granted on, as the template has it. */
  readonly resources: readonly unknown[];
}

/** The logical ids of the roles of a template that somebody looks at. */
export type RolesOf = (template: Template) => ReadonlySet<string | undefined>;

/** A policy of such a role, by its logical id. */
export interface RolePolicy {
  readonly policy: string;
  readonly policyName: string;
  /** The logical id of the role. */
  readonly role: string;
}

/** The functions of custom resources, the one that a load test's state machine calls, and those of the health of a fleet. */
const HANDLERS = /(Provider.*Handler|(Controller|Aggregator|Census|Widget)Function)[0-9A-F]{8}$/;

/** The roles of our own handlers: the functions whose logical id says so. */
export const handlerRoles: RolesOf = ({ Resources }) => new Set(
  Object.entries(Resources)
    .filter(([id, { Type }]) => Type === 'AWS::Lambda::Function' && HANDLERS.test(id))
    .map(([, { Properties }]) => named(Properties?.Role)),
);

/** The roles whose logical ids begin so. */
export function rolesNamed(beginning: RegExp): RolesOf {
  return ({ Resources }) => new Set(
    Object.entries(Resources).filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && beginning.test(id)).map(([id]) => id),
  );
}

/** The policies of these roles. */
export function rolePolicies(template: Template, rolesOf: RolesOf): RolePolicy[] {
  const roles = rolesOf(template);
  return Object.entries(template.Resources).flatMap(([policy, { Properties }]) => {
    const role = Properties?.Roles?.map(named).find((name) => roles.has(name));
    return role === undefined ? [] : [{ policy, policyName: Properties?.PolicyName ?? '', role }];
  });
}

/** Each action of each of these policies. */
export function roleRules(template: Template, rolesOf: RolesOf): Rule[] {
  return rolePolicies(template, rolesOf).flatMap(({ policy }) => {
    const statements = template.Resources[policy]?.Properties?.PolicyDocument?.Statement ?? [];
    return statements.flatMap(({ Action, Resource }, statement) =>
      listed(Action).map((action) => ({ policy, statement, action, resources: listed(Resource) })));
  });
}

/**
 * The template without that action: another, which everybody may without any right, holds its place, so that
 * statements and resources stay what they are.
 */
export function withoutRule(template: Template, rule: Rule): Template {
  const policy = template.Resources[rule.policy];
  const document = policy?.Properties?.PolicyDocument;
  if (!policy || !document) {
    throw new Error(`no policy ${rule.policy}`);
  }
  const Statement = document.Statement.map((statement, index) => (index !== rule.statement ? statement : {
    ...statement, Action: listed(statement.Action).map((action) => (action === rule.action ? 'sts:GetCallerIdentity' : action)),
  }));
  return {
    ...template,
    Resources: {
      ...template.Resources,
      [rule.policy]: { ...policy, Properties: { ...policy.Properties, PolicyDocument: { ...document, Statement } } },
    },
  };
}

function listed<T>(value: T | readonly T[]): readonly T[] {
  return isList(value) ? value : [value];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** The logical id that a Ref or a Fn::GetAtt names. */
function named(reference: Reference | undefined): string | undefined {
  const value = Object.values(reference ?? {})[0];
  return typeof value === 'string' ? value : value?.[0];
}
