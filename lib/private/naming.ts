import { createHash } from 'node:crypto';
import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

const ENTITY_NAME_MAX = 63;

/** Lower-case hexadecimal; short enough for a name, long enough for one stack's names. */
export function shortHash(text: string, length = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/**
 * A SageMaker entity name (letters, digits, hyphens) made of `parts`. Where something had to be changed or cut, a hash
 * of the original parts ends the name, so that two different origins do not meet in one name.
 */
export function entityName(parts: readonly string[], max = ENTITY_NAME_MAX): string {
  const plain = parts.join('-');
  const clean = trimHyphens(plain.replace(/[^a-zA-Z0-9-]+/g, '-'));
  if (clean === plain && clean.length <= max) {
    return clean;
  }
  const hash = shortHash(parts.join('/'));
  return trimHyphens(`${trimHyphens(clean.slice(0, max - hash.length - 1))}-${hash}`);
}

/**
 * A name for a resource whose type wants one in the template: the stack's name, so that two stages do not collide, and
 * the path of `id` in `scope` within the stack. A token (a nested stack's name) is replaced by the stack's own id.
 */
export function generatedName(scope: IConstruct, id: string, max = ENTITY_NAME_MAX): string {
  const stack = Stack.of(scope);
  const stackName = Token.isUnresolved(stack.stackName) ? stack.node.id : stack.stackName;
  const path = scope.node.scopes.slice(stack.node.scopes.length).map((construct) => construct.node.id);
  return entityName([stackName, ...path, id], max);
}

/** The default name of a device: made of its fleet's name and its id, both of which a person chose. */
export function deviceName(scope: IConstruct, fleetName: string | undefined, id: string): string {
  return fleetName === undefined || Token.isUnresolved(fleetName) ? generatedName(scope, id) : entityName([fleetName, id]);
}

function trimHyphens(text: string): string {
  return text.replace(/^-+|-+$/g, '');
}
