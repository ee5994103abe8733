/** A policy document, as far as the stand-ins look into one. */
export interface PolicyDocument { readonly Version?: string; readonly Statement: readonly Statement[] }

export interface Statement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Conditions;
}

/** Operator → key → values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** IAM's API gives documents URL-encoded. */
export function parsePolicy(text: string): PolicyDocument {
  const document = JSON.parse(text.startsWith('%') ? decodeURIComponent(text) : text) as {
    Version?: string;
    Statement: Statement | Statement[];
  };
  return { ...document, Statement: listOf(document.Statement) };
}

export function listOf<T extends string | object>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) {
    return [];
  }
  return isList(value) ? value : [value];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** Whether `value` matches an IAM pattern with `*` and `?`. */
export function matchesPattern(value: string, pattern: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 's').test(value);
}

type Test = (actual: string, wanted: string) => boolean;
const equal: Test = (actual, wanted) => actual === wanted;
const equalIgnoringCase: Test = (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase();
const OPERATORS: ReadonlyMap<string, { readonly test: Test; readonly negated: boolean }> = new Map([
  ['stringequals', { test: equal, negated: false }],
  ['stringnotequals', { test: equal, negated: true }],
  ['stringequalsignorecase', { test: equalIgnoringCase, negated: false }],
  ['stringnotequalsignorecase', { test: equalIgnoringCase, negated: true }],
  ['stringlike', { test: matchesPattern, negated: false }],
  ['stringnotlike', { test: matchesPattern, negated: true }],
  ['arnequals', { test: matchesPattern, negated: false }],
  ['arnlike', { test: matchesPattern, negated: false }],
  ['arnnotequals', { test: matchesPattern, negated: true }],
  ['arnnotlike', { test: matchesPattern, negated: true }],
]);

/** Whether a known value meets one operator's wish; undefined for operators that are not about text. */
export function conditionMet(operator: string, wanted: readonly string[], actual: string): boolean | undefined {
  const name = operator.toLowerCase().replace(/^for(anyvalue|allvalues):/, '').replace(/ifexists$/, '');
  if (name === 'null') {
    return wanted.every((value) => value.toLowerCase() === 'false');
  }
  const known = OPERATORS.get(name);
  return known && wanted.some((value) => known.test(actual, value)) !== known.negated;
}
