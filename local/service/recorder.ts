import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { callerIfKnown } from './caller';
import type { Caller, CallerAuthority, RequestLog } from './contracts';
import { errorText, ServiceError } from './errors';
import { errorName, type Onward } from './forwarder';
import { answering, listen, type RunningServer } from './http-server';
import { claimedService } from './signature';
import { isRecord } from './validator';
import type { Answer } from './wire';

export interface RecorderOptions {
  readonly emulator: Onward;
  readonly authority: Pick<CallerAuthority, 'identify'>;
  readonly log: RequestLog;
}

interface Call { readonly service: string; readonly operation: string; readonly input: Readonly<Record<string, string>> }

/**
 * Between the functions, the jobs, tasks, MLflow's servers and the emulator, for the services that it has whole: hands every call on,
 * and logs which resources it was about. Of what a request holds, names alone are read: neither a secret nor an object gets into the log.
 */
export async function startRecorder({ emulator, authority, log }: RecorderOptions): Promise<RunningServer> {
  return listen(answering(async (request, response) => {
    const time = new Date().toISOString();
    const body = await buffer(request);
    let caller: Caller | undefined;
    let answer: Answer;
    try {
      caller = await callerIfSigned(request, body, authority);
      answer = await emulator.forward(request, body);
    } catch (error) {
      answer = { status: 500, headers: {}, body: Buffer.from(errorText(error)) };
    }
    const error = errorName(answer);
    log.append({
      time,
      ...describe(request, body),
      status: answer.status,
      ...(caller ? { caller: caller.arn } : {}),
      ...(error === undefined ? {} : { error }),
    });
    reply(response, answer);
  }));
}

/** A request that is not signed as it should be is answered by whoever hands it on, as the service it is meant for answers. */
async function callerIfSigned(request: IncomingMessage, body: Buffer, authority: RecorderOptions['authority']): Promise<Caller | undefined> {
  try {
    return await callerIfKnown(request, body, authority);
  } catch (error) {
    if (error instanceof ServiceError) {
      return undefined;
    }
    throw error;
  }
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}

function describe(request: IncomingMessage, body: Buffer): Call {
  const service = claimedService(request);
  switch (service) {
    case 's3': return s3Call(request);
    case 'secretsmanager': return secretsCall(request, body);
    case 'cloudformation': return cloudFormationCall(body);
    case 'lambda': return lambdaCall(request);
    case 'monitoring': return { service: 'CloudWatch', operation: operationOf(request, body), input: {} };
    case 'logs': return jsonCall('CloudWatch Logs', request, body, ['logGroupName', 'logStreamName']);
    case 'states': return jsonCall('SFN', request, body, ['stateMachineArn', 'executionArn']);
    case 'events': return eventsCall(request, body);
    case 'dynamodb': return jsonCall('DynamoDB', request, body, ['TableName']);
    case 'firehose': return jsonCall('Firehose', request, body, ['DeliveryStreamName']);
    default: return { service, operation: `${request.method ?? ''} ${request.url ?? ''}`, input: {} };
  }
}

/** Calls of S3 by method, by what they are about and by the parameters that tell them from others: Python's SDK does not name them. */
const S3_CALLS: Readonly<Record<string, string>> = {
  'GET object': 'GetObject', 'HEAD object': 'HeadObject', 'PUT object': 'PutObject', 'DELETE object': 'DeleteObject',
  'POST object uploads': 'CreateMultipartUpload', 'PUT object partNumber uploadId': 'UploadPart',
  'POST object uploadId': 'CompleteMultipartUpload', 'DELETE object uploadId': 'AbortMultipartUpload', 'GET bucket list-type': 'ListObjectsV2', 'GET bucket location': 'GetBucketLocation',
  'HEAD bucket': 'HeadBucket', 'PUT a copy of object': 'CopyObject',
};
/** They say what is asked of an object or a bucket, not what is done. */
const S3_DETAILS = new Set([
  'continuation-token', 'delimiter', 'encoding-type', 'fetch-owner', 'key-marker', 'max-keys', 'prefix', 'start-after', 'version-id-marker',
  'versionId', 'x-id',
]);

/** Path style: the endpoint is an address. */
function s3Call({ method = '', url = '', headers }: IncomingMessage): Call {
  const { pathname, searchParams } = new URL(url, 'http://local');
  const [, Bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  const Key = rest.join('/');
  const { 'x-amz-copy-source': CopySource } = headers;
  const VersionId = searchParams.get('versionId');
  const about = [...searchParams.keys()].filter((name) => !S3_DETAILS.has(name)).sort();
  const call = [CopySource === undefined ? method : `${method} a copy of`, Key === '' ? 'bucket' : 'object', ...about].join(' ');
  return {
    service: 'S3', operation: searchParams.get('x-id') ?? S3_CALLS[call] ?? call,
    input: {
      Bucket,
      ...(Key === '' ? {} : { Key }),
      ...(typeof CopySource === 'string' ? { CopySource } : {}),
      ...(VersionId === null ? {} : { VersionId }),
    },
  };
}

/** By the path (CBOR), by a header (JSON) or in the body (query): CloudWatch has been all of them. */
function operationOf({ url = '', headers: { 'x-amz-target': target } }: IncomingMessage, body: Buffer): string {
  const [, ofPath] = /\/operation\/(\w+)$/.exec(url) ?? [];
  const [, ofTarget] = /\.(\w+)$/.exec(String(target)) ?? [];
  return ofPath ?? ofTarget ?? new URLSearchParams(body.toString('utf8')).get('Action') ?? '';
}

function jsonCall(service: string, request: IncomingMessage, body: Buffer, names: readonly string[]): Call {
  const given = parsed(body);
  const input = Object.fromEntries(names.flatMap((name) => {
    const { [name]: value } = given;
    return typeof value === 'string' ? [[name, value]] : [];
  }));
  return { service, operation: operationOf(request, body), input };
}

/** Of events, where they go and what they are called: not what they tell. */
function eventsCall(request: IncomingMessage, body: Buffer): Call {
  const { Entries: entries } = parsed(body);
  const buses = (Array.isArray(entries) ? entries : []).map((entry: unknown) => {
    const bus = isRecord(entry) ? entry.EventBusName : undefined;
    return typeof bus === 'string' ? bus : 'default';
  });
  return { service: 'EventBridge', operation: operationOf(request, body), input: { EventBusName: [...new Set(buses)].join(',') } };
}

/** What is no object has no names to read: whoever hands the request on answers it. */
function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(value) ? value : {};
  } catch (error) {
    if (error instanceof SyntaxError) {
      return {};
    }
    throw error;
  }
}

function secretsCall({ headers }: IncomingMessage, body: Buffer): Call {
  const { 'x-amz-target': target } = headers;
  const [, id] = /"SecretId"\s*:\s*"([^"]+)"/.exec(body.toString('utf8')) ?? [];
  return { service: 'Secrets Manager', operation: String(target).split('.')[1] ?? '', input: id === undefined ? {} : { SecretId: id } };
}

/** An event that goes on in another invocation: what is in it is not read. */
function lambdaCall({ method = '', url = '' }: IncomingMessage): Call {
  const [, name] = /\/functions\/([^/?]+)\/invocations(?:\?|$)/.exec(url) ?? [];
  return {
    service: 'Lambda',
    ...name === undefined ? { operation: `${method} ${url}`, input: {} } : { operation: 'Invoke', input: { FunctionName: decodeURIComponent(name) } },
  };
}

function cloudFormationCall(body: Buffer): Call {
  const given = new URLSearchParams(body.toString('utf8'));
  const input = Object.fromEntries(['StackName', 'LogicalResourceId'].flatMap((name) => {
    const value = given.get(name);
    return value === null ? [] : [[name, value]];
  }));
  return { service: 'CloudFormation', operation: given.get('Action') ?? '', input };
}
