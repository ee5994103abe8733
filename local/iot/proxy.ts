import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import * as iot from '@aws-sdk/client-iot';
import { RestOperations, type RestCall } from '../rest-json';
import { UnknownCallerError, type Caller, type CallerAuthority, type RequestLog } from '../sagemaker/contracts';
import { denied, IotError } from './errors';
import type { RoleAliasStore } from './role-aliases';

export interface IotProxyOptions {
  readonly emulator: string;
  readonly ca: Buffer;
  readonly authority: Pick<CallerAuthority, 'identify' | 'authorize'>;
  readonly aliases: RoleAliasStore;
  /** Host and port that DescribeEndpoint answers for `iot:CredentialProvider`. */
  readonly credentialProvider: string;
  readonly log: RequestLog;
}

export interface RunningServer { readonly port: number; close(): Promise<void> }

interface Answer { readonly status: number; readonly headers: http.OutgoingHttpHeaders; readonly body: Buffer }

/** IoT's control plane: answers what the emulator lacks, and hands on everything else byte for byte, as it was signed. */
export async function startIotProxy(options: IotProxyOptions): Promise<RunningServer> {
  const proxy = new IotProxy(options);
  const server = http.createServer((request, response) => { void proxy.serve(request, response); });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(0, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => { server.closeAllConnections(); await new Promise<void>((resolve) => { server.close(() => { resolve(); }); }); },
  };
}

class IotProxy {
  private readonly operations = new RestOperations(iot);
  private readonly agent: http.Agent;
  private readonly request: typeof http.request;

  public constructor(private readonly options: IotProxyOptions) {
    const secure = options.emulator.startsWith('https:');
    this.agent = secure ? new https.Agent({ ca: options.ca, keepAlive: true }) : new http.Agent({ keepAlive: true });
    this.request = secure ? https.request : http.request;
  }

  public async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const time = new Date().toISOString();
    const body = await readAll(request);
    const call = this.operations.match({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    let caller: Caller | undefined;
    let answer: Answer;
    try {
      caller = await this.caller(request);
      const own = call && caller ? await this.ownAnswer(caller, call) : undefined;
      answer = own === undefined ? await this.forward(request, body) : json(200, own);
    } catch (error) {
      answer = failure(error);
    }
    const error = errorName(answer);
    this.options.log.append({
      time, service: 'IoT', operation: call?.operation ?? `${request.method ?? ''} ${request.url ?? ''}`, input: call?.input ?? {}, status: answer.status,
      ...(caller ? { caller: caller.arn } : {}), ...(error === undefined ? {} : { error }),
    });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  /** Undefined for somebody whom the emulator may know: it decides about what is handed on. */
  private async caller(request: http.IncomingMessage): Promise<Caller | undefined> {
    const [, accessKeyId] = /Credential=([^/,]+)\//.exec(request.headers.authorization ?? '') ?? [];
    const token = request.headers['x-amz-security-token'];
    try {
      return accessKeyId === undefined ? undefined : await this.options.authority.identify(accessKeyId, typeof token === 'string' ? token : undefined);
    } catch (error) {
      if (error instanceof UnknownCallerError) { return undefined; }
      throw error;
    }
  }

  private async ownAnswer(caller: Caller, { operation, input }: RestCall): Promise<object | undefined> {
    const { aliases } = this.options;
    const arn = typeof input.resourceArn === 'string' && input.resourceArn.includes(':rolealias/') ? input.resourceArn : undefined;
    switch (operation) {
      case 'CreateRoleAlias': return aliases.create(caller, input);
      case 'DescribeRoleAlias': return aliases.describe(caller, input);
      case 'UpdateRoleAlias': return aliases.update(caller, input);
      case 'DeleteRoleAlias': return aliases.delete(caller, input);
      case 'ListRoleAliases': return aliases.list(caller, input);
      case 'ListTagsForResource': return arn === undefined ? undefined : aliases.listTags(caller, arn);
      case 'TagResource': return arn === undefined ? undefined : aliases.tag(caller, arn, input);
      case 'UntagResource': return arn === undefined ? undefined : aliases.untag(caller, arn, input);
      case 'DescribeEndpoint': return input.endpointType === 'iot:CredentialProvider' ? this.endpoint(caller) : undefined;
      default: return undefined;
    }
  }

  private async endpoint(caller: Caller): Promise<object> {
    if (!await this.options.authority.authorize(caller, 'iot:DescribeEndpoint', '*')) { throw denied(caller.arn, 'iot:DescribeEndpoint', '*'); }
    return { endpointAddress: this.options.credentialProvider };
  }

  private async forward(request: http.IncomingMessage, body: Buffer): Promise<Answer> {
    const { method, url, headers } = request;
    return new Promise((resolve, reject) => {
      const onward = this.request(this.options.emulator, { agent: this.agent, method, path: url, headers }, (answer) => {
        readAll(answer).then((content) => {
          const headersBack: http.OutgoingHttpHeaders = { ...answer.headers, 'content-length': content.length };
          delete headersBack['transfer-encoding'];
          resolve({ status: answer.statusCode ?? 502, headers: headersBack, body: content });
        }, reject);
      });
      onward.once('error', reject);
      onward.end(body);
    });
  }
}

async function readAll(stream: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) { chunks.push(chunk as Buffer); }
  return Buffer.concat(chunks);
}

function json(status: number, content: object, headers: http.OutgoingHttpHeaders = {}): Answer {
  const body = Buffer.from(JSON.stringify(content));
  return { status, headers: { 'content-type': 'application/json', 'content-length': body.length, ...headers }, body };
}

function failure(error: unknown): Answer {
  const known = error instanceof IotError ? error : new IotError('InternalFailureException', 500, error instanceof Error ? error.message : String(error));
  return json(known.status, { message: known.message }, { 'x-amzn-errortype': known.code });
}

function errorName({ status, headers, body }: Answer): string | undefined {
  if (status < 400) { return undefined; }
  const header = headers['x-amzn-errortype'];
  if (typeof header === 'string') { return header.split(':')[0]; }
  const [, name] = /"(?:__type|code)":\s*"(?:[^"]*#)?([^"]+)"/.exec(body.toString('utf8')) ?? [];
  return name;
}
