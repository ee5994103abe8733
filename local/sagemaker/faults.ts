import type { Disturbance } from '../service/door';
import { ServiceError } from '../service/errors';
import { isRecord, Schema } from '../service/validator';
import { invalid, unassumable } from './errors';
import { EndpointFaults, type EndpointFault } from './hosting/endpoint-faults';

/** Misbehaviour on request, for tests. The control calls are described in server.ts. */

interface CallFault {
  readonly operation: string;
  readonly kind: 'throttle' | 'freshRole' | 'error' | 'lostRequest' | 'lostResponse';
  readonly times?: number;
  readonly forMs?: number;
  readonly name?: string;
  readonly message?: string;
  readonly status?: number;
}

export interface JobFault {
  readonly jobNameContains: string;
  readonly become: 'FAILED' | 'STOPPED' | 'NEVER_ENDING' | 'STRANGE_STATE' | 'PRESET_FAILED';
  readonly times?: number;
  readonly reason?: string;
}

const SHAPES = {
  CallFault: {
    type: 'structure', required: ['operation', 'kind'],
    members: {
      operation: { shape: 'Text' }, kind: { shape: 'Kind' }, times: { shape: 'Count' }, forMs: { shape: 'Count' },
      name: { shape: 'Text' }, message: { shape: 'Text' }, status: { shape: 'Status' },
    },
  },
  JobFault: {
    type: 'structure', required: ['jobNameContains', 'become'],
    members: { jobNameContains: { shape: 'Text' }, become: { shape: 'Fate' }, times: { shape: 'Count' }, reason: { shape: 'Text' } },
  },
  Kind: { type: 'string', enum: ['throttle', 'freshRole', 'error', 'lostRequest', 'lostResponse'] },
  Fate: { type: 'string', enum: ['FAILED', 'STOPPED', 'NEVER_ENDING', 'STRANGE_STATE', 'PRESET_FAILED'] },
  Text: { type: 'string' },
  Count: { type: 'integer', min: 1 },
  Status: { type: 'integer', min: 400, max: 599 },
};
const CALL_FAULT = new Schema<CallFault>(SHAPES, 'CallFault', invalid);
const JOB_FAULT = new Schema<JobFault>(SHAPES, 'JobFault', invalid);

interface Armed<F> {
  readonly fault: F;
  left: number;
  readonly until: number;
}

export class Faults {
  private calls: Armed<CallFault>[] = [];
  private jobs: Armed<JobFault>[] = [];
  private endpoints = new EndpointFaults();

  /** Throws a ValidationException for anything but a fault. */
  public add(body: unknown): void {
    if (isRecord(body) && 'operation' in body) {
      const fault = CALL_FAULT.validated(body);
      const { forMs, times = forMs === undefined ? 1 : Infinity } = fault;
      this.calls.push({ fault, left: times, until: forMs === undefined ? Infinity : Date.now() + forMs });
    } else if (isRecord(body) && 'endpointNameContains' in body) {
      this.endpoints.add(body);
    } else {
      const fault = JOB_FAULT.validated(body);
      this.jobs.push({ fault, left: fault.times ?? 1, until: Infinity });
    }
  }

  /** What is to become of this call; a fault is used up by asking. */
  public disturb(operation: string, input: unknown): Disturbance | undefined {
    const fault = take(this.calls, (candidate) => candidate.operation === operation || candidate.operation === '*');
    return fault && disturbance(fault, input);
  }

  /** What is to become of a request to an endpoint; a fault is used up by asking. */
  public ofEndpoint(name: string, body: Buffer): EndpointFault | undefined {
    return this.endpoints.take(name, body);
  }

  /** The fault for a job, or an endpoint, that is being created. */
  public takeJob(name: string): JobFault | undefined {
    return take(this.jobs, (fault) => name.includes(fault.jobNameContains));
  }

  public clear(): void {
    this.calls = [];
    this.jobs = [];
    this.endpoints = new EndpointFaults();
  }
}

function disturbance(fault: CallFault, input: unknown): Disturbance {
  switch (fault.kind) {
    case 'throttle': return new ServiceError('ThrottlingException', 'Rate exceeded');
    case 'freshRole': return unassumable(isRecord(input) && typeof input.RoleArn === 'string' ? input.RoleArn : 'of the request');
    case 'error': return new ServiceError(
      fault.name ?? 'InternalFailure',
      fault.message ?? 'A fault of the stand-in was asked for',
      fault.status,
    );
    default: return fault.kind;
  }
}

function take<F>(armed: readonly Armed<F>[], fits: (fault: F) => boolean): F | undefined {
  const found = armed.find(({ fault, left, until }) => left > 0 && Date.now() < until && fits(fault));
  if (found) {
    found.left -= 1;
  }
  return found?.fault;
}
