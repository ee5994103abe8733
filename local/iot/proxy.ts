import * as http from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as iot from '@aws-sdk/client-iot';
import { callerOf, errorName, Forwarder, type Answer } from '../forwarder';
import { answering, listen, type RunningServer } from '../http-server';
import { RestOperations, type RestCall } from '../rest-json';
import type { Caller, CallerAuthority, RequestLog } from '../sagemaker/contracts';
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

/** IoT's control plane: answers what the emulator lacks, and hands on everything else byte for byte, as it was signed. */
export async function startIotProxy(options: IotProxyOptions): Promise<RunningServer> {
  const proxy = new IotProxy(options);
  return listen(http.createServer(answering((request, response) => proxy.serve(request, response))));
}

class IotProxy {
  private readonly operations = new RestOperations(iot);
  private readonly forwarder: Forwarder;

  public constructor(private readonly options: IotProxyOptions) {
    this.forwarder = new Forwarder(options.emulator, options.ca);
  }

  public async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const time = new Date().toISOString();
    const body = await buffer(request);
    const call = this.operations.match({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    let caller: Caller | undefined;
    let answer: Answer;
    try {
      caller = await callerOf(this.options.authority, request);
      const own = call && caller ? await this.ownAnswer(caller, call) : undefined;
      answer = own === undefined ? await this.forwarder.forward(request, body) : json(200, own);
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
}

function json(status: number, content: object, headers: http.OutgoingHttpHeaders = {}): Answer {
  const body = Buffer.from(JSON.stringify(content));
  return { status, headers: { 'content-type': 'application/json', 'content-length': body.length, ...headers }, body };
}

function failure(error: unknown): Answer {
  const known = error instanceof IotError ? error : new IotError('InternalFailureException', 500, error instanceof Error ? error.message : String(error));
  return json(known.status, { message: known.message }, { 'x-amzn-errortype': known.code });
}
