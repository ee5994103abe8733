import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

import { answering, listen, type RunningServer } from '../http-server';
import type { Caller, StandInOptions } from './contracts';
import { UnknownCallerError } from './contracts';
import { ServiceError, errorText } from './errors';
import { faultError } from './faults';
import type { Call } from './protocol';
import { answer, answerControl, answerError, loggable, readCall, readCredential, readInput } from './protocol';
import { World } from './world';

/**
 * Starts a stand-in for SageMaker on 127.0.0.1: a test double, small and strict, for what the local cloud's emulator
 * lacks. Unmodified SDKs work against it: AWS JSON 1.1 for `sagemaker`, rest-json for `sagemaker-edge`, on one port.
 *
 * - Requests are validated by the constraints of the published models. Stricter than AWS: an unknown member is refused.
 * - The access key of the SigV4 header says who calls; **the signature is not verified**. What the caller may is asked of
 *   `options.authority`, for the ARN of the very resource.
 * - Compilation is real for ONNX (checked, optimised at level `extended`, in a process of its own) and FAILED, with the
 *   reason, for every other framework. Packaging writes the archive that the edge agent loads. Both use S3 with the
 *   rights of the job's own execution role.
 * - Jobs, fleets and devices live in memory and end with the process.
 * - Each answered call goes to `options.log`.
 *
 * Not modelled: the model registry, VPCs (kept, not looked at), deployment plans (GetDeployments gives none), Greengrass
 * (a preset's component exists by name only), signatures. Decided here, as no document says it: CreateEdgePackagingJob
 * with a name that is taken and DeleteDeviceFleet of a fleet with devices are ResourceInUse; RegisterDevices of a device
 * that exists, and Stop of a job that is over, are ValidationException.
 *
 * Control calls, for tests; unsigned, never logged:
 *
 * - `GET /_stand-in/state` → `{ compilationJobs, edgePackagingJobs, deviceFleets, devices }`, each record as its Describe
 *   operation gives it, with its `Tags`.
 * - `POST /_stand-in/reset` ends all jobs and forgets everything, faults too.
 * - `POST /_stand-in/faults` arms a fault; of several that fit, the first is used. A fault of calls:
 *   `{ operation, kind, times?, forMs?, name?, message?, status? }`, where `operation` is a name or `*`, `times` is how
 *   often (default 1, or without end when `forMs` is given), `forMs` until when, and `kind` is `throttle`
 *   (ThrottlingException), `freshRole` (the ValidationException of a role that IAM does not know everywhere yet), `error`
 *   (`name`, `message`, HTTP `status`), `lostRequest` (the connection breaks, nothing is done) or `lostResponse` (the
 *   work is done, then the connection breaks). Note that SDKs retry throttling and broken connections themselves.
 *   A fault of jobs: `{ jobNameContains, become, reason?, times? }`, taken by the next `times` (default 1) jobs that are
 *   created with such a name; `become` is `FAILED`, `STOPPED` (as by somebody else), `NEVER_ENDING`, `STRANGE_STATE` (one
 *   that no model names) or `PRESET_FAILED` (packaging COMPLETED, its preset deployment FAILED). The job does its work
 *   all the same, so that a model which cannot be compiled fails for that reason first.
 */
export async function startSageMakerStandIn(options: StandInOptions): Promise<RunningServer> {
  let world = new World(options);
  const server = await listen(createServer(answering((request, response) => (request.url ?? '').startsWith('/_stand-in/') ? control(request, response) : serve(request, response))), options.port);

  async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { body } = await readCall(request);
    switch (`${request.method ?? ''} ${request.url ?? ''}`) {
      case 'GET /_stand-in/state': answerControl(response, 200, world.state()); break;
      case 'POST /_stand-in/reset': {
        const old = world;
        world = new World(options);
        await old.close();
        answerControl(response, 200, {});
        break;
      }
      case 'POST /_stand-in/faults':
        try {
          world.faults.add(readInput(body));
          answerControl(response, 200, {});
        } catch (error) {
          answerControl(response, 400, { message: errorText(error) });
        }
        break;
      default: answerControl(response, 404, { message: 'GET /_stand-in/state, POST /_stand-in/reset or POST /_stand-in/faults' });
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const time = new Date().toISOString();
    const call = await readCall(request);
    let caller: Caller | undefined;
    const log = (status: number, error?: string): void => {
      options.log.append({
        time, service: call.service, operation: call.operation, ...caller ? { caller: caller.arn } : {},
        input: loggable(call.body), status, ...error === undefined ? {} : { error },
      });
    };
    try {
      caller = await identified(request, options);
      const fault = world.faults.takeCall(call.operation);
      const asked = fault && faultError(fault, loggable(call.body));
      if (asked) { throw asked; }
      const output = fault?.kind === 'lostRequest' ? undefined : await perform(world, call, caller, options);
      if (fault) {
        log(0, fault.kind);
        request.socket.destroy();
        return;
      }
      log(200);
      answer(response, call.service, output);
    } catch (error) {
      const known = error instanceof ServiceError ? error : new ServiceError('InternalFailure', errorText(error), 500);
      log(known.status, known.name);
      answerError(response, call.service, known);
    }
  }

  return { ...server, close: async () => { await Promise.all([server.close(), world.close()]); } }; // jobs and their processes too
}

async function perform(world: World, call: Call, caller: Caller, { authority }: StandInOptions): Promise<object | undefined> {
  const operation = world.operation(call.operation);
  if (operation?.service !== call.service) {
    throw new ServiceError('UnknownOperationException', `The local stand-in does not know the operation ${call.operation} of ${call.service}`, call.service === 'SageMaker' ? 400 : 404);
  }
  return operation.call(readInput(call.body), caller, authority);
}

async function identified(request: IncomingMessage, { authority, region }: StandInOptions): Promise<Caller> {
  const credential = readCredential(request);
  if (!credential) { throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403); }
  if (credential.service !== 'sagemaker') { throw new ServiceError('InvalidSignatureException', "Credential should be scoped to correct service: 'sagemaker'.", 403); }
  if (credential.region !== region) { throw new ServiceError('InvalidSignatureException', `Credential should be scoped to a valid region, not '${credential.region}'.`, 403); }
  try {
    return await authority.identify(credential.accessKeyId, credential.sessionToken);
  } catch (error) {
    if (!(error instanceof UnknownCallerError)) { throw error; }
    throw new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403);
  }
}
