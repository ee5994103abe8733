// A synthesized template, as far as docs/resources.md shows it, and its intrinsics as a person reads them.

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Principal?: string | Readonly<Record<string, unknown>>;
  readonly Resource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface PolicyDocument { readonly Statement?: readonly Statement[] }

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly Properties?: {
    readonly ManagedPolicyArns?: readonly unknown[];
    readonly PolicyDocument?: PolicyDocument;
    readonly AssumeRolePolicyDocument?: PolicyDocument;
    readonly Policies?: readonly { readonly PolicyDocument: PolicyDocument }[];
  };
}

export type Resources = Readonly<Record<string, Resource>>;

/** The path of a resource's construct, without the stack. */
export function constructPath({ Metadata: metadata }: Resource): string {
  return metadata?.['aws:cdk:path']?.replace(/^(EdgeSample|LoadTest)\//, '').replace(/\/Resource$/, '') ?? '';
}

export function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value as readonly T[] : [value as T];
}

/** The statements of a policy, or of the policies of a role or a bucket. */
export function statementsOf({ Properties: properties = {} }: Resource): Statement[] {
  const { PolicyDocument: own, AssumeRolePolicyDocument: trust, Policies: policies = [] } = properties;
  const inline = policies.map((policy) => policy.PolicyDocument);
  return [own, trust, ...inline].flatMap((document) => document?.Statement ?? []);
}

/** A value as a person reads it: `<path>` for a resource, `${…}` for a pseudo parameter. */
export function show(value: unknown, resources: Resources): string {
  if (Array.isArray(value)) {
    return value.map((item) => show(item, resources)).join(', ');
  }
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const [name, argument] = Object.entries(value)[0] as [string, unknown];
  return showIntrinsic(name, argument, resources) ?? JSON.stringify(value);
}

function showIntrinsic(name: string, argument: unknown, resources: Resources): string | undefined {
  switch (name) {
    case 'Ref':
      return showResource(argument as string, resources);
    case 'Fn::GetAtt': {
      const [id, attribute] = argument as [string, string];
      const resource = showResource(id, resources);
      return attribute === 'Arn' ? resource : `${resource}.${attribute}`;
    }
    case 'Fn::Join': {
      const [delimiter, parts] = argument as [string, unknown[]];
      return parts.map((part) => show(part, resources)).join(delimiter);
    }
    case 'Fn::Sub':
      return String(Array.isArray(argument) ? argument[0] : argument).replace(/[0-9a-f]{64}/g, '<hash>');
    default:
      return undefined;
  }
}

function showResource(id: string, resources: Resources): string {
  const resource = resources[id];
  return resource === undefined ? `\${${id}}` : `<${constructPath(resource)}>`;
}
