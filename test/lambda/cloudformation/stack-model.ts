import type { ResourceEvent } from '../../../lambda/shared/events';
import type { Answer, DeliveryMishaps, ResourceType } from './handler-function';
import { dependencies, resolve, type Properties, type Resource, type Template } from './template';
import type { SimulatedTime } from './time';

/** What goes wrong in one deployment. */
export interface Mishaps extends DeliveryMishaps {
  /** Milliseconds after which another resource of the stack fails, and everything in progress is cancelled. */
  readonly otherFailsAfter?: number;
  /** As `late`, for the updates of a rollback; absent: they are as late as others. */
  readonly rollbackLate?: number;
  /** A failed update's rollback carries the id that the failed update answered, and not the one before. */
  readonly rollbackWithNewId?: boolean;
  /** No Delete comes for a create that answered with a failure. */
  readonly noDeleteOfFailed?: boolean;
  /** A rollback keeps what a replacement made, where the template keeps what is replaced: AWS does not say. */
  readonly keepsReplacements?: boolean;
  /** A person puts right what makes a Delete or a rollback fail, and tries again; absent: nothing may make them fail. */
  readonly repair?: () => Promise<void>;
}

export interface Live extends Resource {
  readonly logicalId: string;
  readonly id: string;
  readonly data: Readonly<Record<string, string>>;
}

interface Operation {
  readonly logicalId: string;
  readonly dependsOn: readonly string[];
  /** Once its dependencies are there, unless the deployment has failed by then. */
  properties?: Properties;
  settled?: Answer;
  /** Ends with the operation's answer; true also where there is nothing to do. */
  done: Promise<boolean>;
}

export const STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Demo/5f2c';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::StackName': 'Demo', 'AWS::StackId': STACK_ID, 'AWS::AccountId': '111122223333', 'AWS::Region': 'eu-west-1',
  'AWS::Partition': 'aws', 'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * AWS's order of events: creates and updates in parallel as soon as what they refer to is there, answers of cancelled
 * operations ignored while their waiters go on, a Delete with an invented id for an superseded create, updates from new to old
 * in a rollback, Deletes of what was replaced or taken out last, and in the reverse order. Time is simulated.
 */
export class StackModel {
  public readonly live = new Map<string, Live>();
  /** Everything that must not happen: a failed Delete, a rollback that fails, a wait without an end of its own. */
  public readonly violations: string[] = [];
  /** Status of each resource with the moment that it took it. */
  public readonly phases = new Map<string, string>();
  /** From a failure on: the template is the one before again. */
  public isRollingBack = false;
  private requests = 0;

  public constructor(public readonly time: SimulatedTime, private readonly typeOf: (type: string) => ResourceType) {}

  /** One deployment to its end, rollback included. True when it succeeded. */
  public deploy(template: Template, mishaps: Mishaps = {}): Promise<boolean> {
    return this.time.run(() => this.deployment(template, mishaps));
  }

  /** Deletes the stack. */
  public async destroy(mishaps: Mishaps = {}): Promise<void> {
    await this.time.run(() => this.deleteAll([...this.live.values()].filter(({ keeps }) => keeps?.deleted !== true), mishaps));
    this.live.clear();
  }

  private async deployment(template: Template, mishaps: Mishaps): Promise<boolean> {
    this.isRollingBack = false;
    const before = new Map(this.live);
    const current = new Map<string, Live>();
    const running = { failed: false };
    const operations = new Map<string, Operation>();
    for (const [logicalId, resource] of Object.entries(template)) {
      const operation: Operation = { logicalId, dependsOn: dependencies(resource, template), done: Promise.resolve(true) };
      operations.set(logicalId, operation);
    }
    for (const operation of operations.values()) {
      operation.done = Promise.resolve().then(() => this.operate(operation, { template, before, current, operations, running, mishaps }));
    }
    const all = [...operations.values()];
    if (await this.allWell(all, mishaps.otherFailsAfter)) {
      const gone = [...before.values()].filter(({ logicalId, id, keeps }) => {
        const now = current.get(logicalId);
        return now?.id !== id && !(now === undefined ? keeps?.deleted : keeps?.replaced);
      });
      this.setLive(current);
      await this.deleteAll(gone, mishaps);
      return true;
    }
    running.failed = true;
    const started = all.filter(({ properties }) => properties !== undefined);
    const answered = new Map(started.map(({ logicalId, settled }) => [logicalId, settled])); // what comes later is ignored
    for (const { logicalId, done } of started) {
      if (!this.type(template, logicalId).native) { // these are waited for
        continue;
      }
      await done.catch(() => false);
      answered.set(logicalId, operations.get(logicalId)?.settled);
    }
    await this.time.sleep(1_000); // CloudFormation takes a moment before it rolls back
    await this.rollback(started, { template, before, answered, mishaps });
    return false;
  }

  private async operate(operation: Operation, plan: {
    template: Template; before: ReadonlyMap<string, Live>; current: Map<string, Live>; operations: ReadonlyMap<string, Operation>;
    running: { readonly failed: boolean }; mishaps: Mishaps;
  }): Promise<boolean> {
    const { logicalId, dependsOn } = operation;
    const ready = await Promise.all(dependsOn.map(async (name) => plan.operations.get(name)?.done));
    if (plan.running.failed || ready.includes(false)) { // it never begins
      return new Promise(() => undefined);
    }
    const resource = resourceOf(plan.template, logicalId);
    const properties = this.resolved(resource, plan.current);
    const old = plan.before.get(logicalId);
    if (old !== undefined && JSON.stringify(old.properties) === JSON.stringify(properties)) {
      plan.current.set(logicalId, { ...old, dependsOn, keeps: resource.keeps });
      return true;
    }
    operation.properties = properties;
    const event = old === undefined
      ? this.event('Create', logicalId, { type: resource.type, properties })
      : {
        ...this.event('Update', logicalId, { type: resource.type, properties }),
        PhysicalResourceId: old.id,
        OldResourceProperties: old.properties,
      };
    const answer = await this.send(old === undefined ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS', event, plan.mishaps);
    operation.settled = answer;
    if (answer.ok) {
      plan.current.set(logicalId, { ...resource, logicalId, properties, dependsOn, id: answer.id, data: answer.data ?? {} });
    }
    return answer.ok;
  }

  private async rollback(started: readonly Operation[], { template, before, answered, mishaps }: {
    template: Template; before: ReadonlyMap<string, Live>; answered: ReadonlyMap<string, Answer | undefined>; mishaps: Mishaps;
  }): Promise<void> {
    this.isRollingBack = true;
    this.setLive(before);
    const made = ({ logicalId, dependsOn, properties = {} }: Operation, id: string): Live => ({
      ...resourceOf(template, logicalId),
      logicalId,
      properties,
      dependsOn,
      id,
      data: {},
    });
    const kept = ({ keeps }: Live): boolean => mishaps.keepsReplacements === true && keeps?.replaced === true;
    const cleanups = await Promise.all(started.map(async (operation) => {
      const { logicalId } = operation;
      const old = before.get(logicalId);
      if (old === undefined) {
        return [];
      }
      const last = answered.get(logicalId);
      if (this.typeOf(old.type).native && (last?.ok !== true || last.id !== old.id)) {
        return last?.ok ? [made(operation, last.id)] : [];
      }
      const current = last !== undefined && (last.ok || mishaps.rollbackWithNewId) ? last.id : old.id;
      const event = { ...this.event('Update', logicalId, old), PhysicalResourceId: current, OldResourceProperties: operation.properties };
      const answer = await this.insist(
        'UPDATE_IN_PROGRESS',
        event,
        { ...mishaps, late: mishaps.rollbackLate ?? mishaps.late },
        `rollback of ${logicalId}`,
      );
      this.live.set(logicalId, { ...old, id: answer.id });
      return answer.id === current ? [] : [made(operation, current)];
    }));
    const creates = started.filter(({ logicalId }) => !before.has(logicalId)).flatMap((operation) => {
      const answer = answered.get(operation.logicalId);
      const unheard = answer?.ok === false && (mishaps.noDeleteOfFailed === true || this.type(template, operation.logicalId).native);
      return unheard || resourceOf(template, operation.logicalId).keeps?.failedCreate ? [] : [
        made(operation, answer?.id ?? `Demo-${operation.logicalId}-1A2B3C4D5E6F`),
      ];
    });
    await this.deleteAll([...cleanups.flat().filter((each) => !kept(each)), ...creates], mishaps);
  }

  /** In the reverse order of dependence. */
  private async deleteAll(resources: readonly Live[], mishaps: Mishaps): Promise<void> {
    const deletions = new Map<Live, Promise<void>>();
    const deletion = async (resource: Live): Promise<void> => {
      await Promise.resolve(); // until all of them are in the map
      await Promise.all(
        resources.filter(({ dependsOn }) => dependsOn?.includes(resource.logicalId)).map(async (dependent) => deletions.get(dependent)),
      );
      const event = { ...this.event('Delete', resource.logicalId, resource), PhysicalResourceId: resource.id };
      await this.insist('DELETE_IN_PROGRESS', event, { ...mishaps, late: 300 }, `delete of ${resource.id} (${resource.logicalId})`);
    };
    for (const resource of resources) {
      deletions.set(resource, deletion(resource));
    }
    await Promise.all(deletions.values());
  }

  /** What must not fail: once more after the repair, if something may make it fail. */
  private async insist(phase: string, event: ResourceEvent, mishaps: Mishaps, what: string): Promise<Answer> {
    let answer = await this.send(phase, event, mishaps);
    if (!answer.ok && mishaps.repair !== undefined) {
      await mishaps.repair();
      answer = await this.send(phase, event, {});
    }
    if (!answer.ok) {
      this.violations.push(`${what} failed: ${answer.reason ?? ''}`);
    }
    return answer;
  }

  /** False as soon as one operation fails, or another resource does; the others are not waited for then. */
  private async allWell(operations: readonly Operation[], otherFailsAfter: number | undefined): Promise<boolean> {
    const failures = operations.map(({ done }) => done.then((ok) => ok ? new Promise<boolean>(() => undefined) : false));
    const other = otherFailsAfter === undefined ? [] : [this.time.sleep(otherFailsAfter).then(() => false)];
    const all = other.length > 0 ? [] : [Promise.all(operations.map(({ done }) => done)).then((answers) => answers.every((ok) => ok))];
    const well = await Promise.race([...failures, ...other, ...all]);
    if (!well) {
      operations.forEach(({ logicalId }) => {
        this.setPhase(logicalId, 'FAILED');
      });
    }
    return well;
  }

  private send(phase: string, event: ResourceEvent, mishaps: DeliveryMishaps): Promise<Answer> {
    const { LogicalResourceId: logicalId } = event;
    this.setPhase(logicalId, phase);
    const own = this.phases.get(logicalId);
    const answer = this.typeOf(event.ResourceType).send(event, mishaps);
    void answer.then(({ ok }) => {
      if (ok && this.phases.get(logicalId) === own) {
        this.setPhase(logicalId, phase.replace('IN_PROGRESS', 'COMPLETE'));
      }
    });
    this.time.follow(answer);
    return answer;
  }

  private event(type: ResourceEvent['RequestType'], logicalId: string, resource: Resource): ResourceEvent {
    return {
      RequestType: type, RequestId: `request-${++this.requests}`, StackId: STACK_ID, ResourceType: resource.type,
      LogicalResourceId: logicalId, ResourceProperties: resource.properties,
    };
  }

  private resolved(resource: Resource, current: ReadonlyMap<string, Live>): Properties {
    const properties = resolve(resource.properties, {
      ref: (name) => current.get(name)?.id ?? PSEUDO[name] ?? name,
      attribute: (logicalId, name) => current.get(logicalId)?.data[name] ?? `${logicalId}.${name}`,
    });
    return { ...Object.fromEntries(Object.entries(properties ?? {})) };
  }

  private type(template: Template, logicalId: string): ResourceType {
    return this.typeOf(resourceOf(template, logicalId).type);
  }

  private setLive(resources: ReadonlyMap<string, Live>): void {
    this.live.clear();
    resources.forEach((resource, logicalId) => this.live.set(logicalId, resource));
  }

  private setPhase(logicalId: string, phase: string): void {
    this.phases.set(logicalId, `${phase} ${this.time.now}`);
  }
}

function resourceOf(template: Template, logicalId: string): Resource {
  const resource = template[logicalId];
  if (resource === undefined) {
    throw new Error(`no ${logicalId} in the template`);
  }
  return resource;
}
