import { AsyncLocalStorage } from 'node:async_hooks';
import type { IsCompleteResult, ResourceEvent } from '../../../lambda/shared/events';
import type { SimulatedTime } from './time';

export interface Answer {
  readonly ok: boolean;
  readonly id: string;
  readonly reason?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** What goes wrong between CloudFormation and a handler. */
export interface DeliveryMishaps {
  /** Lambda is late with the first phase by so many milliseconds. */
  readonly late?: number;
  /** Lambda runs the first phase a second time. */
  readonly twice?: boolean;
  /** A function that dies is run again, as Lambda does when it was the framework's own; else the resource fails. */
  readonly retried?: boolean;
}

/** A kind of resource, native or custom. Never rejects. */
export interface ResourceType {
  /** CloudFormation's own: it knows what a cancelled create has made, and goes back to what an update replaced without asking. */
  readonly native: boolean;
  send(event: ResourceEvent, mishaps: DeliveryMishaps): Promise<Answer>;
}

type Started = { readonly PhysicalResourceId: string } & Readonly<Record<string, unknown>>;

export interface Functions {
  /** Both phases get what went over the wire. */
  onEvent(event: ResourceEvent): Promise<{ readonly PhysicalResourceId: string }>;
  isComplete(event: ResourceEvent & Started): Promise<IsCompleteResult>;
}

export interface Limits {
  readonly functionTimeout: number;
  readonly totalTimeout: number;
}

/** What a fake service needs to kill the function that called it. */
export const invocation = new AsyncLocalStorage<{ kill(): void }>();

/** The answer's id when a create failed in its first phase: the framework answers the Delete of it by itself. */
export const MARKER = 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED';
const TICK = 5_100;

/** CDK's provider framework: the first phase, then polls; each hop is a copy. */
export class ProviderFramework implements ResourceType {
  public readonly native = false;
  /** All that left a handler: CloudFormation, Step Functions and Lambda's logs have it. */
  public readonly said: string[] = [];
  /** Its own timeout, whose message helps nobody. */
  public timeouts = 0;

  public constructor(private readonly time: SimulatedTime, private readonly functions: Functions, private readonly limits: Limits) {}

  public async send(event: ResourceEvent, mishaps: DeliveryMishaps): Promise<Answer> {
    if (event.RequestType === 'Delete' && event.PhysicalResourceId === MARKER) {
      return { ok: true, id: MARKER };
    }
    const late = mishaps.late ?? 300;
    if (mishaps.twice) {
      this.time.follow(this.time.sleep(late + 700).then(() => this.provide(event, mishaps)));
    }
    await this.time.sleep(late);
    const answer = await this.provide(event, mishaps);
    this.said.push(JSON.stringify(answer));
    return answer;
  }

  private async provide(event: ResourceEvent, mishaps: DeliveryMishaps): Promise<Answer> {
    let id = event.PhysicalResourceId ?? MARKER;
    try {
      const started = await this.invoke(mishaps, () => this.functions.onEvent(structuredClone(event)));
      id = started.PhysicalResourceId;
      const waiting = structuredClone({ ...event, ...started });
      this.said.push(JSON.stringify(waiting));
      const end = this.time.now + this.limits.totalTimeout;
      await this.time.sleep(200);
      while (this.time.now < end) {
        const result = await this.invoke(mishaps, () => this.functions.isComplete(structuredClone(waiting)));
        if (result.IsComplete) {
          return { ok: true, id, data: { ...dataOf(waiting), ...result.Data } };
        }
        await this.time.sleep(TICK);
      }
      this.timeouts += 1;
      return { ok: false, id, reason: 'Operation timed out' };
    } catch (error) {
      return { ok: false, id, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  private async invoke<T>(mishaps: DeliveryMishaps, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return structuredClone(await this.time.limit(this.once(work), this.limits.functionTimeout, 'Task timed out'));
      } catch (error) {
        if (!(error instanceof Killed) || !mishaps.retried || attempt > 2) {
          throw error;
        }
        await this.time.sleep(60_000);
      }
    }
  }

  private once<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const kill = (): void => {
        reject(new Killed('Runtime exited with error: signal: killed'));
      };
      invocation.run({ kill }, () => {
        work().then(resolve, reject);
      });
    });
  }
}

class Killed extends Error {}

function dataOf(event: object): Readonly<Record<string, string>> {
  const data: unknown = 'Data' in event ? event.Data : undefined;
  if (typeof data !== 'object' || data === null) {
    return {};
  }
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, String(value)]));
}
