import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { ServiceError } from './errors';
import type { ServiceModel } from './model';
import { Routes } from './routes';

/** An HTTP answer, ours or the emulator's. */
export interface Answer { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer }

/** A request, read by the rules of its protocol, and nothing checked yet but its form. */
export interface Call {
  readonly model: ServiceModel;
  /** Method and path where the model knows none. */
  readonly operation: string;
  /** As it came, for the log; the body's text where that is no JSON. */
  readonly input: unknown;
  readonly isJson: boolean;
}

const NO_CONTENT = 204;

/**
 * Reads requests of several services that share a port: AWS JSON 1.1, which names its operation in a header, and
 * REST-JSON, which has paths.
 */
export class CallReader {
  private readonly rest: readonly { readonly model: ServiceModel; readonly routes: Routes }[];

  public constructor(private readonly models: readonly [ServiceModel, ...ServiceModel[]]) {
    this.rest = models.filter(({ protocol }) => protocol === 'rest-json').map((model) => ({ model, routes: new Routes(model) }));
  }

  public read({ method = '', url = '/', headers }: IncomingMessage, body: Buffer): Call {
    const { value, isJson } = parsed(body);
    const target = headers['x-amz-target'];
    const named = typeof target === 'string' ? this.models.find(({ targetPrefix }) => targetPrefix !== undefined) : undefined;
    if (named) {
      return { model: named, operation: String(target).replace(`${named.targetPrefix ?? ''}.`, ''), input: value ?? {}, isJson };
    }
    for (const { model, routes } of this.rest) {
      const match = routes.match({ method, url, headers, body: isJson ? value : undefined });
      if (match) {
        return { model, ...match, ...isJson ? {} : { input: value }, isJson };
      }
    }
    return { model: this.rest.at(-1)?.model ?? this.models[0], operation: `${method} ${url}`, input: value ?? {}, isJson };
  }
}

/** What a call gives to its operation: without members that are null, which mean the same as no member. */
export function givenInput({ input, isJson }: Call): unknown {
  if (!isJson) {
    throw new ServiceError('SerializationException', 'The request is not valid JSON');
  }
  const given: unknown = JSON.parse(JSON.stringify(input), (_, value: unknown) => value ?? undefined);
  return given;
}

/** An operation without output has an empty body, and so has every answer with the status 204. */
export function success({ model: { protocol, operations }, operation }: Call, output: object | undefined): Answer {
  const status = operations[operation]?.status ?? 200;
  return answer(protocol, status, status === NO_CONTENT ? undefined : output, {});
}

/** REST services name an error in the header alone: see the answers in https://github.com/aws-amplify/aws-sdk-ios/issues/720. */
export function failure({ protocol }: ServiceModel, { name, message, status, fields }: ServiceError): Answer {
  const type = protocol === 'json' ? { __type: name } : {};
  return answer(protocol, status, { ...type, message, ...fields }, { 'x-amzn-ErrorType': name });
}

function answer(protocol: string, status: number, content: object | undefined, headers: OutgoingHttpHeaders): Answer {
  const body = Buffer.from(content === undefined ? '' : JSON.stringify(content));
  const type = protocol === 'json' ? 'application/x-amz-json-1.1' : 'application/json';
  const ofBody = status === NO_CONTENT ? {} : { 'Content-Type': type, 'Content-Length': body.length };
  return { status, headers: { 'x-amzn-RequestId': randomUUID(), ...ofBody, ...headers }, body };
}

function parsed(body: Buffer): { readonly value: unknown; readonly isJson: boolean } {
  const text = body.toString('utf8');
  if (text === '') {
    return { value: undefined, isJson: true };
  }
  try {
    return { value: JSON.parse(text), isJson: true };
  } catch {
    return { value: text, isJson: false };
  }
}
