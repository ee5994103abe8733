import { AsyncLocalStorage } from 'node:async_hooks';
import type { ResourceEvent } from '../../../lambda/shared/events';
import { Lifecycle, type Limits, type Phases } from '../../../lambda/shared/lifecycle';
import type { SimulatedTime } from './time';

export interface Answer {
  readonly ok: boolean;
  readonly id: string;
  readonly reason?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** What goes wrong between CloudFormation and a handler. */
export interface DeliveryMishaps {
  /** Lambda is late with the first invocation by so many milliseconds. */
  readonly late?: number;
  /** Lambda delivers the event a second time. */
  readonly twice?: boolean;
  /** Each invocation that goes on is delivered a second time. */
  readonly goesOnTwice?: boolean;
}

/** A kind of resource, native or custom. Never rejects. */
export interface ResourceType {
  /** CloudFormation's own: it knows what a cancelled create has made, and goes back to what an update replaced without asking. */
  readonly native: boolean;
  send(event: ResourceEvent, mishaps: DeliveryMishaps): Promise<Answer>;
}

/** What a fake service needs to kill the function that called it. */
export const invocation = new AsyncLocalStorage<{ kill(): void }>();

const FUNCTION_TIMEOUT = 900_000;
/** After a failed invocation, Lambda tries again after so long. */
const RETRIES = [60_000, 120_000];
const START = 200;
/** Lambda stops a function that has invoked itself about sixteen times. */
const LONGEST_CHAIN = 14;

/** One event on its way: who waits for the answer, and how many invocations may still give it. */
interface Conversation {
  readonly answered: (answer: Answer) => void;
  open: number;
}

/** The function of a handler as Lambda runs it: asynchronous invocations, each hop a copy, and a death tried again twice. */
export class HandlerFunction implements ResourceType {
  public readonly native = false;
  /** All that left a handler: CloudFormation and Lambda have it. */
  public readonly said: string[] = [];
  private timeouts = 0;
  private longestChain = 0;
  private readonly conversations = new Map<string, Conversation>();

  public constructor(private readonly time: SimulatedTime, private readonly phases: Phases, private readonly limits: Limits) {}

  /** What must not be: the end of all polls, whose message is not the handler's own, and a chain of invocations that Lambda stops. */
  public faults(): string[] {
    return [
      ...(this.timeouts > 0 ? ['a wait had no limit of its own'] : []),
      ...(this.longestChain >= LONGEST_CHAIN ? [`${this.longestChain} invocations went on one after the other`] : []),
    ];
  }

  public async send(event: ResourceEvent, mishaps: DeliveryMishaps): Promise<Answer> {
    const late = mishaps.late ?? 300;
    const url = `https://answers/${event.RequestId}`;
    const payload = { ...event, ResponseURL: url };
    return new Promise((resolve) => {
      this.conversations.set(url, { answered: resolve, open: 0 });
      this.follow(url, async () => {
        await this.time.sleep(late);
        await this.invoke(payload, mishaps, 1);
      });
      if (mishaps.twice) {
        this.follow(url, async () => {
          await this.time.sleep(late + 700);
          await this.invoke(payload, mishaps, 1);
        });
      }
    });
  }

  /** CloudFormation waits for its limit where nobody is left to answer. */
  private follow(url: string, work: () => Promise<void>): void {
    const conversation = this.conversation(url);
    conversation.open += 1;
    this.time.follow(work().finally(() => {
      conversation.open -= 1;
      if (conversation.open === 0) {
        conversation.answered({ ok: false, id: `Demo-${url.split('/').at(-1) ?? ''}`, reason: 'no answer within the service timeout' });
      }
    }));
  }

  private async invoke(payload: ResourceEvent & { ResponseURL: string }, mishaps: DeliveryMishaps, chain: number): Promise<void> {
    this.longestChain = Math.max(this.longestChain, chain);
    for (const pause of [...RETRIES, undefined]) {
      try {
        await this.time.limit(this.once(() => this.serve(structuredClone(payload), mishaps, chain)), FUNCTION_TIMEOUT, 'Task timed out');
        return;
      } catch (error) {
        if (!(error instanceof Killed)) {
          throw error;
        }
        if (pause !== undefined) {
          await this.time.sleep(pause);
        }
      }
    }
  }

  private serve(payload: ResourceEvent & { ResponseURL: string }, mishaps: DeliveryMishaps, chain: number): Promise<void> {
    const end = this.time.now + FUNCTION_TIMEOUT;
    const { ResponseURL: url } = payload;
    return new Lifecycle(this.phases, this.limits, {
      now: () => this.time.now,
      remaining: () => end - this.time.now,
      sleep: (ms) => this.time.sleep(ms),
      limit: (work, ms, message) => this.time.limit(work(new AbortController().signal), ms, message),
      answer: (to, body) => {
        this.said.push(body);
        this.conversation(to).answered(this.answerOf(body));
        return Promise.resolve();
      },
      goOn: (event) => {
        this.said.push(JSON.stringify(event));
        for (let copies = mishaps.goesOnTwice ? 2 : 1; copies > 0; copies--) {
          this.follow(url, async () => {
            await this.time.sleep(START * copies);
            await this.invoke({ ...payload, ...structuredClone(event) }, mishaps, chain + 1);
          });
        }
        return Promise.resolve();
      },
    }).serve(payload);
  }

  private answerOf(body: string): Answer {
    const { Status, PhysicalResourceId: id, Reason: reason, Data: data } = JSON.parse(body) as {
      Status: string; PhysicalResourceId: string; Reason?: string; Data?: Record<string, string>;
    };
    if (reason?.startsWith('nothing has ended the wait')) {
      this.timeouts += 1;
    }
    return { ok: Status === 'SUCCESS', id, ...(reason === undefined ? {} : { reason }), ...(data === undefined ? {} : { data }) };
  }

  private conversation(url: string): Conversation {
    const found = this.conversations.get(url);
    if (found === undefined) {
      throw new Error(`nobody waits for an answer at ${url}`);
    }
    return found;
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
