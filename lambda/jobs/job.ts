import type { JobTag } from '../../lib/jobs/contract';

/** Where a job is, as the handlers see it. */
export type JobState = 'running' | 'stopping' | 'completed' | 'failed' | 'stopped' | 'unknown';

/** A job's record in the service. */
export interface JobRecord {
  readonly name: string;
  readonly arn: string;
  readonly state: JobState;
  /** The service's word for the state. */
  readonly status: string;
  /** The service's reason. Empty where it gives none. */
  readonly reason: string;
  /** Milliseconds since the epoch. With the name it tells one run from another. */
  readonly createdAt: number;
  /** False for a record that somebody else made under our name. */
  readonly ours: boolean;
  /** For `Fn::GetAtt`: none is ever absent. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** One kind of job: what is asked of the service, and what its answers mean. */
export interface Job {
  /** For messages: "compilation job". */
  readonly kind: string;
  readonly namePrefix: string;
  /** Hash of the inputs that change the artifact. */
  readonly inputs: string;
  readonly maxRuntimeSeconds: number;
  readonly tags: readonly JobTag[];
  /** Can a record be deleted, so that its name is free again? */
  readonly deletable: boolean;
  /** Where to read more about a job, for messages. Empty where nothing is documented. */
  logs(name: string): string;
  /** Throws the service's error when there is no such record. */
  describe(name: string): Promise<JobRecord>;
  start(name: string): Promise<void>;
  stop(name: string): Promise<void>;
  /** Deletes the record of a job at rest, where the service can. */
  deleteRecord(name: string): Promise<void>;
  tag(arn: string, tags: readonly JobTag[]): Promise<void>;
  untag(arn: string, keys: readonly string[]): Promise<void>;
}

const STATES: Readonly<Record<string, JobState>> = {
  STARTING: 'running',
  INPROGRESS: 'running',
  STOPPING: 'stopping',
  COMPLETED: 'completed',
  FAILED: 'failed',
  STOPPED: 'stopped',
};

/** The state that a status means. For a status that nobody knows it is `unknown`, of which the caller throws. */
export function jobState(status: string | undefined): JobState {
  return status !== undefined && Object.hasOwn(STATES, status) ? STATES[status] ?? 'unknown' : 'unknown';
}
