import { isComplete, onEvent } from '../../../lambda/jobs/dispatch';
import type { WaitingEvent } from '../../../lambda/jobs/events';
import type { Surroundings } from '../../../lambda/jobs/client';
import type { ResourceEvent } from '../../../lambda/shared/events';
import { FakeService, type Clock } from './fake-service';

export type Properties = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly ok: boolean;
  readonly id: string;
  readonly reason?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** A template's job resource. */
export interface Resource {
  readonly type: string;
  readonly properties: Properties;
}
export type Template = Readonly<Record<string, Resource>>;

/** What goes wrong in one deployment, outside the handlers. */
export interface Mishaps {
  /** Milliseconds after which another resource of the stack fails, and everything in progress is cancelled. */
  readonly otherFailsAfter?: number;
  /** Lambda is late with the first phase by so many milliseconds. */
  readonly late?: number;
  /** Lambda runs the first phase a second time. */
  readonly twice?: boolean;
  /** A failed update's rollback carries the id that the failed update answered, and not the one before. */
  readonly rollbackWithNewId?: boolean;
  /** No Delete comes for a create that answered with a failure. */
  readonly noDeleteOfFailed?: boolean;
}

interface Live extends Resource { readonly id: string }
interface Operation {
  readonly logicalId: string;
  readonly answer: Promise<Answer>;
  settled?: Answer;
}

const MARKER = 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED';
const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Demo/5f2c';
const TICK = 5_100;
const TICKS = 720;

/**
 * AWS's order of events over the real handlers: creates and updates in parallel, answers of cancelled operations ignored while
 * their waiters go on, a Delete with an invented id for an overtaken create, updates from new to old in a rollback, Deletes of
 * replaced jobs last. Time is simulated.
 */
export class CloudFormationModel {
  public readonly clock: Clock = { now: 1_800_000_000_000 };
  public readonly service = new FakeService(this.clock);
  public readonly live = new Map<string, Live>();
  /** Everything that must not happen: a failed Delete, a rollback that fails, the framework's own timeout. */
  public readonly violations: string[] = [];
  private readonly phases = new Map<string, string>();
  private readonly timers: { readonly at: number; readonly wake: () => void }[] = [];
  private readonly waiters = new Set<Promise<unknown>>();
  private requests = 0;

  /** One deployment to its end, rollback included. True when it succeeded. */
  public deploy(template: Template, mishaps: Mishaps = {}): Promise<boolean> {
    return this.run(() => this.deployment(template, mishaps));
  }

  /** Deletes the stack. */
  public async destroy(): Promise<void> {
    await this.run(async () => { await this.deleteAll([...this.live.keys()].map((logicalId) => ({ logicalId, ...this.resource(logicalId) })), {}); });
    this.live.clear();
  }

  /** Jobs and records that belong to no resource of the stack. */
  public orphans(): string[] {
    const owned = new Set([...this.live.values()].map(({ id }) => id.replace(/-\d+$/, '')));
    const stray = (name: string) => !owned.has(name.replace(/-\d+$/, ''));
    return [...[...this.service.compilations.keys()].filter(stray), ...this.service.running()];
  }

  private async deployment(template: Template, mishaps: Mishaps): Promise<boolean> {
    const before = new Map(this.live);
    const changed = Object.entries(template).filter(([logicalId, { properties }]) => {
      const old = before.get(logicalId);
      return old === undefined || JSON.stringify(old.properties) !== JSON.stringify(properties);
    });
    const operations = changed.map(([logicalId, resource]) => this.begin(logicalId, resource, before.get(logicalId), mishaps));
    if (await this.allWell(operations, mishaps.otherFailsAfter)) {
      const replaced: (Live & { logicalId: string })[] = [];
      for (const { logicalId, settled } of operations) {
        const old = before.get(logicalId);
        if (old !== undefined && settled !== undefined && old.id !== settled.id) { replaced.push({ logicalId, ...old }); }
        this.live.set(logicalId, { ...resourceOf(template, logicalId), id: settled?.id ?? '' });
      }
      const removed = [...before].filter(([logicalId]) => !(logicalId in template)).map(([logicalId, old]) => ({ logicalId, ...old }));
      removed.forEach(({ logicalId }) => this.live.delete(logicalId));
      await this.deleteAll([...replaced, ...removed], {});
      return true;
    }
    const answered = new Map(operations.map((operation) => [operation.logicalId, operation.settled])); // what comes later is ignored
    await this.sleep(1_000); // CloudFormation takes a moment before it rolls back
    await this.rollback(template, before, answered, mishaps);
    return false;
  }

  private async rollback(template: Template, before: ReadonlyMap<string, Live>, answered: ReadonlyMap<string, Answer | undefined>, mishaps: Mishaps): Promise<void> {
    const updates = [...answered.keys()].filter((logicalId) => before.has(logicalId));
    const cleanups = await Promise.all(updates.map(async (logicalId) => {
      const old = before.get(logicalId) ?? { ...resourceOf(template, logicalId), id: '' };
      const last = answered.get(logicalId);
      const current = last !== undefined && (last.ok || mishaps.rollbackWithNewId) ? last.id : old.id;
      const answer = await this.send(logicalId, 'UPDATE_IN_PROGRESS', {
        ...this.event('Update', logicalId, old), PhysicalResourceId: current, OldResourceProperties: resourceOf(template, logicalId).properties,
      }, {});
      if (!answer.ok) { this.violations.push(`rollback of ${logicalId} failed: ${answer.reason ?? ''}`); }
      this.live.set(logicalId, { ...old, id: answer.id });
      return answer.id === current ? [] : [{ logicalId, ...resourceOf(template, logicalId), id: current }];
    }));
    const unheard = (logicalId: string) => mishaps.noDeleteOfFailed === true && answered.get(logicalId)?.ok === false;
    const creates = [...answered.keys()].filter((logicalId) => !before.has(logicalId) && !unheard(logicalId)).map((logicalId) => ({
      logicalId, ...resourceOf(template, logicalId), id: answered.get(logicalId)?.id ?? `Demo-${logicalId}-1A2B3C4D5E6F`,
    }));
    await this.deleteAll([...cleanups.flat(), ...creates], {});
  }

  private async deleteAll(resources: readonly (Live & { logicalId: string })[], mishaps: Mishaps): Promise<void> {
    await Promise.all(resources.map(async ({ logicalId, ...resource }) => {
      if (resource.id === MARKER) { return; } // the framework answers this one itself
      const answer = await this.send(logicalId, 'DELETE_IN_PROGRESS', { ...this.event('Delete', logicalId, resource), PhysicalResourceId: resource.id }, mishaps);
      if (!answer.ok) { this.violations.push(`delete of ${resource.id} failed: ${answer.reason ?? ''}`); }
    }));
  }

  private begin(logicalId: string, resource: Resource, old: Live | undefined, mishaps: Mishaps): Operation {
    const event = old === undefined
      ? this.event('Create', logicalId, resource)
      : { ...this.event('Update', logicalId, resource), PhysicalResourceId: old.id, OldResourceProperties: old.properties };
    const operation: Operation = { logicalId, answer: this.send(logicalId, old === undefined ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS', event, mishaps) };
    void operation.answer.then((answer) => { operation.settled = answer; });
    return operation;
  }

  /** False as soon as one operation fails, or another resource does; the others are not waited for then. */
  private async allWell(operations: readonly Operation[], otherFailsAfter: number | undefined): Promise<boolean> {
    const failures = operations.map(({ answer }) => answer.then(({ ok }) => ok ? new Promise<boolean>(() => undefined) : false));
    const other = otherFailsAfter === undefined ? [] : [this.sleep(otherFailsAfter).then(() => false)];
    const all = other.length > 0 ? [] : [Promise.all(operations.map(({ answer }) => answer)).then((answers) => answers.every(({ ok }) => ok))];
    const well = await Promise.race([...failures, ...other, ...all]);
    if (!well) { operations.forEach(({ logicalId }) => { this.setPhase(logicalId, 'FAILED'); }); }
    return well;
  }

  /** CDK's provider framework: the first phase, then polls; each hop is a copy. */
  private send(logicalId: string, phase: string, event: ResourceEvent, mishaps: Mishaps): Promise<Answer> {
    this.setPhase(logicalId, phase);
    const provide = async (): Promise<Answer> => {
      await this.sleep(mishaps.late ?? 300);
      return this.wait(event);
    };
    const own = this.phases.get(logicalId);
    const answer = provide();
    void answer.then(({ ok }) => { if (ok && this.phases.get(logicalId) === own) { this.setPhase(logicalId, phase.replace('IN_PROGRESS', 'COMPLETE')); } });
    this.follow(answer);
    if (mishaps.twice) { this.follow(this.sleep((mishaps.late ?? 300) + 700).then(() => this.wait(event))); }
    return answer;
  }

  private async wait(event: ResourceEvent): Promise<Answer> {
    let id = event.PhysicalResourceId ?? MARKER;
    try {
      const started = structuredClone(await onEvent(structuredClone(event), this.world()));
      id = started.PhysicalResourceId;
      const waiting: WaitingEvent = structuredClone({ ...event, ...started });
      for (let tick = 0; tick < TICKS; tick++) {
        await this.sleep(tick === 0 ? 200 : TICK);
        const result = await isComplete(structuredClone(waiting), this.world());
        if (result.IsComplete) { return { ok: true, id, ...(result.Data ? { data: result.Data } : {}) }; }
      }
    } catch (error) {
      return { ok: false, id, reason: error instanceof Error ? error.message : String(error) };
    }
    this.violations.push('the framework timed out');
    return { ok: false, id, reason: 'Operation timed out' };
  }

  private world(): Surroundings {
    return {
      jobs: this.service, now: () => this.clock.now, remaining: () => 60_000,
      stacks: { resourcePhase: (_, logicalId) => Promise.resolve(this.phases.get(logicalId) ?? 'none') },
    };
  }

  private event(type: ResourceEvent['RequestType'], logicalId: string, resource: Resource): ResourceEvent {
    return {
      RequestType: type, RequestId: `request-${++this.requests}`, StackId: STACK, ResourceType: resource.type,
      LogicalResourceId: logicalId, ResourceProperties: resource.properties,
    };
  }

  private resource(logicalId: string): Live {
    const live = this.live.get(logicalId);
    if (live === undefined) { throw new Error(`no ${logicalId} in the stack`); }
    return live;
  }

  private setPhase(logicalId: string, phase: string): void {
    this.phases.set(logicalId, `${phase} ${this.clock.now}`);
  }

  private follow(waiter: Promise<unknown>): void {
    this.waiters.add(waiter);
    void waiter.finally(() => this.waiters.delete(waiter));
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((wake) => { this.timers.push({ at: this.clock.now + ms, wake }); });
  }

  /** Moves the clock from timer to timer until the work is done and the last waiter has ended. */
  private async run<T>(work: () => Promise<T>): Promise<T> {
    const result = work();
    this.follow(result);
    for (;;) {
      await new Promise((resolve) => { setImmediate(resolve); });
      if (this.timers.length === 0) {
        if (this.waiters.size > 0) { throw new Error('the model waits for nothing'); }
        return result;
      }
      this.timers.sort((a, b) => a.at - b.at);
      const next = this.timers.shift();
      if (next) {
        this.clock.now = Math.max(this.clock.now, next.at);
        next.wake();
      }
    }
  }
}

function resourceOf(template: Template, logicalId: string): Resource {
  const resource = template[logicalId];
  if (resource === undefined) { throw new Error(`no ${logicalId} in the template`); }
  return resource;
}
