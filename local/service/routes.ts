import type { IncomingHttpHeaders } from 'node:http';
import type { Member, ServiceModel } from './model';
import { isRecord } from './validator';

export interface RestRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed. */
  readonly body: unknown;
}

/** A request of a REST-JSON service in the SDK's terms. */
export interface RestCall {
  /** As in the SDK, e.g. `CreateRoleAlias`. */
  readonly operation: string;
  /** As the SDK was given it. */
  readonly input: unknown;
}

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Where each member of the input is; undefined for an operation that nobody here uses. */
  readonly members: Readonly<Record<string, Member>> | undefined;
}

/** Finds the operation behind a request by the methods and URIs of a service's model. */
export class Routes {
  private readonly routes: readonly Route[];

  public constructor(private readonly model: ServiceModel) {
    this.routes = Object.entries(model.operations).map(([operation, { method = '', uri = '', input }]) => {
      const [path = '', query] = uri.split('?');
      return { operation, method, path: path.split('/'), query: new URLSearchParams(query), members: input === undefined ? undefined : model.shapes[input]?.members ?? {} };
    }).sort((a, b) => labels(a) - labels(b)); // a literal path wins over a label
  }

  public match(request: RestRequest): RestCall | undefined {
    const { pathname, searchParams } = new URL(request.url, 'http://local');
    const segments = pathname.split('/');
    const route = this.routes.find((candidate) => candidate.method === request.method && fits(candidate, segments, searchParams));
    return route && { operation: route.operation, input: this.input(route, segments, searchParams, request) };
  }

  private input(route: Route, segments: readonly string[], query: URLSearchParams, { headers, body }: RestRequest): unknown {
    if (body !== undefined && !isRecord(body)) { return body; }
    const labelled = pathLabels(route, segments);
    if (!route.members) { return { ...labelled, ...body }; }
    const input: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(route.members)) {
      const value = this.outsideBody(member, labelled, query, headers);
      if (value !== undefined) { input[name] = value; }
    }
    return { ...input, ...body };
  }

  private outsideBody({ location, locationName = '', shape: name }: Member, labelled: Readonly<Record<string, string>>, query: URLSearchParams, headers: IncomingHttpHeaders): unknown {
    const shape = this.model.shapes[name];
    switch (location) {
      case 'uri': return labelled[locationName];
      case 'header': return headers[locationName.toLowerCase()];
      case 'querystring': {
        const given = query.getAll(locationName);
        return shape?.type === 'list' && given.length > 0 ? given : typed(given[0], shape?.type);
      }
      default: return undefined;
    }
  }
}

function typed(text: string | undefined, type: string | undefined): unknown {
  if (text === undefined) { return undefined; }
  switch (type) {
    case 'integer': case 'long': case 'double': return Number(text);
    case 'boolean': return text === 'true';
    default: return text;
  }
}

function fits({ path, query }: Route, segments: readonly string[], given: URLSearchParams): boolean {
  const matches = path.length === segments.length && path.every((part, index) => (isLabel(part) ? segments[index] !== '' : part === segments[index]));
  return matches && [...query].every(([key, value]) => given.has(key) && (value === '' || given.get(key) === value));
}

/** `{name}` and `{name+}` of the path. */
function pathLabels({ path }: Route, segments: readonly string[]): Record<string, string> {
  return Object.fromEntries(path.flatMap((part, index) => (isLabel(part) ? [[part.replace(/^\{|\+?\}$/g, ''), decodeURIComponent(segments[index] ?? '')]] : [])));
}

function isLabel(part: string): boolean {
  return part.startsWith('{');
}

function labels({ path }: Route): number {
  return path.filter(isLabel).length;
}
