import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { ServiceError } from './errors';
import type { ServiceId } from './operation';
import { isRecord } from './validator';

/** A request, read by the rules of its protocol, and nothing checked yet but its form. */
export interface Call {
  readonly service: ServiceId;
  readonly operation: string;
  readonly body: Buffer;
}

/** Who signed it, by their own account: the signature itself is not verified. */
export interface Credential {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly sessionToken?: string;
}

/** The runtime API's operations, by path. */
const RUNTIME_PATHS: Readonly<Record<string, string>> = {
  '/GetDeviceRegistration': 'GetDeviceRegistration', '/SendHeartbeat': 'SendHeartbeat', '/GetDeployments': 'GetDeployments',
};

const JSON_TYPE = 'application/x-amz-json-1.1';
const REST_TYPE = 'application/json';

/** AWS JSON 1.1 for SageMaker, rest-json for the runtime API; both on one port. */
export async function readCall(request: IncomingMessage): Promise<Call> {
  const body = await buffer(request);
  const target = header(request, 'x-amz-target');
  const path = new URL(request.url ?? '/', 'http://stand-in').pathname;
  if (target !== undefined) { return { service: 'SageMaker', operation: target.replace(/^SageMaker\./, ''), body }; }
  return { service: 'Sagemaker Edge', operation: RUNTIME_PATHS[path] ?? path, body };
}

/** The request's JSON, without members that are null: they mean the same as no member. */
export function readInput(body: Buffer): unknown {
  if (body.length === 0) { return {}; }
  try {
    const input: unknown = JSON.parse(body.toString(), (_, value: unknown) => value ?? undefined);
    return input;
  } catch {
    throw new ServiceError('SerializationException', 'The request is not valid JSON');
  }
}

/** Undefined for a request that nobody signed. */
export function readCredential(request: IncomingMessage): Credential | undefined {
  const scope = /Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/.exec(request.headers.authorization ?? '');
  const [, accessKeyId, region, service] = scope ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) { return undefined; }
  const sessionToken = header(request, 'x-amz-security-token');
  return { accessKeyId, region, service, ...sessionToken === undefined ? {} : { sessionToken } };
}

/** An operation without output has an empty body. */
export function answer(response: ServerResponse, service: ServiceId, output: object | undefined): void {
  send(response, service, 200, output === undefined ? '' : JSON.stringify(output), {});
}

export function answerError(response: ServerResponse, service: ServiceId, { name, message, status }: ServiceError): void {
  send(response, service, status, JSON.stringify({ __type: name, message }), { 'x-amzn-ErrorType': name });
}

/** For the control calls, which are no AWS protocol. */
export function answerControl(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': REST_TYPE }).end(`${JSON.stringify(body, undefined, 2)}\n`);
}

/** For the request log: the input as it came, or as text if it is no JSON. */
export function loggable(body: Buffer): unknown {
  try {
    const input: unknown = JSON.parse(body.toString() || '{}');
    return isRecord(input) ? input : body.toString();
  } catch {
    return body.toString();
  }
}

function send(response: ServerResponse, service: ServiceId, status: number, body: string, headers: Readonly<Record<string, string>>): void {
  response.writeHead(status, {
    'x-amzn-RequestId': randomUUID(), 'Content-Type': service === 'SageMaker' ? JSON_TYPE : REST_TYPE, 'Content-Length': Buffer.byteLength(body), ...headers,
  }).end(body);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
