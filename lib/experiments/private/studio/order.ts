import type { aws_kms as kms } from 'aws-cdk-lib';
import type { IConstruct, IDependable } from 'constructs';

/** What users know of their domain, and spaces of their user, beyond their interfaces. */
interface Owner {
  /** What they depend on: it is deleted after them, and before the owner. */
  readonly ready: IDependable;
  readonly encryptionKey?: kms.IKeyRef;
}

const OWNERS = new WeakMap<IConstruct, Owner>();

export function declareOwner(construct: IConstruct, owner: Owner): void {
  OWNERS.set(construct, owner);
}

/** Undefined for an import. */
export function ownerOf(construct: IConstruct): Owner | undefined {
  return OWNERS.get(construct);
}
