import { Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './validation';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws for a key that is not `known`, with the one that was probably meant. */
export function refuseUnknownKeys(
  scope: IConstruct | undefined, what: string, value: Readonly<Record<string, unknown>>, known: readonly string[], why = '',
): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) {
      continue;
    }
    const meant = known.find((candidate) => candidate.toLowerCase() === key.toLowerCase());
    throw new ValidationError(scope, meant === undefined
      ? `${what} must have no other keys than ${known.join(', ')}${why}, got '${key}'`
      : `'${meant}' of ${what} must be spelled so, since nucleus lite minds the case, got '${key}'`);
  }
}

/** What a JSON pointer (RFC 6901) leads to; undefined where it leads to nothing. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replace(/~1/g, '/').replace(/~0/g, '~');
    value = typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;
  }
  return value;
}

/** Configuration with each number as text. */
export function numbersAsText(value: unknown): unknown {
  if (typeof value === 'number') {
    return Token.isUnresolved(value) ? Token.asString(Tokenization.reverseNumber(value)) : String(value);
  }
  if (Array.isArray(value)) {
    return value.map(numbersAsText);
  }
  if (isRecord(value) && !Token.isUnresolved(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, numbersAsText(child)]));
  }
  return value;
}
