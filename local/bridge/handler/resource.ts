/** A resource's properties as they reach a handler: scalars are strings. */
export type Properties = Readonly<Record<string, unknown>>;

/** What a handler gives back to CloudFormation. */
export interface Outcome {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Identity { readonly stackName: string; readonly stackId: string; readonly logicalId: string }

/** Create, update and delete of one resource type through the service's API, as CloudFormation's own handler does it. */
export interface ResourceHandler {
  create(properties: Properties, identity: Identity): Promise<Outcome>;
  /** A new physical id means replacement: CloudFormation deletes the old one afterwards. */
  update(physicalId: string, properties: Properties, old: Properties, identity: Identity): Promise<Outcome>;
  /** Success if it is gone already. */
  delete(physicalId: string, properties: Properties): Promise<void>;
}

export function text(properties: Properties, name: string): string {
  const value = properties[name];
  if (typeof value !== 'string' || value === '') {
    throw new Error(`${name} is required`);
  }
  return value;
}

export function optionalText(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return typeof value === 'string' ? value : undefined;
}

export function record(properties: Properties, name: string): Properties {
  const value = properties[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

export interface Tag { readonly Key: string; readonly Value: string }

export function tags(properties: Properties): Tag[] {
  const value: unknown[] = Array.isArray(properties.Tags) ? properties.Tags : [];
  return value.map((tag) => {
    if (typeof tag !== 'object' || tag === null || !('Key' in tag) || !('Value' in tag)) {
      throw new Error('each of Tags needs Key and Value');
    }
    return { Key: String(tag.Key), Value: String(tag.Value) };
  });
}

/** What an update must set and remove. */
export function tagChanges(properties: Properties, old: Properties): { readonly set: Tag[]; readonly removed: string[] } {
  const [now, before] = [tags(properties), tags(old)];
  return {
    set: now.filter(({ Key, Value }) => !before.some((tag) => tag.Key === Key && tag.Value === Value)),
    removed: before.map(({ Key }) => Key).filter((key) => !now.some((tag) => tag.Key === key)),
  };
}

/** Makes a call that may find nothing: an error of this name is no failure. */
export async function ignoring(name: string, call: () => Promise<unknown>, message?: RegExp): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isNamed(error, name, message)) {
      throw error;
    }
  }
}

export function isNamed(error: unknown, name: string, message = /(?:)/): boolean {
  return error instanceof Error && error.name === name && message.test(error.message);
}
