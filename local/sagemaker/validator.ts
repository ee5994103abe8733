import { ServiceError, invalid } from './errors';
import type { Infer, ListShape, NumberShape, Shape, StringShape, StructureShape } from './shape';

/** Collects what is wrong, as the service does: all constraints at once. */
interface Findings {
  readonly problems: string[];
}

/** The input as its shape's type; throws what the service answers to anything else. */
export function validated<S extends Shape>(shape: S, input: unknown): Infer<S> {
  const findings: Findings = { problems: [] };
  if (follows(shape, input, findings)) { return input; }
  const { length } = findings.problems;
  throw invalid(`${length} validation error${length === 1 ? '' : 's'} detected: ${findings.problems.join('; ')}`);
}

function follows<S extends Shape>(shape: S, value: unknown, findings: Findings): value is Infer<S> {
  check(shape, value, '', findings);
  return findings.problems.length === 0;
}

function check(shape: Shape, value: unknown, path: string, findings: Findings): void {
  switch (shape.kind) {
    case 'string': checkString(shape, value, path, findings); break;
    case 'boolean': if (typeof value !== 'boolean') { throw mistyped(value, 'Boolean', path); } break;
    case 'list': checkList(shape, value, path, findings); break;
    case 'structure': checkStructure(shape, value, path, findings); break;
    default: checkNumber(shape, value, path, findings);
  }
}

function checkString({ min = 0, max = Infinity, pattern, values }: StringShape, value: unknown, path: string, findings: Findings): void {
  if (typeof value !== 'string') { throw mistyped(value, 'String', path); }
  const add = (constraint: string): void => { report(findings, `'${value}'`, path, constraint); };
  if (value.length < min) { add(`Member must have length greater than or equal to ${min}`); }
  if (value.length > max) { add(`Member must have length less than or equal to ${max}`); }
  if (pattern?.test(value) === false) { add(`Member must satisfy regular expression pattern: ${pattern.source}`); }
  if (values?.includes(value) === false) { add(`Member must satisfy enum value set: [${values.join(', ')}]`); }
}

function checkNumber({ kind, min = -Infinity, max = Infinity }: NumberShape, value: unknown, path: string, findings: Findings): void {
  if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value))) {
    throw mistyped(value, kind === 'integer' ? 'Integer' : kind === 'double' ? 'Double' : 'Timestamp', path);
  }
  if (value < min) { report(findings, `'${value}'`, path, `Member must have value greater than or equal to ${min}`); }
  if (value > max) { report(findings, `'${value}'`, path, `Member must have value less than or equal to ${max}`); }
}

function checkList({ member, min = 0, max = Infinity }: ListShape, value: unknown, path: string, findings: Findings): void {
  if (!Array.isArray(value)) { throw mistyped(value, 'List', path); }
  const items: unknown[] = value;
  const add = (constraint: string): void => { report(findings, `'${JSON.stringify(items)}'`, path, constraint); };
  if (items.length < min) { add(`Member must have length greater than or equal to ${min}`); }
  if (items.length > max) { add(`Member must have length less than or equal to ${max}`); }
  items.forEach((item, i) => {
    const at = `${path}.${i + 1}.member`;
    if (absent(item)) { report(findings, 'null', at, 'Member must not be null'); } else { check(member, item, at, findings); }
  });
}

function checkStructure({ required, optional, oneOf }: StructureShape, value: unknown, path: string, findings: Findings): void {
  if (!isRecord(value)) { throw mistyped(value, 'Structure', path); }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(required, name) && !Object.hasOwn(optional, name)) {
      throw new ServiceError('ValidationException',
        `Unknown member '${join(path, name)}', must be one of: ${[...Object.keys(required), ...Object.keys(optional)].join(', ')} (the local stand-in is strict: AWS ignores unknown members)`);
    }
  }
  for (const [name, shape] of Object.entries(required)) {
    if (absent(value[name])) { report(findings, 'null', join(path, name), 'Member must not be null'); } else { check(shape, value[name], join(path, name), findings); }
  }
  for (const [name, shape] of Object.entries(optional)) {
    if (!absent(value[name])) { check(shape, value[name], join(path, name), findings); }
  }
  for (const group of oneOf) {
    const given = group.filter((name) => !absent(value[name]));
    if (given.length !== 1) {
      throw invalid(`Exactly one of ${group.join(' and ')} must be given${path === '' ? '' : ` in ${path}`}, got ${given.length === 0 ? 'none' : given.join(' and ')}`);
    }
  }
}

/** JSON null means the same as no member. */
function absent(value: unknown): boolean {
  return value === undefined || value === null;
}

function report({ problems }: Findings, value: string, path: string, constraint: string): void {
  problems.push(`Value ${value} at '${path}' failed to satisfy constraint: ${constraint}`);
}

/** A wrong JSON type never reaches the constraints: the service's deserializer refuses it. */
function mistyped(value: unknown, wanted: string, path: string): ServiceError {
  const got = value === null ? 'NULL' : Array.isArray(value) ? 'LIST' : typeof value === 'object' ? 'STRUCTURE' : typeof value;
  return new ServiceError('SerializationException', `${got.toUpperCase()}_VALUE can not be converted to ${wanted === 'Integer' ? 'an' : 'a'} ${wanted} at '${path}'`);
}

/** Members are named as the service's messages name them: the first letter small. */
function join(path: string, name: string): string {
  const small = name.charAt(0).toLowerCase() + name.slice(1);
  return path === '' ? small : `${path}.${small}`;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
