import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { callerOf } from '../../service/caller';
import type { Caller, CallerAuthority, ServiceOptions } from '../../service/contracts';
import { deniedText, errorText, ServiceError } from '../../service/errors';
import { errorName } from '../../service/forwarder';
import { answering, listen, type RunningServer } from '../../service/http-server';
import { readSignature } from '../../service/signature';
import type { Answer } from '../../service/wire';
import { trackingAction } from './actions';
import type { Mlflow } from './mlflow';

export interface MlflowDoorOptions extends Pick<ServiceOptions, 'region' | 'log'> {
  readonly authority: Pick<CallerAuthority, 'identify' | 'authorize'>;
  /** The apps and servers that exist now: a reset makes others. */
  readonly mlflow: () => Mlflow;
}

/** What a request of MLflow's client is for. The plugin `sagemaker-mlflow` names it in a header of its own, and signs for this service. */
interface Target {
  readonly arn: string;
  readonly header: string;
  readonly service: string;
  readonly actionOf: (method: string, path: string) => string | undefined;
}

const KINDS = [
  { header: 'x-sm-mlflow-app-arn', service: 'sagemaker', actionOf: () => 'sagemaker:CallMlflowAppApi' },
  { header: 'x-mlflow-sm-tracking-server-arn', service: 'sagemaker-mlflow', actionOf: trackingAction },
] as const;
const SERVICE = 'SageMaker MLflow';
/** What is copied to SageMaker's model registry where that is wanted: a group for each model, and a package for each version. */
const REGISTRATION = /^POST \/(ajax-)?api\/2\.0\/mlflow\/(registered-models|model-versions)\/create$/;

/**
 * What MLflow's clients talk to in place of `mlflow.sagemaker.<region>.app.aws` and `<region>.experiments.sagemaker.aws`, by the variable
 * SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT of their plugin: signatures are verified and IAM is asked, and MLflow's own server does the rest. An
 * app has one right for all calls, a tracking server one for each. A model is not registered where it is to be copied to SageMaker's model
 * registry, which is not here. Refusals are JSON as MLflow's clients read it, with texts of ours.
 */
export async function startMlflowDoor(options: MlflowDoorOptions): Promise<RunningServer> {
  const door = new MlflowDoor(options);
  return listen(answering((request, response) => door.serve(request, response)));
}

class MlflowDoor {
  public constructor(private readonly options: MlflowDoorOptions) {}

  public async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const time = new Date().toISOString();
    const body = await buffer(request);
    const { method = '', url = '/' } = request;
    const path = url.split('?')[0] ?? '/';
    const target = targetOf(request.headers);
    let caller: Caller | undefined;
    let answer: Answer;
    try {
      if (target === undefined) {
        throw new ServiceError('INVALID_PARAMETER_VALUE', `a request for MLflow must name an app or a tracking server in one of the headers ${KINDS.map(({ header }) => header).join(', ')}: the package sagemaker-mlflow does`);
      }
      const { authority, region } = this.options;
      caller = await callerOf(request, body, authority, target.service, region);
      answer = await this.answer(request, body, { target, caller, path });
    } catch (error) {
      answer = refusal(error);
    }
    this.options.log.append({
      time, service: SERVICE, operation: `${method} ${path}`, input: { Arn: target?.arn }, status: answer.status,
      ...caller ? { caller: caller.arn } : {}, ...answer.status < 400 ? {} : { error: errorName(answer) ?? 'error' },
    });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  private async answer(
    request: IncomingMessage, body: Buffer,
    { target, caller, path }: { readonly target: Target; readonly caller: Caller; readonly path: string },
  ): Promise<Answer> {
    const { arn, header, actionOf } = target;
    if (!readSignature(request).signedHeaders.includes(header)) {
      throw new ServiceError('PERMISSION_DENIED', `the signature must cover the header ${header}`, 403);
    }
    const action = actionOf(request.method ?? '', path);
    if (action === undefined) {
      throw new ServiceError('ENDPOINT_NOT_FOUND', `IAM has no right for ${request.method ?? ''} ${path} of a tracking server`, 404);
    }
    if (!caller.isRoot && !await this.options.authority.authorize(caller, action, arn)) {
      throw new ServiceError('PERMISSION_DENIED', deniedText(caller.arn, action, arn), 403);
    }
    const mlflow = this.options.mlflow();
    const server = await mlflow.server(arn);
    if (REGISTRATION.test(`${request.method ?? ''} ${path}`) && mlflow.copiesModels(arn)) {
      throw new ServiceError('NOT_IMPLEMENTED', `the local stand-in does not copy models to SageMaker's model registry, as ${arn} is to do: turn its automatic registration of models off here`, 501);
    }
    return server.forward(request, body);
  }
}

function targetOf(headers: IncomingHttpHeaders): Target | undefined {
  const named = KINDS.flatMap((kind) => {
    const arn = headers[kind.header];
    return typeof arn === 'string' ? [{ ...kind, arn }] : [];
  });
  return named.length === 1 ? named[0] : undefined;
}

function refusal(error: unknown): Answer {
  const known = error instanceof ServiceError ? error : new ServiceError('INTERNAL_ERROR', errorText(error), 500);
  const body = Buffer.from(JSON.stringify({ error_code: known.name, message: known.message }));
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': known.name, 'content-length': body.length };
  return { status: known.status, headers, body };
}
