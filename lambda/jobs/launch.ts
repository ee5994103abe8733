import type { Surroundings } from './client';
import { describeError, isWorthAnotherStart, JobError, NotYet } from './errors';
import type { WaitingEvent } from './events';
import type { Job, JobRecord } from './job';
import { MAX_ATTEMPT } from './naming';
import { attemptsFrom, type JobRecords } from './records';

/** The job that an event waits for, or what it waits for instead. */
export type Found = JobRecord | string;

/** Finds or starts the one job of an event. */
export class Launch {
  /** The name that was looked at last. */
  public reached: string;

  public constructor(private readonly job: Job, private readonly records: JobRecords, private readonly world: Surroundings, private readonly first: string) {
    this.reached = first;
  }

  /**
   * Adopts the job that has these inputs already (started by a retry, by a lost response, by the state that a rollback
   * returns to), or starts one. True when it started.
   */
  public async now(): Promise<boolean> {
    for (const name of attemptsFrom(this.first)) {
      this.reached = name;
      const record = await this.records.find(name);
      if (record === undefined) { return this.start(name); }
      if (!record.ours) { continue; }
      if (record.state === 'unknown') { return this.records.refuseUnknown(record); }
      if (record.state === 'running' || record.state === 'completed') { return false; }
      if (!this.job.deletable) { continue; }
      if (record.state === 'stopping') { throw new NotYet(this.stillStopping(name)); }
      await this.records.deleteRecord(name);
      return this.start(name);
    }
    throw this.noNameLeft();
  }

  /** What `now` had to put off, on a later poll. A record older than the event is none of its own. */
  public async later(event: WaitingEvent): Promise<Found> {
    for (const name of attemptsFrom(this.first)) {
      const record = await this.records.find(name);
      if (record === undefined) { return this.startLate(event, name); }
      if (!record.ours) { continue; }
      const own = record.createdAt >= event.Since;
      if (own || record.state === 'running' || record.state === 'completed' || record.state === 'unknown') { return record; }
      if (!this.job.deletable) { continue; }
      if (record.state === 'stopping') { return this.stillStopping(name); }
      await this.records.deleteRecord(name);
      return this.startLate(event, name);
    }
    throw this.noNameLeft();
  }

  private async start(name: string): Promise<true> {
    await this.records.start(name);
    return true;
  }

  private async startLate(event: WaitingEvent, name: string): Promise<Found> {
    const phase = await this.world.stacks.resourcePhase(event.StackId, event.LogicalResourceId);
    if (phase !== event.Phase) {
      throw new JobError(`${this.job.kind} ${name} was not started: CloudFormation has gone on without it`);
    }
    try {
      await this.records.start(name);
      return `${this.job.kind} ${name} to run`;
    } catch (error) {
      if (!isWorthAnotherStart(error, this.world.now() - event.Since)) {
        throw new JobError(`${this.job.kind} ${name} could not be started: ${describeError(error)}`, { cause: error });
      }
      return `${this.job.kind} ${name} to be started (${describeError(error)})`;
    }
  }

  private stillStopping(name: string): string {
    return `an earlier run of ${this.job.kind} ${name} to stop`;
  }

  private noNameLeft(): JobError {
    return new JobError(`all ${MAX_ATTEMPT} names of this ${this.job.kind} are taken, the last is ${this.reached}: `
      + 'change one of its inputs (the output place, for one), or delete the failed jobs');
  }
}
