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

/** A user's map with its keys in order: Java and Go give another order in each run, and what is made of the map must stay the same. */
export function sortedByKey<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([left], [right]) => left < right ? -1 : 1));
}

/** A component's configuration: each number as text, and the keys of each object in order. */
export function renderConfiguration(configuration: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return sortedByKey(Object.fromEntries(Object.entries(configuration).map(([key, value]) => [key, renderConfigured(value)])));
}

function renderConfigured(value: unknown): unknown {
  if (typeof value === 'number') {
    return Token.isUnresolved(value) ? Token.asString(Tokenization.reverseNumber(value)) : String(value);
  }
  if (Array.isArray(value)) {
    return value.map(renderConfigured);
  }
  return isRecord(value) && !Token.isUnresolved(value) ? renderConfiguration(value) : value;
}
