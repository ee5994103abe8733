import { describeError, RetryLater } from '../shared/errors';
import { waiting, type Waiting } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { isWorthAnotherStart, JobError } from './errors';
import type { JobEvent } from './events';
import type { Job, JobRecord } from './job';
import { MAX_ATTEMPT } from './naming';
import { attemptsFrom, type JobRecords } from './records';

/** The job that an event waits for, or what it waits for instead. */
export type Lookup = Waiting | { readonly state: 'found'; readonly record: JobRecord };

/** Finds or starts the one job of an event. */
export class JobStarter {
  /** The name that was looked at last. */
  public reached: string;

  public constructor(
    private readonly job: Job,
    private readonly records: JobRecords,
    private readonly dependencies: Dependencies,
    private readonly first: string,
  ) {
    this.reached = first;
  }

  /**
   * Adopts the job that has these inputs already (started by a retry, by a lost response, by the state that a rollback
   * returns to), or starts one.
   */
  public async startOrAdopt(): Promise<'started' | 'adopted'> {
    for (const name of attemptsFrom(this.first)) {
      this.reached = name;
      const record = await this.records.find(name);
      if (record === undefined) {
        return this.start(name);
      }
      if (!record.ours) {
        continue;
      }
      if (record.state === 'unknown') {
        return this.records.refuseUnknown(record);
      }
      if (record.state === 'running' || record.state === 'completed') {
        return 'adopted';
      }
      if (!this.job.deletable) {
        continue;
      }
      if (record.state === 'stopping') {
        throw new RetryLater(this.stillStopping(name));
      }
      await this.records.deleteRecord(name);
      return this.start(name);
    }
    throw this.noNameLeft();
  }

  /** What `startOrAdopt` had to put off, on a later poll. A record older than the event is none of its own. */
  public async startLate(event: JobEvent, phase: string): Promise<Lookup> {
    for (const name of attemptsFrom(this.first)) {
      const record = await this.records.find(name);
      if (record === undefined) {
        return this.startInPhase(event, phase, name);
      }
      if (!record.ours) {
        continue;
      }
      const own = record.createdAt >= event.Since;
      if (own || record.state === 'running' || record.state === 'completed' || record.state === 'unknown') {
        return { state: 'found', record };
      }
      if (!this.job.deletable) {
        continue;
      }
      if (record.state === 'stopping') {
        return waiting(this.stillStopping(name));
      }
      await this.records.deleteRecord(name);
      return this.startInPhase(event, phase, name);
    }
    throw this.noNameLeft();
  }

  private async start(name: string): Promise<'started'> {
    await this.records.start(name);
    return 'started';
  }

  private async startInPhase(event: JobEvent, phase: string, name: string): Promise<Waiting> {
    const { kind } = this.job;
    const current = await this.dependencies.stacks.resourcePhase(event.StackId, event.LogicalResourceId);
    if (current !== phase) {
      throw new JobError(`${kind} ${name} was not started: CloudFormation has gone on without it`);
    }
    try {
      await this.records.start(name);
      return waiting(`${kind} ${name} to run`);
    } catch (error) {
      if (!isWorthAnotherStart(error, this.dependencies.now() - event.Since)) {
        throw new JobError(`${kind} ${name} could not be started: ${describeError(error)}`, { cause: error });
      }
      return waiting(`${kind} ${name} to be started (${describeError(error)})`);
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
