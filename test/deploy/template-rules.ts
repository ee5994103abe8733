/** The part of a template that is read here. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: {
    readonly Role?: Reference; // of a function
    readonly Roles?: readonly Reference[]; // of a policy
    readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
  };
}

interface Statement {
  readonly Action: string | readonly string[];
}

type Reference = Readonly<Record<string, string | readonly string[]>>;

/** One action that a handler's role is granted, by its place in the template. */
export interface Rule {
  readonly policy: string;
  readonly statement: number;
  readonly action: string;
}

/** Each action of each policy of the roles of our own handlers: the functions whose logical id says so. The framework's own are AWS's. */
export function handlerRules(template: Template): Rule[] {
  const roles = new Set(Object.entries(template.Resources)
    .filter(([id, { Type }]) => Type === 'AWS::Lambda::Function' && /Provider.*Handler[0-9A-F]{8}$/.test(id))
    .map(([, { Properties }]) => named(Properties?.Role)));
  return Object.entries(template.Resources).flatMap(([policy, { Properties }]) => {
    if (!Properties?.Roles?.some((role) => roles.has(named(role)))) { return []; }
    return (Properties.PolicyDocument?.Statement ?? []).flatMap(({ Action }, statement) => actions(Action).map((action) => ({ policy, statement, action })));
  });
}

/** The template without that action; a statement that has no other goes. */
export function withoutRule(template: Template, rule: Rule): Template {
  const policy = template.Resources[rule.policy];
  const document = policy?.Properties?.PolicyDocument;
  if (!policy || !document) { throw new Error(`no policy ${rule.policy}`); }
  const Statement = document.Statement.flatMap((statement, index) => {
    const rest = actions(statement.Action).filter((action) => index !== rule.statement || action !== rule.action);
    return rest.length === 0 ? [] : [{ ...statement, Action: rest }];
  });
  // A policy must have a statement: one that allows nothing that is there.
  const kept = Statement.length > 0 ? Statement : [{ Effect: 'Allow', Action: ['sts:GetCallerIdentity'], Resource: '*' }];
  return { ...template, Resources: { ...template.Resources, [rule.policy]: { ...policy, Properties: { ...policy.Properties, PolicyDocument: { ...document, Statement: kept } } } } };
}

function actions(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** The logical id that a Ref or a Fn::GetAtt names. */
function named(reference: Reference | undefined): string | undefined {
  const value = Object.values(reference ?? {})[0];
  return typeof value === 'string' ? value : value?.[0];
}
