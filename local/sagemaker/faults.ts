import { ServiceError, unassumable } from './errors';
import type { Infer } from './shape';
import { STRING, integer, oneOf, structure } from './shape';
import { isRecord, validated } from './validator';

/** Misbehaviour on request, for tests. The control calls are described in server.ts. */

const CALL_FAULT = structure({
  operation: STRING, kind: oneOf('throttle', 'freshRole', 'error', 'lostRequest', 'lostResponse'),
}, { times: integer(1), forMs: integer(1), name: STRING, message: STRING, status: integer(400, 599) });

const JOB_FAULT = structure({
  jobNameContains: STRING, become: oneOf('FAILED', 'STOPPED', 'NEVER_ENDING', 'STRANGE_STATE', 'PRESET_FAILED'),
}, { times: integer(1), reason: STRING });

export type CallFault = Infer<typeof CALL_FAULT>;
export type JobFault = Infer<typeof JOB_FAULT>;

interface Armed<F> {
  readonly fault: F;
  left: number;
  readonly until: number;
}

export class Faults {
  private calls: Armed<CallFault>[] = [];
  private jobs: Armed<JobFault>[] = [];

  /** Throws a ValidationException for anything but a fault. */
  public add(body: unknown): void {
    if (isRecord(body) && 'operation' in body) {
      const fault = validated(CALL_FAULT, body);
      const { forMs, times = forMs === undefined ? 1 : Infinity } = fault;
      this.calls.push({ fault, left: times, until: forMs === undefined ? Infinity : Date.now() + forMs });
    } else {
      const fault = validated(JOB_FAULT, body);
      this.jobs.push({ fault, left: fault.times ?? 1, until: Infinity });
    }
  }

  /** The fault for this call, if one is left; it is used up by asking. */
  public takeCall(operation: string): CallFault | undefined {
    return take(this.calls, (fault) => fault.operation === operation || fault.operation === '*');
  }

  /** The fault for a job that is being created. */
  public takeJob(name: string): JobFault | undefined {
    return take(this.jobs, (fault) => name.includes(fault.jobNameContains));
  }

  public clear(): void {
    this.calls = [];
    this.jobs = [];
  }
}

/** The error that a call fault stands for; undefined for those that break the connection. */
export function faultError(fault: CallFault, input: unknown): ServiceError | undefined {
  switch (fault.kind) {
    case 'throttle': return new ServiceError('ThrottlingException', 'Rate exceeded');
    case 'freshRole': return unassumable(isRecord(input) && typeof input.RoleArn === 'string' ? input.RoleArn : 'of the request');
    case 'error': return new ServiceError(fault.name ?? 'InternalFailure', fault.message ?? 'A fault of the stand-in was asked for', fault.status);
    default: return undefined;
  }
}

function take<F>(armed: readonly Armed<F>[], fits: (fault: F) => boolean): F | undefined {
  const found = armed.find(({ fault, left, until }) => left > 0 && Date.now() < until && fits(fault));
  if (found) { found.left -= 1; }
  return found?.fault;
}
