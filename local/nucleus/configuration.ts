import { record } from './recipe';

type Configuration = Readonly<Record<string, unknown>>;

/** What a deployment does to a component's configuration. */
export interface ConfigurationUpdate {
  /** JSON pointers; '' is all of it. */
  readonly reset?: readonly string[];
  readonly merge?: Configuration;
}

/**
 * A component's configuration after a deployment: what it had, less what is reset, filled up with the recipe's
 * defaults, which never overwrite, and with the update's values on top, which stay. The numbers of an update become
 * doubles.
 */
export function updated(current: Configuration, defaults: Configuration, { reset = [], merge = {} }: ConfigurationUpdate): Configuration {
  let configuration = current;
  for (const pointer of reset) {
    configuration = without(configuration, pointer.split('/').slice(1));
  }
  return merged(merged(defaults, configuration), record(doubles(merge)));
}

function without(value: Configuration, path: readonly string[]): Configuration {
  const [first, ...rest] = path;
  if (first === undefined) {
    return {};
  }
  return Object.fromEntries(Object.entries(value).flatMap(([key, child]) => {
    if (key !== first) {
      return [[key, child]];
    }
    return rest.length > 0 && isObject(child) ? [[key, without(child, rest)]] : [];
  }));
}

/** `over` wins; objects are merged, lists and scalars replaced. */
function merged(under: Configuration, over: Configuration): Configuration {
  const result: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = under[key];
    result[key] = isObject(below) && isObject(value) ? merged(below, value) : value;
  }
  return result;
}

/** A number of an update. The nucleus keeps it as a double, and shows it as one: `2.0`. */
export class Double {
  public constructor(public readonly value: number) {}

  public toString(): string {
    return Number.isInteger(this.value) ? this.value.toFixed(1) : String(this.value);
  }
}

function doubles(value: unknown): unknown {
  if (typeof value === 'number') {
    return new Double(value);
  }
  if (Array.isArray(value)) {
    return value.map(doubles);
  }
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, child]) => [key, doubles(child)])) : value;
}

/** A value of a configuration as JSON, with the doubles that JSON.stringify does not know. */
export function json(value: unknown): string {
  if (value instanceof Double) {
    return value.toString();
  }
  if (Array.isArray(value)) {
    return `[${value.map(json).join(',')}]`;
  }
  return isObject(value)
    ? `{${Object.entries(value).map(([key, child]) => `${JSON.stringify(key)}:${json(child)}`).join(',')}}`
    : JSON.stringify(value);
}

function isObject(value: unknown): value is Configuration {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Double);
}
