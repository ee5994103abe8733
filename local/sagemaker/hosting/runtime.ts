import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as runtime from '@aws-sdk/client-sagemaker-runtime';
import { buffer } from 'node:stream/consumers';
import { callerOf } from '../../service/caller';
import type { Caller, CallerAuthority, ServiceOptions } from '../../service/contracts';
import { errorText, ServiceError } from '../../service/errors';
import { answering, listen, type RunningServer } from '../../service/http-server';
import { MODELS } from '../../service/model';
import type { Operations } from '../../service/operation';
import { Routes } from '../../service/routes';
import { Service } from '../../service/service';
import { isRecord } from '../../service/validator';
import { failure, type Answer } from '../../service/wire';
import type { Faults } from '../faults';
import { CachedDecisions } from './cached-decisions';
import type { EndpointFault } from './endpoint-faults';
import type { Endpoints } from './endpoints';
import { modelError, type ContainerAnswer } from './errors';
import { InvocationLog } from './invocation-log';

export interface RuntimeOptions extends Pick<ServiceOptions, 'region' | 'account' | 'partition' | 'log'> {
  readonly authority: Pick<CallerAuthority, 'identify' | 'authorize' | 'mayPassRole'>;
  /** Those that exist now: a reset makes others. */
  readonly endpoints: () => Endpoints;
  readonly faults: () => Faults;
}

interface Invocation {
  readonly EndpointName: string;
  readonly Body: Buffer;
  readonly ContentType?: string;
  readonly TargetVariant?: string;
}

const MODEL = MODELS['SageMaker Runtime'];

/**
 * `sagemaker-runtime`: InvokeEndpoint for one request after the other. Beside the one way into the other stand-ins
 * (local/service/door.ts), since a load test comes through here: its body is no JSON to be read, what IAM has decided
 * holds for a second, and the calls of one second with the same outcome are one line of the request log.
 */
export async function startRuntime(options: RuntimeOptions): Promise<RunningServer> {
  const server = new Runtime(options);
  return listen(answering((request, response) => server.serve(request, response)));
}

class Runtime {
  private readonly routes = new Routes(MODEL);
  private readonly service: Service;
  private readonly log: InvocationLog;

  public constructor(private readonly options: RuntimeOptions) {
    const { authority, account, region, partition, log } = options;
    const table: Operations<typeof runtime> = {
      InvokeEndpoint: {
        resources: ({ EndpointName }) => [`arn:${partition}:sagemaker:${region}:${account}:endpoint/${EndpointName}`],
        run: () => undefined, // what comes after: see `invoke`
      },
    };
    this.service = new Service({ id: 'SageMaker Runtime', operations: () => table, authority: new CachedDecisions(authority) });
    this.log = new InvocationLog(log);
  }

  public async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = performance.now();
    const time = new Date().toISOString();
    const body = await buffer(request);
    const { operation, input } = this.read(request, body);
    let caller: Caller | undefined;
    let answer: Answer | undefined;
    let problem: string | undefined;
    try {
      const { authority, region } = this.options;
      caller = await callerOf(request, body, authority, MODEL.signingName, region);
      await this.service.call(operation, input, caller);
      answer = await this.disturbed(operation, input, async () => this.invoke(input, arrived));
    } catch (error) {
      const known = error instanceof ServiceError ? error : new ServiceError('InternalFailure', errorText(error), 500);
      problem = known.name;
      answer = known.name === 'ModelError' ? modelFailure(known) : failure(MODEL, known);
    }
    const { Body, ...others } = input;
    const described = { ...others, bytes: Body.length };
    this.log.append({
      time, service: MODEL.serviceId, operation, ...caller ? { caller: caller.arn } : {}, input: described,
      status: answer?.status ?? 0, ...problem === undefined ? {} : { error: problem },
    });
    if (answer) {
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } else {
      request.socket.destroy();
    }
  }

  private read({ method = '', url = '/', headers }: IncomingMessage, body: Buffer): { readonly operation: string; readonly input: Invocation } {
    const call = this.routes.match({ method, url, headers, body: undefined });
    const given = isRecord(call?.input) ? call.input : {};
    const { EndpointName, ContentType, TargetVariant } = given;
    return {
      operation: call?.operation ?? `${method} ${url}`,
      input: {
        ...given, Body: body, EndpointName: String(EndpointName),
        ...typeof ContentType === 'string' ? { ContentType } : {}, ...typeof TargetVariant === 'string' ? { TargetVariant } : {},
      },
    };
  }

  /** Undefined where the connection is to break. */
  private async disturbed(operation: string, input: Invocation, work: () => Promise<Answer>): Promise<Answer | undefined> {
    const disturbance = this.options.faults().disturb(operation, input);
    if (disturbance instanceof ServiceError) {
      throw disturbance;
    }
    const answer = disturbance === 'lostRequest' ? undefined : await work();
    return disturbance === undefined ? answer : undefined;
  }

  private async invoke({ EndpointName, Body, TargetVariant }: Invocation, arrived: number): Promise<Answer> {
    const variant = this.options.endpoints().variant(EndpointName, TargetVariant);
    const fault = this.options.faults().ofEndpoint(EndpointName, Body);
    if (fault && fault.kind !== 'CONTAINER_ERROR') {
      throw refusal(fault);
    }
    const { instances } = variant;
    const { modelMs, ...answer } = fault ? { ...broken(fault), modelMs: 1 } : await variant.answer(Body).catch(crashed);
    const overheadMs = performance.now() - arrived - modelMs;
    variant.metrics.count({ modelMs, overheadMs, instances, status: answer.status });
    if (answer.status !== 200) {
      throw modelError(this.options, EndpointName, answer);
    }
    return {
      status: 200, body: answer.body,
      headers: {
        'x-amzn-RequestId': randomUUID(), 'x-Amzn-Invoked-Production-Variant': variant.name,
        'Content-Type': answer.contentType, 'Content-Length': answer.body.length,
      },
    };
  }
}

/** SageMaker's own refusals. */
function refusal({ kind, message }: EndpointFault): ServiceError {
  return kind === 'THROTTLED'
    ? new ServiceError('ThrottlingException', message ?? 'Rate exceeded', 400)
    : new ServiceError('ServiceUnavailable', message ?? 'Service is unavailable, please try again later.', 503);
}

function broken({ status = 500, message }: EndpointFault): ContainerAnswer {
  return { status, contentType: 'application/json', body: Buffer.from(message ?? '{"error":"a fault of the container was asked for"}') };
}

/** A container whose program has ended. */
function crashed(error: unknown): ContainerAnswer & { readonly modelMs: number } {
  return { status: 500, contentType: 'text/plain', body: Buffer.from(errorText(error)), modelMs: 0 };
}

/** Its text is in a member `Message`: the other errors of the service have theirs in `message`. */
function modelFailure(error: ServiceError): Answer {
  const answer = failure(MODEL, error);
  const body = Buffer.from(JSON.stringify({ ...error.fields, Message: error.message }));
  return { ...answer, headers: { ...answer.headers, 'Content-Length': body.length }, body };
}
