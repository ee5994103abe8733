import * as http from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as greengrass from '@aws-sdk/client-greengrassv2';
import { answering, listen, type RunningServer } from '../http-server';
import { RestOperations } from '../rest-json';
import { UnknownCallerError, type Caller } from '../sagemaker/contracts';
import { ServiceError } from '../sagemaker/errors';
import { isRecord } from '../sagemaker/validator';
import type { GreengrassStandInOptions } from './contracts';
import { isCoreDeviceReport, isDeploymentReport } from './control';
import { denied, GreengrassError } from './errors';
import { GreengrassWorld } from './operations';

/**
 * Starts a stand-in for Greengrass V2's control plane on 127.0.0.1: a test double, small and strict. The unmodified SDK works against it.
 *
 * - Component versions cannot be changed (ConflictException), are DEPLOYABLE only when each artefact could be read with the rights of whoever made them,
 *   and keep their digests. Recipes are refused as the nucleus's parser refuses them.
 * - A target has one latest deployment; a new one makes the one before INACTIVE. An ACTIVE one cannot be deleted.
 * - IAM is asked for each action on its very resource, and for the job rights that the service needs of its caller. The signature is not verified.
 * - Each answered call goes to the log.
 *
 * Not modelled: Lambda components, subdeployments, client devices, rollout rates (every device is told at once), the data plane: a device asks by
 * `GET /_stand-in/devices/<thing>/deployments` and tells by `POST /_stand-in/devices/<thing>/deployments` and `POST /_stand-in/core-devices`, unsigned.
 * Decided here, as no document says it: CreateDeployment refuses a component version that is not DEPLOYABLE; an identical component version is a conflict.
 */
export async function startGreengrassStandIn(options: GreengrassStandInOptions): Promise<RunningServer> {
  const standIn = new StandIn(options);
  return listen(http.createServer(answering((request, response) => standIn.serve(request, response))), options.port);
}

class StandIn {
  private readonly operations = new RestOperations(greengrass);
  private readonly world: GreengrassWorld;

  public constructor(private readonly options: GreengrassStandInOptions) {
    this.world = new GreengrassWorld(options);
  }

  public async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await buffer(request);
    if ((request.url ?? '').startsWith('/_stand-in/')) { await this.control(request, body, response); return; }
    const time = new Date().toISOString();
    const call = this.operations.match({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    let caller: Caller | undefined;
    let answer: { status: number; content: object; error?: string };
    try {
      caller = await this.identified(request);
      const operation = call && this.world.operations[call.operation];
      if (!operation) { throw new GreengrassError('UnknownOperationException', 404, `The local stand-in does not know ${call?.operation ?? `${request.method ?? ''} ${request.url ?? ''}`}`); }
      for (const [action, arn] of caller.isRoot ? [] : operation.rights(call.input)) {
        if (!await this.options.authority.authorize(caller, action, arn)) { throw denied(caller.arn, action, arn); }
      }
      answer = { status: 200, content: await operation.run(call.input, caller) };
    } catch (error) {
      answer = failure(error);
    }
    this.options.log.append({
      time, service: 'GreengrassV2', operation: call?.operation ?? `${request.method ?? ''} ${request.url ?? ''}`, input: call?.input ?? {}, status: answer.status,
      ...(caller ? { caller: caller.arn } : {}), ...(answer.error === undefined ? {} : { error: answer.error }),
      ...(call?.operation === 'CreateDeployment' && answer.error === undefined ? { output: answer.content } : {}),
    });
    send(response, answer.status, answer.content, answer.error);
  }

  private async control(request: http.IncomingMessage, body: Buffer, response: http.ServerResponse): Promise<void> {
    const [, thing] = /^\/_stand-in\/devices\/([^/]+)\/deployments$/.exec(request.url ?? '') ?? [];
    const given: unknown = body.length > 0 ? JSON.parse(body.toString('utf8')) : undefined;
    if (thing !== undefined && request.method === 'GET') { send(response, 200, { deployments: await this.world.deployments.pendingFor(decodeURIComponent(thing)) }); return; }
    if (thing !== undefined && isDeploymentReport(given)) {
      this.world.deployments.report(decodeURIComponent(thing), given);
    } else if (request.url === '/_stand-in/core-devices' && isCoreDeviceReport(given)) {
      this.world.reportCoreDevice(given);
    } else if (request.url === '/_stand-in/recipe' && isRecord(given)) {
      send(response, 200, this.recipe(given));
      return;
    } else {
      send(response, 404, { message: 'devices/<thing>/deployments, core-devices or recipe' });
      return;
    }
    send(response, 200, {});
  }

  /** What a device resolves a component to: its versions, or the recipe of one. */
  private recipe({ name, version }: Readonly<Record<string, unknown>>): object {
    if (typeof version !== 'string') { return { versions: this.world.components.versions(String(name)).filter(({ state }) => state === 'DEPLOYABLE').map((component) => component.version) }; }
    return { recipe: this.world.components.find(String(name), version)?.recipe };
  }

  private async identified(request: http.IncomingMessage): Promise<Caller> {
    const [, accessKeyId, region, service] = /Credential=([^/,]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    if (accessKeyId === undefined) { throw new GreengrassError('MissingAuthenticationTokenException', 403, 'Missing Authentication Token'); }
    if (service !== 'greengrass') { throw new GreengrassError('InvalidSignatureException', 403, "Credential should be scoped to correct service: 'greengrass'."); }
    if (region !== this.options.region) { throw new GreengrassError('InvalidSignatureException', 403, `Credential should be scoped to a valid region, not '${region ?? ''}'.`); }
    const token = request.headers['x-amz-security-token'];
    try {
      return await this.options.authority.identify(accessKeyId, typeof token === 'string' ? token : undefined);
    } catch (error) {
      if (!(error instanceof UnknownCallerError)) { throw error; }
      throw new GreengrassError('UnrecognizedClientException', 403, 'The security token included in the request is invalid.');
    }
  }
}

function failure(error: unknown): { status: number; content: object; error: string } {
  if (error instanceof GreengrassError) { return { status: error.status, content: { message: error.message, ...error.fields }, error: error.name }; }
  if (error instanceof ServiceError) { return { status: error.status, content: { message: error.message }, error: error.name }; } // of the shared validator
  return { status: 500, content: { message: error instanceof Error ? error.message : String(error) }, error: 'InternalServerException' };
}

function send(response: http.ServerResponse, status: number, content: object, error?: string): void {
  const body = Buffer.from(JSON.stringify(content));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...(error === undefined ? {} : { 'x-amzn-errortype': error }) }).end(body);
}
