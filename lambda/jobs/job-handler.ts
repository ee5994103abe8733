import { isTransient } from '../shared/errors';
import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import { log } from '../shared/log';
import type { Surroundings } from './client';
import { describeError, isWorthAnotherStart, JobError, NotYet } from './errors';
import type { Started, WaitingEvent } from './events';
import { ResourceHandler } from './handler';
import type { Job, JobRecord } from './job';
import { jobMetrics } from './metrics';
import { Launch, type Found } from './launch';
import { jobName, jobNameBase, parseJobName, resourceHash, type JobName } from './naming';
import { CLOCK_SKEW, deadline, GIVE_UP, isDue, SETTLE_INVENTED, SETTLE_ROLLBACK } from './polling';
import { JobRecords } from './records';

/** Makes the job that properties ask for. Throws when they are not complete. */
export type JobFactory = (properties: Readonly<Record<string, unknown>>) => Job;

/** Attributes when the work is done, or what it waits for. */
type Step = Readonly<Record<string, string>> | string;

/** A job as a custom resource. What happened before is read from the service; only the event is carried from poll to poll. */
export class JobHandler extends ResourceHandler {
  private readonly job: Job;
  private readonly records: JobRecords;
  private readonly resource: string;

  public constructor(private readonly world: Surroundings, private readonly makeJob: JobFactory, event: ResourceEvent) {
    super();
    this.resource = resourceHash(event.StackId, event.LogicalResourceId);
    this.job = makeJob(event.ResourceProperties);
    this.records = new JobRecords(this.job, world);
  }

  protected onCreate(event: ResourceEvent): Promise<Started> {
    return this.begin(event, jobName(this.base(this.job), 1));
  }

  /**
   * Other inputs are another job, hence another physical id: CloudFormation deletes the old one later, or the new one if it
   * rolls back. The same inputs keep the id.
   */
  protected async onUpdate(event: ResourceEvent): Promise<Started> {
    const name = this.ownName(event);
    if (event.PhysicalResourceId === undefined || name?.inputs !== this.job.inputs) { return this.begin(event, jobName(this.base(this.job), 1)); }
    return { ...await this.begin(event, event.PhysicalResourceId), PhysicalResourceId: event.PhysicalResourceId, Unchanged: true };
  }

  protected onDelete(event: ResourceEvent): Promise<Started> {
    return Promise.resolve({ PhysicalResourceId: event.PhysicalResourceId ?? '', Since: this.world.now() });
  }

  protected isCreateComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    return this.poll(event, () => this.settle(event));
  }

  protected isUpdateComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    return this.poll(event, async (elapsed) => {
      const overtaken = this.overtaken(event);
      if (overtaken !== undefined) {
        const gone = await new JobRecords(overtaken, this.world).remove(this.base(overtaken), 1);
        if (!gone || elapsed < SETTLE_ROLLBACK) { return `the ${overtaken.kind} of the failed update to be gone`; }
      }
      const step = await this.settle(event);
      if (typeof step !== 'string') { await this.retag(event, step); }
      return step;
    });
  }

  protected isDeleteComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    const own = this.ownName(event); // CloudFormation invents an id for a create that it did not wait for
    return this.poll(event, async (elapsed) => {
      const gone = await this.records.remove(own?.base ?? this.base(this.job), own?.attempt ?? 1);
      if (!gone) { return `${this.job.kind} ${event.PhysicalResourceId} to stop`; }
      // The overtaken create may still be on its way to its start call.
      return own === undefined && elapsed < SETTLE_INVENTED ? 'the cancelled create to have ended' : {};
    });
  }

  /** Never throws: a start call may have been sent. */
  private async begin(event: ResourceEvent, first: string): Promise<Started> {
    const since = this.world.now();
    const launch = new Launch(this.job, this.records, this.world, first);
    const answer = () => ({ PhysicalResourceId: launch.reached, JobName: launch.reached, Since: since });
    try {
      const fresh = await launch.now();
      return { ...answer(), ...(fresh ? { Fresh: true } : {}) };
    } catch (error) {
      log('not started', { kind: this.job.kind, name: launch.reached, error: describeError(error) });
      if (!isWorthAnotherStart(error, this.world.now() - since)) { return { ...answer(), Failure: this.failure(launch.reached, error) }; }
      return { ...answer(), ...await this.postpone(event, launch.reached, error) };
    }
  }

  /** Leaves the start to a later poll, unless CloudFormation has cancelled the event already. */
  private async postpone(event: ResourceEvent, name: string, cause: unknown): Promise<Pick<Started, 'Phase' | 'Failure' | 'Unsure'>> {
    try {
      const phase = await this.world.stacks.resourcePhase(event.StackId, event.LogicalResourceId);
      return /^DELETE|FAILED/.test(phase) ? { Failure: `${this.failure(name, cause)}; CloudFormation has gone on without it`, Unsure: true } : { Phase: phase };
    } catch (error) {
      return { Failure: `${this.failure(name, cause)}; and the stack could not be read: ${describeError(error)}`, Unsure: true };
    }
  }

  /** Throws the failure of the first phase, once nothing is left of what it may have started. */
  private async fail(event: WaitingEvent, failure: string): Promise<string> {
    const record = event.Unsure && event.JobName !== undefined ? await this.records.find(event.JobName) : undefined;
    if (record?.ours && record.createdAt >= event.Since - CLOCK_SKEW && !await this.records.removeOne(record)) { return `${this.job.kind} ${record.name} to stop`; }
    throw new JobError(failure);
  }

  private failure(name: string, error: unknown): string {
    return error instanceof JobError ? error.message : `${this.job.kind} ${name} could not be started: ${describeError(error)}`;
  }

  /** One poll: skipped when it is not due, and with a message of our own before the framework's timeout. */
  private async poll(event: WaitingEvent, step: (elapsed: number) => Promise<Step>): Promise<IsCompleteResult> {
    const { Failure: failure } = event;
    const elapsed = this.world.now() - event.Since;
    const late = elapsed >= deadline(this.job.maxRuntimeSeconds);
    if (!late && !isDue(elapsed, event.Fresh)) { return { IsComplete: false }; }
    const result = await this.attempt(event, elapsed, failure === undefined ? step : () => this.fail(event, failure));
    if (typeof result !== 'string') { return { IsComplete: true, Data: result }; }
    if (elapsed >= GIVE_UP) {
      throw new JobError(`gave up after ${Math.floor(elapsed / 60_000)} minutes of waiting for ${result}${this.whereToLook(event.JobName ?? event.PhysicalResourceId)}`);
    }
    log('waiting', { for: result, seconds: Math.round(elapsed / 1000) });
    return { IsComplete: false };
  }

  private async attempt(event: WaitingEvent, elapsed: number, step: (elapsed: number) => Promise<Step>): Promise<Step> {
    try {
      return await step(elapsed);
    } catch (error) {
      if (error instanceof JobError) { throw error; }
      const again = error instanceof NotYet || isTransient(error) || (event.Phase !== undefined && isWorthAnotherStart(error, elapsed));
      if (again) { return `SageMaker to answer (${describeError(error)})`; }
      throw new JobError(`${this.job.kind} ${event.JobName ?? event.PhysicalResourceId}: ${describeError(error)}`, { cause: error });
    }
  }

  /** The event's own job: its attributes when it is completed, a throw when it has failed. */
  private async settle(event: WaitingEvent): Promise<Step> {
    const name = event.JobName ?? event.PhysicalResourceId;
    const found: Found | undefined = event.Phase === undefined
      ? await this.records.find(name)
      : await new Launch(this.job, this.records, this.world, name).later(event);
    if (found === undefined) { throw new JobError(`${this.job.kind} ${name} is gone: somebody deleted its record while the deployment waited for it`); }
    return typeof found === 'string' ? found : this.judge(event, found);
  }

  private async judge(event: WaitingEvent, record: JobRecord): Promise<Step> {
    const late = this.world.now() - event.Since >= deadline(this.job.maxRuntimeSeconds);
    switch (record.state) {
      case 'completed':
        this.measure(event, record, 0);
        return record.attributes;
      case 'running':
        if (late) { await this.records.stop(record.name); }
        return `${this.job.kind} ${record.name}, which is ${record.status}`;
      case 'stopping': return `${this.job.kind} ${record.name} to stop`;
      case 'unknown': return this.records.refuseUnknown(record);
      case 'failed':
      case 'stopped': {
        // No Delete comes for a create that failed, nor for an update: nobody else would.
        await this.records.deleteRecord(record.name);
        this.measure(event, record, 1);
        const ended = late && record.state === 'stopped'
          ? `was stopped: it did not end within its ${this.job.maxRuntimeSeconds} seconds`
          : `is ${record.status}: ${record.reason || 'the service gives no reason'}`;
        throw new JobError(`${this.job.kind} ${record.name} ${ended}${this.whereToLook(record.name)}`);
      }
    }
  }

  /** Of the jobs that this event started, not of those that it found. */
  private measure(event: WaitingEvent, record: JobRecord, failed: number): void {
    if (record.createdAt < event.Since - CLOCK_SKEW) { return; }
    const now = this.world.now();
    this.world.write(jobMetrics(event, now, { Duration: Math.max(0, now - record.createdAt) / 1000, Failed: failed }));
  }

  /** Tags are no input, so they are set in place. One that was taken away stays until the next job. */
  private async retag(event: ResourceEvent, attributes: Readonly<Record<string, string>>): Promise<void> {
    const before = JSON.stringify(event.OldResourceProperties?.Tags ?? []);
    if (this.job.tags.length === 0 || before === JSON.stringify(event.ResourceProperties.Tags) || !attributes.JobArn) { return; }
    await this.job.tag(attributes.JobArn, this.job.tags);
  }

  private whereToLook(name: string): string {
    const logs = this.job.logs(name);
    return logs === '' ? '' : ` (${logs})`;
  }

  private base(job: Job): string {
    return jobNameBase(job.namePrefix, this.resource, job.inputs);
  }

  /** The job of the update that this event takes back: were it cancelled before it answered, nobody else would know it. */
  private overtaken(event: WaitingEvent): Job | undefined {
    if (event.Unchanged === undefined || event.OldResourceProperties === undefined) { return undefined; }
    const old = this.makeJob(event.OldResourceProperties);
    return old.inputs === this.job.inputs ? undefined : old;
  }

  /** The physical id as a job name, if it is this resource's. */
  private ownName(event: ResourceEvent): JobName | undefined {
    const name = parseJobName(event.PhysicalResourceId ?? '');
    return name?.resource === this.resource ? name : undefined;
  }
}
