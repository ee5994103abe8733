import { Stack } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/**
 * Returns the one construct with this id in the stack of `scope`, and makes it where there is none.
 *
 * @param uid part of the upgrade contract where resources are below it: a new id replaces them
 */
export function inStack<T extends Construct>(scope: IConstruct, uid: string, make: (stack: Stack, uid: string) => T): T {
  const stack = Stack.of(scope);
  return stack.node.tryFindChild(uid) as T | undefined ?? make(stack, uid);
}
