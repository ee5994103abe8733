import { done, waiting, type Outcome } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { JobError } from './errors';
import type { JobEvent } from './events';
import type { Job, JobRecord } from './job';
import { JobStarter, type Lookup } from './job-starter';
import { jobMetrics } from './metrics';
import { CLOCK_SKEW, deadline } from './polling';
import type { JobRecords } from './records';

/** Follows the one job of an event to its end. */
export class JobPoller {
  public constructor(private readonly job: Job, private readonly records: JobRecords, private readonly dependencies: Dependencies) {}

  /** The job's attributes when it is completed. Throws when it has failed. */
  public async poll(event: JobEvent): Promise<Outcome> {
    const found = await this.find(event);
    return found.state === 'waiting' ? found : this.judge(event, found.record);
  }

  /** Whether the job has had its time. */
  public isLate(event: JobEvent): boolean {
    return this.dependencies.now() - event.Since >= deadline(this.job.maxRuntimeSeconds);
  }

  /** For the end of a message. */
  public whereToLook(name: string): string {
    const logs = this.job.logs(name);
    return logs === '' ? '' : ` (${logs})`;
  }

  private async find(event: JobEvent): Promise<Lookup> {
    const { JobName: name, Next: next } = event;
    if (next.Do === 'start') {
      return new JobStarter(this.job, this.records, this.dependencies, name).startLate(event, next.Phase);
    }
    const record = await this.records.find(name);
    if (record !== undefined) {
      return { state: 'found', record };
    }
    throw new JobError(`${this.job.kind} ${name} is gone: somebody deleted its record while the deployment waited for it`);
  }

  private async judge(event: JobEvent, record: JobRecord): Promise<Outcome> {
    const { kind } = this.job;
    switch (record.state) {
      case 'completed':
        this.measure(event, record, 0);
        return done(record.attributes);
      case 'running':
        if (this.isLate(event)) {
          await this.records.stop(record.name);
        }
        return waiting(`${kind} ${record.name}, which is ${record.status}`);
      case 'stopping': return waiting(`${kind} ${record.name} to stop`);
      case 'unknown': return this.records.refuseUnknown(record);
      case 'failed':
      case 'stopped': return this.fail(event, record);
    }
  }

  /** No Delete comes for a create that failed, nor for an update: nobody else would delete the record. */
  private async fail(event: JobEvent, record: JobRecord): Promise<never> {
    await this.records.deleteRecord(record.name);
    this.measure(event, record, 1);
    const ended = this.isLate(event) && record.state === 'stopped'
      ? `was stopped: it did not end within its ${this.job.maxRuntimeSeconds} seconds`
      : `is ${record.status}: ${record.reason || 'the service gives no reason'}`;
    throw new JobError(`${this.job.kind} ${record.name} ${ended}${this.whereToLook(record.name)}`);
  }

  /** Of the jobs that this event started, not of those that it found. */
  private measure(event: JobEvent, record: JobRecord, failed: number): void {
    if (record.createdAt < event.Since - CLOCK_SKEW) {
      return;
    }
    const now = this.dependencies.now();
    this.dependencies.write(jobMetrics(event, now, { Duration: Math.max(0, now - record.createdAt) / 1000, Failed: failed }));
  }
}
