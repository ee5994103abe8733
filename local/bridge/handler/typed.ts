import { DIALECTS } from '../../service/dialect';
import { MODELS, type ServiceId, type Shape, type Shapes } from '../../service/model';
import { isRecord, Schema } from '../../service/validator';

/**
 * Properties as the service's API takes them: CloudFormation's scalars reach a handler as strings, and the model of the
 * operation's input says what they are.
 */
export class TypedInput<T extends object> {
  private readonly shapes: Shapes;
  private readonly input: string;
  private readonly schema: Schema<T>;

  public constructor(service: ServiceId, operation: string) {
    const { operations, shapes } = MODELS[service];
    this.shapes = shapes;
    this.input = operations[operation]?.input ?? '';
    this.schema = new Schema<T>(shapes, this.input, DIALECTS[service].invalid);
  }

  /** Throws what the service answers to an input that breaks its model. */
  public of(properties: Readonly<Record<string, unknown>>): T {
    return this.schema.validated(typedValue(this.shapes, this.shapes[this.input], properties));
  }
}

/** Properties without those of the bridge, and without others. */
export function without(properties: Readonly<Record<string, unknown>>, ...names: readonly string[]): Record<string, unknown> {
  const left = ['ServiceToken', 'ServiceTimeout', ...names];
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !left.includes(name)));
}

function typedValue(shapes: Shapes, shape: Shape | undefined, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => typedValue(shapes, shapes[shape?.member?.shape ?? ''], item));
  }
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, child]) => (
      [name, typedValue(shapes, shapes[shape?.members?.[name]?.shape ?? shape?.value?.shape ?? ''], child)]
    )));
  }
  return scalar(shape?.type, value);
}

function scalar(type: string | undefined, value: unknown): unknown {
  if (typeof value !== 'string') {
    return value;
  }
  switch (type) {
    case 'integer': case 'long': case 'float': case 'double': return Number(value);
    case 'boolean': return value === 'true';
    default: return value;
  }
}
