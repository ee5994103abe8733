/** Declarations of what a request may hold: the tables in `shapes-*.ts` are made of these, validator.ts reads them. */
export type Shape = StringShape | NumberShape | BooleanShape | ListShape | StructureShape;

/** Lengths count characters. `pattern` covers the whole value. */
export interface StringShape<V extends string = string> {
  readonly kind: 'string';
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly values?: readonly V[];
}

/** Timestamps travel as seconds since 1970. */
export interface NumberShape {
  readonly kind: 'integer' | 'double' | 'timestamp';
  readonly min?: number;
  readonly max?: number;
}

export interface BooleanShape {
  readonly kind: 'boolean';
}

export interface ListShape<M extends Shape = Shape> {
  readonly kind: 'list';
  readonly member: M;
  readonly min?: number;
  readonly max?: number;
}

export type Members = Readonly<Record<string, Shape>>;

/** Any other member is refused. */
export interface StructureShape<R extends Members = Members, O extends Members = Members> {
  readonly kind: 'structure';
  readonly required: R;
  readonly optional: O;
  /** Of each group exactly one is given. */
  readonly oneOf: readonly (readonly string[])[];
}

/** The TypeScript type of a value that follows a shape. */
export type Infer<S extends Shape> =
  S extends StringShape<infer V> ? V :
    S extends NumberShape ? number :
      S extends BooleanShape ? boolean :
        S extends ListShape<infer M> ? readonly Infer<M>[] :
          S extends StructureShape<infer R, infer O> ? Given<R> & Maybe<O> : never;

type Given<M extends Members> = { readonly [K in keyof M]: Infer<M[K]> };
type Maybe<M extends Members> = { readonly [K in keyof M]?: Infer<M[K]> };

export function text(min: number, max: number, pattern?: RegExp): StringShape {
  return { kind: 'string', min, max, pattern };
}

export function oneOf<const V extends string>(...values: V[]): StringShape<V> {
  return { kind: 'string', values };
}

export function integer(min?: number, max?: number): NumberShape {
  return { kind: 'integer', min, max };
}

export function list<M extends Shape>(member: M, min?: number, max?: number): ListShape<M> {
  return { kind: 'list', member, min, max };
}

export function structure<R extends Members, O extends Members>(
  required: R, optional: O, ...groups: readonly (readonly (keyof O & string)[])[]
): StructureShape<R, O> {
  return { kind: 'structure', required, optional, oneOf: groups };
}

export const STRING: StringShape = { kind: 'string' };
export const DOUBLE: NumberShape = { kind: 'double' };
export const BOOLEAN: BooleanShape = { kind: 'boolean' };
export const TIMESTAMP: NumberShape = { kind: 'timestamp' };
export const NOTHING = {};
