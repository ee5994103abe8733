import { describeError, isTransient, RetryLater } from '../shared/errors';
import type { Attributes, ResourceEvent } from '../shared/events';
import { log } from '../shared/log';
import { PropertyReader } from '../shared/properties';
import { done, waiting, type Outcome, type ResourceHandler, type WaitLimit } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { isWorthAnotherStart, JobError } from './errors';
import type { JobEvent, JobStarted, Next } from './events';
import type { Job } from './job';
import { JobPoller } from './job-poller';
import { JobStarter } from './job-starter';
import { jobName, jobNameBase, parseJobName, resourceHash, type JobName } from './naming';
import { CLOCK_SKEW, GIVE_UP, isDue, SETTLE_INVENTED, SETTLE_ROLLBACK } from './polling';
import { JobRecords } from './records';

/** Makes the job that properties ask for. Throws when they are not complete. */
export type JobFactory = (properties: PropertyReader) => Job;

/** A job as a custom resource. What happened before is read from the service: only the event is carried from poll to poll. */
export class JobHandler implements ResourceHandler<JobStarted> {
  private readonly job: Job;
  private readonly records: JobRecords;
  private readonly poller: JobPoller;
  private readonly resource: string;

  public constructor(private readonly dependencies: Dependencies, event: ResourceEvent, private readonly makeJob: JobFactory) {
    this.resource = resourceHash(event.StackId, event.LogicalResourceId);
    this.job = makeJob(new PropertyReader(event.ResourceProperties));
    this.records = new JobRecords(this.job, dependencies);
    this.poller = new JobPoller(this.job, this.records, dependencies);
  }

  public onEvent(event: ResourceEvent): Promise<JobStarted> {
    switch (event.RequestType) {
      case 'Create': return this.begin(event, this.firstName());
      case 'Update': return this.beginUpdate(event);
      case 'Delete': return Promise.resolve(this.beginDelete(event));
    }
  }

  /** A poll that is not due asks nothing. Waiting ends with a message of our own, before the limit of all polls. */
  public async isComplete(event: JobEvent): Promise<Outcome> {
    const elapsed = this.dependencies.now() - event.Since;
    const isFresh = event.Next.Do === 'poll' && event.Next.Fresh;
    if (!this.poller.isLate(event) && !isDue(elapsed, isFresh)) {
      return waiting(`${this.job.kind} ${event.JobName}`, this.limit(event, `${this.job.kind} ${event.JobName}`));
    }
    const outcome = await this.attempt(event, elapsed);
    return outcome.state === 'done' ? outcome : waiting(outcome.for, this.limit(event, outcome.for));
  }

  /** Never: `attempt` has caught what can be tried again, and named the job in what cannot. */
  public isRetryable(): boolean {
    return false;
  }

  /**
   * Other inputs are another job, hence another physical id: CloudFormation deletes the old one later, or the new one if it
   * rolls back. The same inputs keep the id.
   */
  private async beginUpdate(event: ResourceEvent): Promise<JobStarted> {
    const { PhysicalResourceId: id } = event;
    if (id === undefined || this.ownName(id)?.inputs !== this.job.inputs) {
      return this.begin(event, this.firstName());
    }
    return { ...await this.begin(event, id), PhysicalResourceId: id, KeepsId: true };
  }

  private beginDelete({ PhysicalResourceId: id = '' }: ResourceEvent): JobStarted {
    return { PhysicalResourceId: id, JobName: id, Since: this.dependencies.now(), Next: { Do: 'poll', Fresh: false } };
  }

  /** Never throws: a start call may have been sent. */
  private async begin(event: ResourceEvent, first: string): Promise<JobStarted> {
    const since = this.dependencies.now();
    const starter = new JobStarter(this.job, this.records, this.dependencies, first);
    const next = await this.start(event, starter, since);
    return { PhysicalResourceId: starter.reached, JobName: starter.reached, Since: since, Next: next };
  }

  private async start(event: ResourceEvent, starter: JobStarter, since: number): Promise<Next> {
    try {
      return { Do: 'poll', Fresh: await starter.startOrAdopt() === 'started' };
    } catch (error) {
      log('not started', { kind: this.job.kind, name: starter.reached, error: describe(error) });
      const reason = this.failure(starter.reached, error);
      const isWorthIt = isWorthAnotherStart(error, this.dependencies.now() - since);
      return isWorthIt ? this.postpone(event, reason) : { Do: 'fail', Reason: reason, MayRun: false };
    }
  }

  /** Leaves the start to a later poll, unless CloudFormation has cancelled the event already. */
  private async postpone(event: ResourceEvent, reason: string): Promise<Next> {
    try {
      const phase = await this.dependencies.stacks.resourcePhase(event.StackId, event.LogicalResourceId);
      if (!/^DELETE|FAILED/.test(phase)) {
        return { Do: 'start', Phase: phase };
      }
      return { Do: 'fail', Reason: `${reason}; CloudFormation has gone on without it`, MayRun: true };
    } catch (error) {
      return { Do: 'fail', Reason: `${reason}; and the stack could not be read: ${describe(error)}`, MayRun: true };
    }
  }

  private async attempt(event: JobEvent, elapsed: number): Promise<Outcome> {
    try {
      return await this.step(event, elapsed);
    } catch (error) {
      if (error instanceof JobError) {
        throw error;
      }
      const isPutOff = event.Next.Do === 'start' && isWorthAnotherStart(error, elapsed);
      if (error instanceof RetryLater || isTransient(error) || isPutOff) {
        return waiting(`SageMaker to answer (${describe(error)})`);
      }
      throw new JobError(`${this.job.kind} ${event.JobName}: ${describe(error)}`, { cause: error });
    }
  }

  private step(event: JobEvent, elapsed: number): Promise<Outcome> {
    if (event.Next.Do === 'fail') {
      return this.fail(event, event.Next);
    }
    switch (event.RequestType) {
      case 'Create': return this.poller.poll(event);
      case 'Update': return this.pollUpdate(event, elapsed);
      case 'Delete': return this.pollDelete(event, elapsed);
    }
  }

  /** Throws the failure of the first phase, once nothing is left of what it may have started. */
  private async fail(event: JobEvent, { Reason: reason, MayRun: mayRun }: Extract<Next, { Do: 'fail' }>): Promise<Outcome> {
    const record = mayRun ? await this.records.find(event.JobName) : undefined;
    const isOwn = record?.ours === true && record.createdAt >= event.Since - CLOCK_SKEW;
    if (isOwn && !await this.records.removeOne(record)) {
      return waiting(`${this.job.kind} ${record.name} to stop`);
    }
    throw new JobError(reason);
  }

  private async pollUpdate(event: JobEvent, elapsed: number): Promise<Outcome> {
    const superseded = this.superseded(event);
    if (superseded !== undefined) {
      const gone = await new JobRecords(superseded, this.dependencies).remove(this.base(superseded), 1);
      if (!gone || elapsed < SETTLE_ROLLBACK) {
        return waiting(`the ${superseded.kind} of the failed update to be gone`);
      }
    }
    const outcome = await this.poller.poll(event);
    if (outcome.state === 'done') {
      await this.retag(event, outcome.attributes);
    }
    return outcome;
  }

  private async pollDelete(event: JobEvent, elapsed: number): Promise<Outcome> {
    const own = this.ownName(event.PhysicalResourceId); // CloudFormation invents an id for a create that it did not wait for
    const gone = await this.records.remove(own?.base ?? this.base(this.job), own?.attempt ?? 1);
    if (!gone) {
      return waiting(`${this.job.kind} ${event.PhysicalResourceId} to stop`);
    }
    // The superseded create may still be on its way to its start call.
    return own === undefined && elapsed < SETTLE_INVENTED ? waiting('the cancelled create to have ended') : done({});
  }

  /** Tags are no input, so they are changed in place. */
  private async retag(event: ResourceEvent, attributes: Attributes = {}): Promise<void> {
    const before = this.makeJob(new PropertyReader(event.OldResourceProperties ?? event.ResourceProperties)).tags;
    const { tags } = this.job;
    if (!attributes.JobArn || JSON.stringify(before) === JSON.stringify(tags)) {
      return;
    }
    const removed = before.map(({ Key }) => Key).filter((key) => tags.every(({ Key }) => Key !== key));
    if (removed.length > 0) {
      await this.job.untag(attributes.JobArn, removed);
    }
    if (tags.length > 0) {
      await this.job.tag(attributes.JobArn, tags);
    }
  }

  private limit(event: JobEvent, what: string): WaitLimit {
    const minutes = Math.floor((this.dependencies.now() - event.Since) / 60_000);
    return {
      at: event.Since + GIVE_UP,
      reason: `gave up after ${minutes} minutes of waiting for ${what}${this.poller.whereToLook(event.JobName)}`,
    };
  }

  private failure(name: string, error: unknown): string {
    return error instanceof JobError ? error.message : `${this.job.kind} ${name} could not be started: ${describe(error)}`;
  }

  /** The job of the update that this event takes back. If that was cancelled before it answered, nobody else knows the job. */
  private superseded(event: JobEvent): Job | undefined {
    if (event.KeepsId === undefined || event.OldResourceProperties === undefined) {
      return undefined;
    }
    const old = this.makeJob(new PropertyReader(event.OldResourceProperties));
    return old.inputs === this.job.inputs ? undefined : old;
  }

  private firstName(): string {
    return jobName(this.base(this.job), 1);
  }

  private base(job: Job): string {
    return jobNameBase(job.namePrefix, this.resource, job.inputs);
  }

  /** The physical id as a job name, if it is this resource's. */
  private ownName(id: string): JobName | undefined {
    const name = parseJobName(id);
    return name?.resource === this.resource ? name : undefined;
  }
}

/** A message of ours, or the service's own words. */
function describe(error: unknown): string {
  return error instanceof JobError ? error.message : describeError(error);
}
