/** Properties of a custom resource as they came. CloudFormation sends every scalar as text. */
export type Properties = Readonly<Record<string, unknown>>;

/** A message quotes no more of a wrong value than this. */
const MAX_QUOTE = 100;

export function isRecord(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws unless it is an object. */
export function asRecord(value: unknown, what: string): Properties {
  if (!isRecord(value)) {
    throw new Error(`${what} must be an object, got ${quoted(value)}`);
  }
  return value;
}

/** Reads properties as what they must be. Each throws with the property's path, what is wanted and what came. */
export class PropertyReader {
  /** @param path what stands before a name in messages: `Output.` for the members of `Output` */
  public constructor(private readonly properties: Properties, private readonly path = '') {}

  /** A text that is not empty. A number is as good as its text. */
  public text(name: string): string {
    const value = textOf(this.properties[name]);
    return value === undefined || value === '' ? this.fail(name, 'text') : value;
  }

  /** A text that may be empty. */
  public anyText(name: string): string {
    return textOf(this.properties[name]) ?? this.fail(name, 'text');
  }

  /** Undefined where it is absent or empty: a template parameter cannot be absent. */
  public optionalText(name: string): string | undefined {
    return this.isAbsent(name) ? undefined : this.text(name);
  }

  public textList(name: string): string[] {
    const value: unknown = this.properties[name];
    const texts = Array.isArray(value) ? value.map(textOf) : [undefined];
    return texts.every((text) => text !== undefined) ? texts : this.fail(name, 'a list of texts');
  }

  /** A map of texts. One that is absent is empty. */
  public textMap(name: string): Record<string, string> {
    const value = this.properties[name] ?? {};
    if (!isRecord(value)) {
      return this.fail(name, 'a map of texts');
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textOf(item) ?? this.fail(`${name}.${key}`, 'text', item)]));
  }

  /** A whole number of at least `min`. */
  public wholeNumber(name: string, min: number): number {
    const text = textOf(this.properties[name]) ?? '';
    return /^[0-9]+$/.test(text) && Number(text) >= min ? Number(text) : this.fail(name, `a whole number of at least ${min}`);
  }

  /** A number of at least 0, as JSON has it: what was counted or measured. */
  public measure(name: string): number {
    const value = this.properties[name];
    return isMeasure(value) ? value : this.fail(name, 'a number of at least 0');
  }

  public optionalMeasure(name: string): number | undefined {
    return this.isAbsent(name) ? undefined : this.measure(name);
  }

  public measures(name: string): number[] {
    const value: unknown = this.properties[name];
    return Array.isArray(value) && value.every(isMeasure) ? value : this.fail(name, 'a list of numbers of at least 0');
  }

  /** `true` or `false`, as JSON has them. */
  public flag(name: string): boolean {
    const value = this.properties[name];
    return typeof value === 'boolean' ? value : this.fail(name, 'true or false');
  }

  /** One of these texts. */
  public choice<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.properties[name];
    return choices.find((choice) => choice === value) ?? this.fail(name, `one of ${choices.join(', ')}`);
  }

  /** A time in ISO 8601. */
  public time(name: string): string {
    const text = this.text(name);
    return Number.isNaN(Date.parse(text)) ? this.fail(name, 'a time in ISO 8601') : text;
  }

  /** Whether it is there and says `true`. */
  public isTrue(name: string): boolean {
    return String(this.properties[name]) === 'true';
  }

  /** An object, to read its members. */
  public object(name: string): PropertyReader {
    const value = this.properties[name];
    return isRecord(value) ? new PropertyReader(value, `${this.path}${name}.`) : this.fail(name, 'an object');
  }

  public optionalObject(name: string): PropertyReader | undefined {
    return this.isAbsent(name) ? undefined : this.object(name);
  }

  /** A list of objects. One that is absent is empty. */
  public objects(name: string): PropertyReader[] {
    const value: unknown = this.properties[name] ?? [];
    if (!Array.isArray(value) || !value.every(isRecord)) {
      return this.fail(name, 'a list of objects');
    }
    return value.map((item, index) => new PropertyReader(item, `${this.path}${name}[${index}].`));
  }

  public isAbsent(name: string): boolean {
    return this.properties[name] === undefined || this.properties[name] === '';
  }

  private fail(name: string, wanted: string, value = this.properties[name]): never {
    throw new Error(`property ${this.path}${name} must be ${wanted}, got ${quoted(value)}`);
  }
}

function isMeasure(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined ?? 'undefined'; // of undefined it gives no text, which its type does not say
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text;
}
