import { ignoringNotFound, isNotFound, isTransient, RetryLater, serviceError } from '../shared/errors';
import { log } from '../shared/log';
import type { Dependencies } from './dependencies';
import { JobError } from './errors';
import type { Job, JobRecord } from './job';
import { jobName, MAX_ATTEMPT, parseJobName } from './naming';

/** A call takes no longer than this, its retry included: see the client's timeouts in index.ts. */
const CALL = 18_000;

/** The records of one kind of job. It knows what "not found", and a race with the job's own end, mean for each call. */
export class JobRecords {
  public constructor(private readonly job: Job, private readonly dependencies: Dependencies) {}

  public async find(name: string): Promise<JobRecord | undefined> {
    this.checkTime();
    return ignoringNotFound(() => this.job.describe(name));
  }

  public async start(name: string): Promise<void> {
    this.checkTime();
    await this.job.start(name);
    log('started', { kind: this.job.kind, name });
  }

  /** Asks a running job to stop. */
  public async stop(name: string): Promise<void> {
    this.checkTime();
    try {
      await this.job.stop(name);
      log('stopping', { kind: this.job.kind, name });
    } catch (error) {
      if (isNotFound(error)) {
        return;
      }
      if (isTransient(error) || serviceError(error).name !== 'ValidationException') {
        throw error;
      }
      const record = await this.find(name); // it may have ended in between, and then there is nothing to stop
      if (record?.state === 'running') {
        throw error;
      }
    }
  }

  /** Deletes the record of a job at rest, where the service can. */
  public async deleteRecord(name: string): Promise<void> {
    this.checkTime();
    try {
      await this.job.deleteRecord(name);
      if (this.job.deletable) {
        log('record deleted', { kind: this.job.kind, name });
      }
    } catch (error) {
      if (!isNotFound(error)) {
        throw error;
      }
    }
  }

  /**
   * One step towards "nothing of these inputs is left": true when there. Running jobs are stopped, records of jobs at
   * rest deleted, a stranger's left alone. `known` is an attempt that there has been.
   */
  public async remove(base: string, known: number): Promise<boolean> {
    let gone = true;
    for (let attempt = 1; attempt <= MAX_ATTEMPT; attempt++) {
      const name = jobName(base, attempt);
      const record = await this.find(name);
      if (record === undefined) {
        if (attempt >= known) {
          break;
        }
      } else if (record.ours) {
        gone = await this.removeOne(record) && gone;
      }
    }
    return gone;
  }

  /** The same for one job. */
  public async removeOne(record: JobRecord): Promise<boolean> {
    if (record.state === 'running') {
      await this.stop(record.name);
      return false;
    }
    if (record.state === 'stopping') {
      return false;
    }
    if (record.state === 'unknown') {
      return this.refuseUnknown(record);
    }
    await this.deleteRecord(record.name);
    return true;
  }

  /** Throws for a state that nobody knows. The job is asked to stop first, since it may run. */
  public async refuseUnknown(record: JobRecord): Promise<never> {
    await this.stop(record.name);
    throw new JobError(`${this.job.kind} ${record.name} is in the state '${record.status}', which this library does not know`);
  }

  /** A handler must end before its own timeout. What there is no time for is left to a later poll. */
  private checkTime(): void {
    if (this.dependencies.remaining() < CALL) {
      throw new RetryLater('this invocation has no time left for another call');
    }
  }
}

/** The names to try, from `first` on. */
export function* attemptsFrom(first: string): Generator<string> {
  const name = parseJobName(first);
  if (name === undefined) {
    return;
  }
  for (let attempt = name.attempt; attempt <= MAX_ATTEMPT; attempt++) {
    yield jobName(name.base, attempt);
  }
}
