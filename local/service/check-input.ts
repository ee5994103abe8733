import { DIALECTS } from './dialect';
import { MODELS, type ServiceId } from './model';
import { Schema } from './validator';

/**
 * Throws what the service answers to an input that breaks its published model, or a stricter rule of the overlay. For
 * fakes of a service, which get the SDK's inputs: so they take what the stand-ins take, and nothing else.
 */
export function checkInput(service: ServiceId, operation: string, input: object): void {
  inputSchema(service, operation).validated(input);
}

/** The same for a whole client whose methods are called as the operations, the first letter small, and take the input. */
export function checkedCalls<T extends object>(service: ServiceId, calls: T): T {
  return new Proxy(calls, {
    get: (target, name): unknown => {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== 'function' || typeof name !== 'string') { return call; }
      return (input: object, ...others: unknown[]): unknown => {
        checkInput(service, name.charAt(0).toUpperCase() + name.slice(1), input);
        return Reflect.apply(call, target, [input, ...others]);
      };
    },
  });
}

/** The rules of an operation's input. Throws for an operation that the model does not have. */
export function inputSchema(service: ServiceId, operation: string): Schema<object> {
  const { operations, shapes } = MODELS[service];
  const input = operations[operation]?.input;
  if (input === undefined) { throw new Error(`the model of ${service} in local/service/models has no ${operation}: name it in scripts/service-models.ts`); }
  return new Schema(shapes, input, DIALECTS[service].invalid);
}
