export type Properties = Readonly<Record<string, unknown>>;

/** A template's resource. */
export interface Resource {
  readonly type: string;
  readonly properties: Properties;
  /** `DependsOn`; references count without being named here. */
  readonly dependsOn?: readonly string[];
  /** `DeletionPolicy` and `UpdateReplacePolicy`, where they keep the resource. */
  readonly keeps?: { readonly deleted: boolean; readonly failedCreate: boolean; readonly replaced: boolean };
}
export type Template = Readonly<Record<string, Resource>>;

/** Properties as text; what is absent is empty. */
export class Fields {
  public constructor(private readonly properties: Properties) {}

  public static of(value: unknown): Fields {
    return new Fields(record(value));
  }

  public get(name: string): string {
    const value = this.properties[name];
    return typeof value === 'string' ? value : JSON.stringify(value ?? null).replace(/^null$/, '');
  }

  public fields(name: string): Fields {
    return Fields.of(this.properties[name]);
  }

  public entries(): Record<string, string> {
    return Object.fromEntries(Object.keys(this.properties).map((name) => [name, this.get(name)]));
  }
}

/** What references are replaced by. */
export interface Values {
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
}

/** Synthesizes what each wish of an app comes to, once. */
export function synthesizedOnce<Wish>(synthesize: (wish: Wish) => Template): (wish: Wish) => Template {
  const made = new Map<string, Template>();
  return (wish) => {
    const key = JSON.stringify(wish);
    const template = made.get(key) ?? synthesize(wish);
    made.set(key, template);
    return template;
  };
}

/** The resources of a synthesized template. */
export function resourcesOf(template: unknown): Template {
  const found: Record<string, Resource> = {};
  for (const [logicalId, resource] of Object.entries(record(record(template).Resources))) {
    const {
      Type: type, Properties: properties, DependsOn: dependsOn, DeletionPolicy: deletion, UpdateReplacePolicy: replacement,
    } = record(resource);
    const keeps = {
      deleted: String(deletion).startsWith('Retain'),
      failedCreate: deletion === 'Retain',
      replaced: replacement === 'Retain',
    };
    found[logicalId] = { type: String(type), properties: record(properties ?? {}), dependsOn: [dependsOn ?? []].flat().map(String), keeps };
  }
  return found;
}

/** Logical ids that a resource waits for. */
export function dependencies(resource: Resource, template: Template): string[] {
  const named = new Set(resource.dependsOn);
  resolve(resource.properties, {
    ref: (name) => {
      named.add(name);
      return '';
    },
    attribute: (logicalId) => {
      named.add(logicalId);
      return '';
    },
  });
  return [...named].filter((name) => name in template);
}

/** Properties with the intrinsic functions carried out that this library's templates use. */
export function resolve(value: unknown, values: Values): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, values));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries: [string, unknown][] = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const [name, argument] = first;
    if (name === 'Ref') {
      return values.ref(String(argument));
    }
    if (name.startsWith('Fn::')) {
      return intrinsic(name, argument, values);
    }
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, values)]));
}

function intrinsic(name: string, argument: unknown, values: Values): unknown {
  if (name === 'Fn::GetAtt') {
    const [logicalId, attribute] = list(argument).map(String);
    return values.attribute(logicalId ?? '', attribute ?? '');
  }
  if (name === 'Fn::Sub') { // of assets alone, whose place nobody reads here
    return argument;
  }
  if (name === 'Fn::GetAZs') {
    return ['a', 'b', 'c'];
  }
  if (name === 'Fn::Base64') {
    return resolve(argument, values);
  }
  const [first, second] = list(argument).map((item) => resolve(item, values));
  switch (name) {
    case 'Fn::Join': return list(second).map(String).join(String(first));
    case 'Fn::Split': return String(second).split(String(first));
    case 'Fn::Select': return list(second)[Number(first)];
    default: throw new Error(`the model does not know ${name}`);
  }
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
