import { Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What a message begins with: a construct, or one that is about to be made. */
export interface Located {
  readonly node: { readonly path: string };
}

/** The construct `id` of `scope`, before it is there. */
export function childOf(scope: IConstruct, id: string): Located {
  return { node: { path: scope.node.path === '' ? id : `${scope.node.path}/${id}` } };
}

/** Misuse of the library, found at synth. aws-cdk-lib's own ValidationError is internal to it, so this is ours. */
export class ValidationError extends Error {
  public constructor(scope: Located | undefined, message: string) {
    super(scope === undefined ? message : `${scope.node.path}: ${message}`);
    this.name = 'ValidationError';
  }
}

/** A rule for a text value. Lengths count characters, both ends included. */
export interface TextRule {
  readonly min?: number;
  readonly max?: number;
  /** Anchored by the caller. */
  readonly pattern?: RegExp;
  /** The pattern in words, for the message: what the user should give. */
  readonly wanted?: string;
}

/** SageMaker `EntityName` and `DeviceName`: jobs, fleets, devices, models. */
export const ENTITY_NAME: TextRule = {
  min: 1, max: 63, pattern: /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/,
  wanted: 'letters, digits and hyphens, with neither end a hyphen',
};

/** SageMaker `EdgeVersion`: model and agent versions. */
export const EDGE_VERSION: TextRule = {
  min: 1, max: 30, pattern: /^[a-zA-Z0-9 _.]+$/, wanted: 'letters, digits, blanks, dots and underscores (no hyphen, no plus)',
};

/** IoT thing and thing type names. */
export const THING_NAME: TextRule = {
  min: 1, max: 128, pattern: /^[a-zA-Z0-9:_-]+$/, wanted: 'letters, digits, colons, underscores and hyphens',
};

/** IoT role alias names. */
export const ROLE_ALIAS_NAME: TextRule = {
  min: 1, max: 128, pattern: /^[\w=,@-]+$/, wanted: 'letters, digits and _ = , @ -',
};

/** Throws unless `value` is undefined, a token, or follows `rule`. */
export function validateText(scope: Located | undefined, what: string, value: string | undefined, rule: TextRule): void {
  if (value === undefined || Token.isUnresolved(value)) {
    return;
  }
  const { min = 0, max = Number.MAX_SAFE_INTEGER, pattern, wanted } = rule;
  if (value.length < min || value.length > max) {
    throw new ValidationError(scope, `${what} must have ${lengthWords(min, max)}, got ${value.length}: '${value}'`);
  }
  if (pattern && !pattern.test(value)) {
    throw new ValidationError(scope, `${what} must be ${wanted ?? `text like ${pattern.source}`}, got '${value}'`);
  }
}

/** Throws unless `value` is undefined, a token, or a whole number from `min` to `max`. */
export function validateInteger(scope: Located | undefined, what: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || Token.isUnresolved(value)) {
    return;
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new ValidationError(scope, `${what} must be a whole number from ${min} to ${max}, got ${value}`);
  }
}

function lengthWords(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `at least ${min} characters` : `${min} to ${max} characters`;
}

/** Whether a list that looks complete is one whose elements only the deployment knows, as `Fn.split` gives it. */
export function hasListToken(list: readonly string[]): boolean {
  return list.some((element) => Tokenization.reverseList([element]) !== undefined);
}

/** Ends a message after the name of the list. */
export const LIST_TOKEN_ADVICE = 'must be known one by one at synth, got a list that only the deployment knows: '
  + 'use ec2.Vpc.fromLookup, or give Vpc.fromVpcAttributes each id by Fn.select';
