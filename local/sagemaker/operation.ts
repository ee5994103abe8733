import type { Caller, CallerAuthority } from './contracts';
import { denied, unassumable } from './errors';
import type { Infer, StructureShape } from './shape';
import { validated } from './validator';

/** Service ids of the SDKs. */
export type ServiceId = 'SageMaker' | 'Sagemaker Edge';

/** An operation of the API: what it takes, what the caller must be allowed, what it does. */
export interface OperationDefinition<S extends StructureShape> {
  readonly service: ServiceId;
  readonly name: string;
  readonly input: S;
  /** The ARNs that the action is asked for: all must be allowed. */
  readonly resources: (input: Infer<S>) => readonly string[];
  /** The role that the caller hands over, and the service then assumes. */
  readonly role?: (input: Infer<S>) => string | undefined;
  /** Whether tags are given: the caller then needs sagemaker:AddTags on the same ARNs. */
  readonly tags?: (input: Infer<S>) => readonly unknown[] | undefined;
  /** Nothing for an operation whose answer is empty. */
  readonly run: (input: Infer<S>) => object | undefined | Promise<object | undefined>;
}

/** An operation, ready to be called with whatever arrived. */
export interface Operation {
  readonly service: ServiceId;
  readonly name: string;
  call(input: unknown, caller: Caller, authority: CallerAuthority): Promise<object | undefined>;
}

/** For actions that IAM knows without resource types. */
export const ANY_RESOURCE: readonly string[] = ['*'];

/** Validation, then authorisation, then the work. */
export function operation<S extends StructureShape>(definition: OperationDefinition<S>): Operation {
  const { service, name } = definition;
  return {
    service, name,
    call: async (raw, caller, authority) => {
      const input = validated(definition.input, raw);
      const resources = definition.resources(input);
      const role = definition.role?.(input);
      if (!caller.isRoot) {
        await mustMay(authority, caller, `sagemaker:${name}`, resources);
        if ((definition.tags?.(input) ?? []).length > 0) { await mustMay(authority, caller, 'sagemaker:AddTags', resources); }
        if (role !== undefined && !await authority.mayPassRole(caller, role, 'sagemaker.amazonaws.com')) { throw denied(caller.arn, 'iam:PassRole', role); }
      }
      if (role !== undefined && !await authority.trustsService(role, 'sagemaker.amazonaws.com')) { throw unassumable(role); }
      return definition.run(input);
    },
  };
}

async function mustMay(authority: CallerAuthority, caller: Caller, action: string, resources: readonly string[]): Promise<void> {
  for (const resource of resources) {
    if (!await authority.authorize(caller, action, resource)) { throw denied(caller.arn, action, resource); }
  }
}
