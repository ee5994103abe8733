import type { RunningServer } from '../service/http-server';
import { openDoor, type ControlAnswer } from '../service/door';
import { Service } from '../service/service';
import type { StandInOptions } from './contracts';
import { unassumable } from './errors';
import { startRuntime } from './hosting/runtime';
import { SageMakerState } from './state';
import { startMlflowDoor } from './tracking/door';

const PRINCIPAL = 'sagemaker.amazonaws.com';

/** The stand-in's doors: the API itself, and those of `sagemaker-runtime` and of MLflow. */
export interface RunningSageMaker extends RunningServer { readonly runtimeUrl: string; readonly mlflowUrl: string }

/**
 * Starts a stand-in for SageMaker on 127.0.0.1: a test double, small and strict, for what the local cloud's emulator
 * lacks. Unmodified SDKs work against it: AWS JSON 1.1 for `sagemaker`, rest-json for `sagemaker-edge`, on one port, and
 * `sagemaker-runtime` on another.
 *
 * - Requests are validated by the constraints of the published models. Stricter than AWS: an unknown member is refused.
 * - The signature, in the header or the query, says who calls, and is verified. What the caller may is asked of
 *   `options.authority`, for the ARN of the very resource.
 * - Compilation is real for ONNX (checked, optimised at level `extended`, in a process of its own) and FAILED, with the
 *   reason, for every other framework. Packaging writes the archive that the edge agent loads. Both use S3 with the
 *   rights of the job's own execution role.
 * - A processing or training job runs its command as a process of this machine, in a folder that plays the container's
 *   `/opt/ml`, with the credentials of its role; its inputs and outputs go by S3. No image is pulled: see
 *   container-job/root.ts for what a program sees, and container-job/contracts.ts for where its `PATH` comes from.
 * - An endpoint fetches its model with the execution role's rights, and InvokeEndpoint runs it: ONNX, from Triton's model
 *   repository or as a bare file, by KServe's JSON. Its metrics go to `hosting.metricSink`.
 * - Studio's domains, users, spaces, applications and images go through their states, and are deleted only from the inside, as on AWS. No
 *   application runs, and no image is pulled.
 * - Behind each MLflow app and tracking server is MLflow's own server, where `options.mlflow` says how one runs; clients reach it by a door
 *   with signatures and IAM, on a port of its own. Otherwise there are the records alone.
 * - Jobs, fleets, devices and endpoints live in memory and end with the process.
 * - Each answered call goes to `options.log`.
 *
 * Not modelled of processing and training jobs: several instances, the input modes Pipe and ManifestFile, algorithms by name,
 * checkpoints, debuggers, profilers, spot interruptions and warm pools (kept, not done), metrics in CloudWatch.
 *
 * Not modelled: the model registry, VPCs (kept, not looked at), data capture and traffic shifting of endpoints (kept, not
 * done), deployment plans (GetDeployments gives none), Greengrass (a preset's component exists by name only). What no
 * document says is decided here: CONTRIBUTING.md has the list.
 *
 * Control calls, for tests; with the cloud's control token, never logged:
 *
 * - `GET /_stand-in/state` → `{ compilationJobs, edgePackagingJobs, processingJobs, trainingJobs, deviceFleets, devices,
 *   models, endpointConfigs, endpoints, … }`, each record as its Describe operation gives it, with its `Tags`.
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
 *   all the same, so that a model which cannot be compiled fails for that reason first. An endpoint takes such a fault by
 *   its name: it becomes Failed, or rolls back, or never ends what it does.
 *   A fault of InvokeEndpoint: `{ endpointNameContains, kind, status?, message?, payloadContains?, abovePerSecond?, times?,
 *   forMs? }`, where `kind` is `CONTAINER_ERROR` (the container answers `status` at once, so its CPU stays low),
 *   `THROTTLED` or `UNAVAILABLE`; by default for every request, without end.
 * - `DELETE /_stand-in/faults` forgets all faults.
 * - `POST /_stand-in/capacity` declares what an instance bears: `{ endpointNameContains, concurrency, serviceMs, queue?,
 *   cpuPercent?, memoryPercent? }`. Requests then take that time, wait in a queue of that length, and are refused beyond
 *   it, on each instance of the endpoint. Each answer is still the model's own: it runs once for each different body.
 */
export async function startSageMakerStandIn(options: StandInOptions): Promise<RunningSageMaker> {
  const { authority } = options;
  let state = new SageMakerState(options);
  const checkRole = async (roleArn: string): Promise<void> => {
    if (!await authority.trustsService(roleArn, PRINCIPAL)) {
      throw unassumable(roleArn);
    }
  };
  const control = async (line: string, body: unknown): Promise<ControlAnswer> => {
    switch (line) {
      case 'GET /_stand-in/state': return { status: 200, body: state.records() };
      case 'POST /_stand-in/reset': {
        const old = state;
        state = new SageMakerState(options);
        await old.close();
        return { status: 200, body: {} };
      }
      case 'POST /_stand-in/faults':
        state.faults.add(body);
        return { status: 200, body: {} };
      case 'DELETE /_stand-in/faults':
        state.faults.clear();
        return { status: 200, body: {} };
      case 'POST /_stand-in/capacity':
        state.endpoints.capacities.declare(body);
        return { status: 200, body: {} };
      default: return {
        status: 404,
        body: { message: 'GET /_stand-in/state, POST /_stand-in/reset, POST or DELETE /_stand-in/faults or POST /_stand-in/capacity' },
      };
    }
  };
  const server = await openDoor({
    ...options, control, disturb: (operation, input) => state.faults.disturb(operation, input),
    services: [
      new Service({ id: 'SageMaker', operations: () => state.operations, authority, principal: PRINCIPAL, checkRole }),
      new Service({ id: 'Sagemaker Edge', operations: () => state.edgeOperations, authority }),
    ],
  });
  const runtime = await startRuntime({ ...options, endpoints: () => state.endpoints, faults: () => state.faults });
  const mlflow = await startMlflowDoor({ ...options, mlflow: () => state.mlflow });
  const close = async (): Promise<void> => {
    await Promise.all([server.close(), runtime.close(), mlflow.close(), state.close()]); // jobs and their processes too
  };
  return { ...server, runtimeUrl: runtime.url, mlflowUrl: mlflow.url, close };
}
