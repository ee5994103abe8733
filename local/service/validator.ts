import { ServiceError } from './errors';
import type { Shape, Shapes } from './model';

/** The rules of one structure, and the type that a value which follows them has. */
export class Schema<T extends object> {
  /** `refuse`: the service's answer to a value that breaks a constraint. */
  public constructor(
    private readonly shapes: Shapes,
    private readonly name: string,
    private readonly refuse: (message: string) => ServiceError,
  ) {}

  /** The value as its type. Throws what the service answers to anything else: all constraints at once. */
  public validated(value: unknown): T {
    const check = new Check(this.shapes, this.refuse);
    if (this.follows(check, value)) {
      return value;
    }
    const { length } = check.problems;
    throw this.refuse(`${length} validation error${length === 1 ? '' : 's'} detected: ${check.problems.join('; ')}`);
  }

  private follows(check: Check, value: unknown): value is T {
    check.shape(this.name, value, '');
    return check.problems.length === 0;
  }
}

/**
 * Collects what is wrong, as the service does: in the words of https://github.com/aws/sagemaker-python-sdk/issues/384, all
 * together as in https://github.com/aws-samples/sagemaker-ml-workflow-with-apache-airflow/issues/3, and a pattern as the
 * model writes it: https://github.com/aws-samples/mlops-sagemaker-github-actions/issues/6. Throws where the service's
 * deserializer would refuse.
 */
class Check {
  public readonly problems: string[] = [];

  /** By the type of a shape. */
  private readonly checks: Readonly<Record<string, (shape: Shape, value: unknown, path: string) => void>> = {
    structure: this.structure.bind(this),
    list: this.list.bind(this),
    map: this.map.bind(this),
    string: this.string.bind(this),
    integer: this.number.bind(this),
    long: this.number.bind(this),
    float: this.number.bind(this),
    double: this.number.bind(this),
    timestamp: typed('a Timestamp', (value) => typeof value === 'number' || value instanceof Date),
    boolean: typed('a Boolean', (value) => typeof value === 'boolean'),
    blob: this.blob.bind(this),
  };

  public constructor(private readonly shapes: Shapes, private readonly refuse: (message: string) => ServiceError) {}

  public shape(name: string, value: unknown, path: string): void {
    const shape = this.shapes[name];
    if (!shape) {
      throw new Error(`the model has no shape ${name}`);
    }
    const check = this.checks[shape.type];
    if (!check) {
      throw new Error(`${name} is of the type ${shape.type}, which is not known here`);
    }
    check(shape, value, path);
  }

  private structure({ members = {}, required = [], oneOf = [] }: Shape, value: unknown, path: string): void {
    if (!isRecord(value)) {
      throw mistyped(value, 'a Structure', path);
    }
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(members, name) && value[name] !== undefined);
    if (unknown !== undefined) {
      const known = Object.keys(members).join(', ');
      throw this.refuse(`Unknown member '${join(path, unknown)}', must be one of: ${known} (the local stand-in is strict: AWS ignores unknown members)`);
    }
    for (const [name, { shape }] of Object.entries(members)) {
      this.given(shape, value[name], join(path, name), required.includes(name));
    }
    for (const group of oneOf) {
      const given = group.filter((name) => !isAbsent(value[name]));
      if (given.length === 1) {
        continue;
      }
      const where = path === '' ? '' : ` in ${path}`;
      throw this.refuse(`Exactly one of ${group.join(' and ')} must be given${where}, got ${given.length === 0 ? 'none' : given.join(' and ')}`);
    }
  }

  private list(shape: Shape, value: unknown, path: string): void {
    if (!Array.isArray(value)) {
      throw mistyped(value, 'a List', path);
    }
    const items: unknown[] = value;
    this.length(shape, items.length, JSON.stringify(items), path);
    items.forEach((item, index) => {
      this.given(shape.member?.shape ?? '', item, `${path}.${index + 1}.member`, true);
    });
  }

  private map(shape: Shape, value: unknown, path: string): void {
    if (!isRecord(value)) {
      throw mistyped(value, 'a Map', path);
    }
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    this.length(shape, entries.length, JSON.stringify(value), path);
    for (const [key, item] of entries) {
      this.shape(shape.key?.shape ?? '', key, `${path}.${key}.key`);
      this.given(shape.value?.shape ?? '', item, `${path}.${key}.member`, true);
    }
  }

  private string(shape: Shape, value: unknown, path: string): void {
    if (typeof value !== 'string') {
      throw mistyped(value, 'a String', path);
    }
    this.length(shape, value.length, value, path);
    const { pattern, enum: values } = shape;
    if (pattern !== undefined && !regularExpression(pattern).test(value)) {
      this.add(value, path, `Member must satisfy regular expression pattern: ${pattern}`);
    }
    if (values?.includes(value) === false) {
      this.add(value, path, `Member must satisfy enum value set: [${values.join(', ')}]`);
    }
  }

  private number({ type, min = -Infinity, max = Infinity }: Shape, value: unknown, path: string): void {
    const isWhole = type === 'integer' || type === 'long';
    if (typeof value !== 'number' || (isWhole && !Number.isInteger(value))) {
      throw mistyped(value, isWhole ? 'an Integer' : 'a Double', path);
    }
    if (value < min) {
      this.add(value, path, `Member must have value greater than or equal to ${min}`);
    }
    if (value > max) {
      this.add(value, path, `Member must have value less than or equal to ${max}`);
    }
  }

  /** A blob arrives as base64, or as it is where it is a whole body; the length that a model means is that of its bytes. */
  private blob({ max = Infinity }: Shape, value: unknown, path: string): void {
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      throw mistyped(value, 'a Blob', path);
    }
    if (value instanceof Uint8Array && value.length > max) {
      this.problems.push(`Value at '${path}' failed to satisfy constraint: Member must have length less than or equal to ${max}`);
    }
  }

  private length({ min = 0, max = Infinity }: Shape, length: number, value: string, path: string): void {
    if (length < min) {
      this.add(value, path, `Member must have length greater than or equal to ${min}`);
    }
    if (length > max) {
      this.add(value, path, `Member must have length less than or equal to ${max}`);
    }
  }

  private given(shape: string, value: unknown, path: string, isRequired: boolean): void {
    if (!isAbsent(value)) {
      this.shape(shape, value, path);
    } else if (isRequired) {
      this.problems.push(problem('null', path, 'Member must not be null'));
    }
  }

  private add(value: string | number, path: string, constraint: string): void {
    this.problems.push(problem(`'${value}'`, path, constraint));
  }
}

/**
 * A model's pattern, which is Java's, as JavaScript reads it. It means the whole value. One with `\p{L}`, or with surrogates, needs
 * the flag `u`; others, with needless escapes, are none with it. `\p{Graph}`, `\p{Alnum}` and `\p{Print}` are Java's names for
 * characters of ASCII.
 */
export function regularExpression(pattern: string): RegExp {
  const made = EXPRESSIONS.get(pattern) ?? compiled(pattern);
  EXPRESSIONS.set(pattern, made);
  return made;
}

/** Of the models' patterns, which are few. */
const EXPRESSIONS = new Map<string, RegExp>();

function compiled(pattern: string): RegExp {
  const source = unanchored(pattern)
    .replaceAll(String.raw`\p{Graph}`, String.raw`\x21-\x7e`)
    .replaceAll(String.raw`\p{Alnum}`, 'a-zA-Z0-9')
    .replaceAll(String.raw`[\p{Print}]`, String.raw`[\x20-\x7e]`)
    .replaceAll(String.raw`\p{Print}`, String.raw`[\x20-\x7e]`);
  return new RegExp(`^(?:${source})$`, /\\p\{|\\uD800/.test(source) ? 'u' : '');
}

/** Some of the models' patterns are anchored, others not. */
function unanchored(pattern: string): string {
  return pattern.replace(/^(\^|\\A)/, '').replace(/(?<!\\)\$$|\\z$/, '');
}

/** A check of nothing but the type. */
function typed(wanted: string, isTyped: (value: unknown) => boolean): (shape: Shape, value: unknown, path: string) => void {
  return (_, value, path) => {
    if (!isTyped(value)) {
      throw mistyped(value, wanted, path);
    }
  };
}

/** JSON null means the same as no member. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function problem(value: string, path: string, constraint: string): string {
  return `Value ${value} at '${path}' failed to satisfy constraint: ${constraint}`;
}

/** A wrong JSON type never reaches the constraints: the service's deserializer refuses it. */
function mistyped(value: unknown, wanted: string, path: string): ServiceError {
  return new ServiceError('SerializationException', `${jsonType(value)}_VALUE can not be converted to ${wanted} at '${path}'`);
}

function jsonType(value: unknown): string {
  if (value === null) {
    return 'NULL';
  }
  if (Array.isArray(value)) {
    return 'LIST';
  }
  return typeof value === 'object' ? 'STRUCTURE' : (typeof value).toUpperCase();
}

/** Members are named as the service's messages name them: the first letter small. */
function join(path: string, name: string): string {
  const small = name.charAt(0).toLowerCase() + name.slice(1);
  return path === '' ? small : `${path}.${small}`;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
