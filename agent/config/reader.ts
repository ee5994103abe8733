import { resolve } from 'node:path';

/** Every key of the configuration file starts with this. */
export const KEY_PREFIX = 'sagemaker_edge_';

/** All that is wrong with a configuration, a line a key. */
export class ConfigError extends Error {
  public constructor(public readonly problems: readonly string[]) {
    super(`the configuration has ${problems.length} problem(s):\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

interface TextRule {
  /** 1 if it is left out. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** The rule in words. */
  readonly wanted: string;
}

interface IntegerRule {
  readonly min: number;
  readonly max?: number;
}

function fits(text: string, { min = 1, max = Infinity, pattern }: TextRule): boolean {
  return text.length >= min && text.length <= max && (pattern?.test(text) ?? true);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads keys one by one and collects every problem, so that a user mends the file once. Names go without prefix. */
export class ConfigReader {
  public readonly problems: string[] = [];
  /** What has no effect, and does not stop the agent. */
  public readonly warnings: string[] = [];
  private readonly known = new Set<string>();

  public constructor(private readonly raw: Readonly<Record<string, unknown>>) {}

  public problem(name: string, wanted: string, got: unknown): void {
    const shown = got === undefined ? 'nothing' : JSON.stringify(got).slice(0, 120);
    this.problems.push(`${KEY_PREFIX}${name}: wanted ${wanted}, got ${shown}`);
  }

  /** Marks keys as known without reading them. */
  public ignore(...names: string[]): string[] {
    return names.filter((name) => this.take(name) !== undefined).map((name) => KEY_PREFIX + name);
  }

  public has(name: string): boolean {
    return this.take(name) !== undefined;
  }

  public text(name: string, rule: TextRule): string | undefined {
    const value = this.take(name);
    if (value === undefined) {
      return undefined;
    }
    if (typeof value === 'string' && fits(value, rule)) {
      return value;
    }
    this.problem(name, rule.wanted, value);
    return undefined;
  }

  public requiredText(name: string, rule: TextRule): string {
    if (this.take(name) === undefined) {
      this.problem(name, rule.wanted, undefined);
    }
    return this.text(name, rule) ?? '';
  }

  public warn(name: string, text: string): void {
    this.warnings.push(`${KEY_PREFIX}${name} ${text}`);
  }

  /** An absolute path. A relative one in the file starts from the agent's working folder, as with AWS's agent. */
  public path(name: string, what: string): string | undefined {
    const value = this.take(name);
    if (value === undefined) {
      return undefined;
    }
    const fits = typeof value === 'string' && value !== '' && !value.includes('\0');
    if (fits) {
      return resolve(value);
    }
    this.problem(name, `the path of ${what}`, value);
    return undefined;
  }

  public requiredPath(name: string, what: string): string {
    if (this.take(name) === undefined) {
      this.problem(name, `the path of ${what}`, undefined);
    }
    return this.path(name, what) ?? '';
  }

  public integer(name: string, rule: IntegerRule): number | undefined {
    const value = this.take(name);
    if (value === undefined) {
      return undefined;
    }
    const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= rule.min && value <= (rule.max ?? Infinity);
    if (fits) {
      return value;
    }
    this.problem(name, this.integerWanted(rule), value);
    return undefined;
  }

  public requiredInteger(name: string, rule: IntegerRule): number {
    if (this.take(name) === undefined) {
      this.problem(name, this.integerWanted(rule), undefined);
    }
    return this.integer(name, rule) ?? NaN; // never used: the problem is on the list
  }

  /** A number above 0 and at most 1. */
  public share(name: string): number | undefined {
    const value = this.take(name);
    if (value === undefined || (typeof value === 'number' && value > 0 && value <= 1)) {
      return value;
    }
    this.problem(name, 'a number above 0 and at most 1', value);
    return undefined;
  }

  public flag(name: string): boolean {
    const value = this.take(name);
    // AWS's Greengrass recipes write "true" and "false" as text.
    if (value === undefined || value === false || value === 'false') {
      return false;
    }
    if (value === true || value === 'true') {
      return true;
    }
    this.problem(name, 'true or false', value);
    return false;
  }

  public choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.take(name);
    if (value === undefined) {
      return fallback;
    }
    const found = choices.find((choice) => choice === value);
    if (found === undefined) {
      this.problem(name, `one of ${choices.join(', ')}`, value);
    }
    return found ?? fallback;
  }

  public url(name: string, wanted: string, test: (url: URL) => boolean): URL | undefined {
    const value = this.take(name);
    if (value === undefined) {
      return undefined;
    }
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (url !== undefined && test(url)) {
      return url;
    }
    this.problem(name, wanted, value);
    return undefined;
  }

  public value(name: string): unknown {
    return this.take(name);
  }

  /** Keys of the file that nobody asked for. */
  public unknownKeys(): string[] {
    return Object.keys(this.raw).filter((key) => !this.known.has(key));
  }

  private integerWanted(rule: IntegerRule): string {
    return rule.max === undefined ? `a whole number of at least ${rule.min}` : `a whole number from ${rule.min} to ${rule.max}`;
  }

  private take(name: string): unknown {
    this.known.add(KEY_PREFIX + name);
    return this.raw[KEY_PREFIX + name];
  }
}
