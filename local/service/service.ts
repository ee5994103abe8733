import { inputSchema } from './check-input';
import type { Caller, CallerAuthority } from './contracts';
import { DIALECTS, type Dialect } from './dialect';
import { deniedText, ServiceError } from './errors';
import { MODELS, type ServiceId, type ServiceModel } from './model';
import type { Operation, OperationTable } from './operation';

export interface ServiceDefinition {
  readonly id: ServiceId;
  /** What the stand-in answers. A function, since a stand-in that forgets everything starts with another table. */
  readonly operations: () => OperationTable;
  readonly authority: Pick<CallerAuthority, 'authorize' | 'mayPassRole'>;
  /** Whom callers pass roles to. */
  readonly principal?: string;
  /** Throws for a role that the service cannot assume. */
  readonly checkRole?: (roleArn: string) => Promise<void>;
}

/** One service: its published model, and the operations of it that a stand-in answers. */
export class Service {
  public readonly id: ServiceId;
  public readonly model: ServiceModel;
  public readonly dialect: Dialect;

  /** Throws for an operation that the service's model does not have. */
  public constructor(private readonly definition: ServiceDefinition) {
    this.id = definition.id;
    this.model = MODELS[this.id];
    this.dialect = DIALECTS[this.id];
    for (const name of Object.keys(definition.operations())) { inputSchema(this.id, name); }
  }

  public operation(name: string): Operation | undefined {
    const operations = this.definition.operations();
    return Object.hasOwn(operations, name) ? operations[name] : undefined;
  }

  /** Validation, then authorisation, then the work. */
  public async call(name: string, given: unknown, caller: Caller): Promise<object | undefined> {
    const operation = this.operation(name);
    if (!operation) {
      throw new ServiceError('UnknownOperationException', `The local stand-in does not know the operation ${name} of ${this.id}`, this.dialect.unknownStatus);
    }
    const input = this.validated(name, given);
    await this.authorize(name, operation, input, caller);
    return operation.run(input, caller);
  }

  /** Throws what AWS answers to an input that breaks the model. Of an operation that nobody here uses, everything passes. */
  public check(name: string, given: unknown): void {
    if (this.model.operations[name]?.input !== undefined) { this.validated(name, given); }
  }

  private validated(name: string, given: unknown): object {
    return inputSchema(this.id, name).validated(given);
  }

  private async authorize(name: string, operation: Operation, input: object, caller: Caller): Promise<void> {
    const { authority, principal = '', checkRole } = this.definition;
    const own = (operation.resources?.(input) ?? ['*']).map((arn) => [`${this.model.signingName}:${name}`, arn] as const);
    const rights = [...own, ...operation.rights?.(input) ?? []];
    const role = operation.role?.(input);
    for (const [action, arn] of caller.isRoot ? [] : rights) {
      if (!await authority.authorize(caller, action, arn)) { throw this.denied(caller, action, arn); }
    }
    if (role === undefined) { return; }
    if (!caller.isRoot && !await authority.mayPassRole(caller, role, principal)) { throw this.denied(caller, 'iam:PassRole', role); }
    await checkRole?.(role);
  }

  private denied(caller: Caller, action: string, arn: string): ServiceError {
    return new ServiceError('AccessDeniedException', deniedText(caller.arn, action, arn), this.dialect.deniedStatus);
  }
}
