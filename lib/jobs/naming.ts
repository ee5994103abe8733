import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { entityName, shortHash } from '../private/naming';

/** What the handler adds to it leaves room for this much: see lambda/jobs/naming.ts. */
const MAX_PREFIX = 31;

/**
 * The beginning of the names of all jobs of a stack, where the rights of its handler end. The hash keeps `app` from
 * covering `app-2`. Lower case, because SageMaker writes names into ARNs that way.
 */
export function jobNamePrefix(scope: IConstruct): string {
  const stack = Stack.of(scope);
  const name = Token.isUnresolved(stack.stackName) ? stack.node.id : stack.stackName;
  const hash = shortHash(`${stack.node.addr}/${name}`);
  return `${entityName([name.toLowerCase()], MAX_PREFIX - hash.length - 1)}-${hash}`;
}
