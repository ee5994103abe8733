/** A request of a REST-JSON service in the SDK's terms. */
export interface RestCall {
  /** As in the SDK, e.g. `CreateRoleAlias`. */
  readonly operation: string;
  /** As the SDK was given it. */
  readonly input: Record<string, unknown>;
}

export interface RestRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

interface Member { readonly name: string; readonly label: boolean; readonly query?: string; readonly header?: string; readonly payload: boolean; readonly kind: unknown }
interface Operation { readonly name: string; readonly method: string; readonly path: readonly string[]; readonly query: URLSearchParams; readonly members: () => Member[] }

const OPERATION = 9; // kinds and trait bits of @smithy/core's schemas
const NUMBER = 1;
const BOOLEAN = 2;
const LABEL_BIT = 1;
const PAYLOAD_BIT = 16;

/** Finds the operation behind a request by the schemas that the service's own SDK client is made of. */
export class RestOperations {
  private readonly operations: readonly Operation[];

  /** `client`: the SDK package's module, e.g. `import * as iot from '@aws-sdk/client-iot'`. */
  public constructor(client: object) {
    this.operations = Object.values(client).flatMap(readOperation).sort((a, b) => labels(a) - labels(b)); // a literal path wins over a label
  }

  public match({ method, url, headers, body }: RestRequest): RestCall | undefined {
    const { pathname, searchParams } = new URL(url, 'http://local');
    const segments = pathname.split('/');
    const operation = this.operations.find((candidate) => candidate.method === method && fits(candidate, segments, searchParams));
    if (!operation) { return undefined; }
    const input: Record<string, unknown> = {};
    const members = operation.members();
    for (const { name, label, query, header, kind } of members) {
      const text = label ? pathLabel(operation, segments, name) : query !== undefined ? searchParams.get(query) : header !== undefined ? first(headers[header.toLowerCase()]) : undefined;
      if (text !== undefined && text !== null) { input[name] = kind === NUMBER ? Number(text) : kind === BOOLEAN ? text === 'true' : text; }
    }
    const payload = members.find((member) => member.payload);
    const parsed = parseBody(body);
    if (payload) { input[payload.name] = parsed; } else if (typeof parsed === 'object' && parsed !== null) { Object.assign(input, parsed); }
    return { operation: operation.name, input };
  }
}

function readOperation(schema: unknown): Operation[] {
  if (!Array.isArray(schema) || schema[0] !== OPERATION) { return []; }
  const [, , name, traits, input] = schema as unknown[];
  const http = isRecord(traits) && Array.isArray(traits.http) ? traits.http as unknown[] : [];
  const [method, uri] = http;
  if (typeof name !== 'string' || typeof method !== 'string' || typeof uri !== 'string') { return []; }
  const [path = '', query] = uri.split('?');
  return [{ name, method, path: path.split('/'), query: new URLSearchParams(query), members: () => readMembers(typeof input === 'function' ? (input as () => unknown)() : input) }];
}

function readMembers(structure: unknown): Member[] {
  if (!Array.isArray(structure)) { return []; }
  const [, , , , names, schemas] = structure as unknown[];
  if (!Array.isArray(names) || !Array.isArray(schemas)) { return []; }
  return names.map((name: unknown, index) => {
    const schema: unknown = schemas[index];
    const [kind, traits] = Array.isArray(schema) ? schema as unknown[] : [schema, 0];
    const bits = typeof traits === 'number' ? traits : 0;
    const named = isRecord(traits) ? traits : {};
    return {
      name: String(name), kind,
      label: (bits & LABEL_BIT) !== 0 || named.httpLabel === 1,
      payload: (bits & PAYLOAD_BIT) !== 0 || named.httpPayload === 1,
      ...(typeof named.httpQuery === 'string' ? { query: named.httpQuery } : {}),
      ...(typeof named.httpHeader === 'string' ? { header: named.httpHeader } : {}),
    };
  });
}

function fits({ path, query }: Operation, segments: readonly string[], given: URLSearchParams): boolean {
  const matches = path.length === segments.length && path.every((part, index) => (isLabel(part) ? segments[index] !== '' : part === segments[index]));
  return matches && [...query].every(([key, value]) => given.has(key) && (value === '' || given.get(key) === value));
}

function pathLabel({ path }: Operation, segments: readonly string[], name: string): string | undefined {
  const segment = segments[path.findIndex((part) => part === `{${name}}` || part === `{${name}+}`)];
  return segment === undefined ? undefined : decodeURIComponent(segment);
}

function isLabel(part: string): boolean {
  return part.startsWith('{');
}

function labels({ path }: Operation): number {
  return path.filter(isLabel).length;
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) { return undefined; }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return body.toString('utf8');
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
