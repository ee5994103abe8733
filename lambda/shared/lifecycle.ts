import { describeError } from './errors';
import { checkEvent, isPoll, type IsCompleteResult, type PollEvent, type ResourceEvent, type Started } from './events';
import { MAX_REASON } from './handle';
import { log } from './log';
import { asRecord, PropertyReader } from './properties';

/** The physical id in the answer to a Create that failed in its first phase: nothing was done, so that its Delete has nothing to do. */
export const CREATE_FAILED = 'cdk-sagemaker-edge::CREATE_FAILED';

/** The time between two polls. */
const INTERVAL_MS = 5_000;
/** The log says so often what is waited for. */
const LOG_MS = 60_000;
/** The end of an invocation belongs to the answer, or to the start of the next invocation. */
const MARGIN_MS = 75_000;

/** How long the resources of a function may take, in milliseconds. */
export interface Limits {
  /** One phase of a resource of this type: its first one, or one poll. Then it is given up, and its calls are aborted. */
  phase(type: string): number;
  /** All polls of one event. The handlers' own limits come before it, since they have better words. */
  readonly total: number;
}

/** One phase that is running. */
export interface Phase {
  /** Aborts what is still running when the phase has had its time. */
  readonly signal: AbortSignal;
  /** Milliseconds until then. */
  remaining(): number;
}

/** Carries out one phase of an event: `handle`, with what the function depends on. */
export type Phases = (event: ResourceEvent | PollEvent, phase: Phase) => Promise<Started | IsCompleteResult>;

/** What an invocation of the function can do. */
export interface Invocation {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds until Lambda ends this invocation. */
  remaining(): number;
  sleep(ms: number): Promise<void>;
  /** Rejects with the message where the work takes longer. */
  limit<T>(work: (signal: AbortSignal) => Promise<T>, ms: number, message: string): Promise<T>;
  /** Puts an answer where CloudFormation waits for it. */
  answer(url: string, body: string): Promise<void>;
  /** Has the function invoked once more, with this event. Does not wait for it. */
  goOn(event: object): Promise<void>;
}

/** An event with the address for its answer. */
type Request = (ResourceEvent | PollEvent) & { readonly ResponseURL: string };

/**
 * Takes a custom resource through its phases, and answers CloudFormation.
 *
 * CloudFormation invokes the function. That invocation carries out the first phase and has the function invoked once more with what it
 * answered. The next one polls until the work is done. Before its time is over, it has the function invoked again, which goes on.
 *
 * Each phase can be carried out twice: Lambda delivers an event at least once, and once more where the function has died. So a
 * death in the second phase repeats a poll, and not the first phase.
 */
export class Lifecycle {
  public constructor(private readonly phases: Phases, private readonly limits: Limits, private readonly invocation: Invocation) {}

  public async serve(event: unknown): Promise<void> {
    const request = requestOf(event);
    const response = await this.respond(request);
    if (response !== undefined) {
      await this.answer(request, response);
    }
  }

  /** Undefined where another invocation goes on. */
  private async respond(request: Request): Promise<object | undefined> {
    if (request.RequestType === 'Delete' && request.PhysicalResourceId === CREATE_FAILED) {
      log('nothing to delete: the create has failed', { logicalId: request.LogicalResourceId });
      return success(CREATE_FAILED);
    }
    let current: Request = request;
    try {
      if (!isPoll(current)) {
        current = { ...current, ...await this.start(current) };
        await this.invocation.goOn(current);
        return undefined;
      }
      const done = await this.poll(current);
      return done && success(current.PhysicalResourceId, { ...current.Data, ...done.Data });
    } catch (error) {
      return this.failure(current, error);
    }
  }

  private async start(event: Request): Promise<Started> {
    const started = await this.phase(event);
    if (!('PhysicalResourceId' in started)) {
      throw new Error(`the first phase of ${event.LogicalResourceId} has answered as a poll does`);
    }
    return started;
  }

  /** Undefined where another invocation goes on. */
  private async poll(event: PollEvent & Request): Promise<IsCompleteResult | undefined> {
    const { invocation } = this;
    let logAt = invocation.now();
    for (;;) {
      const result = await this.phase(event);
      if (!('IsComplete' in result)) {
        throw new Error(`a poll of ${event.LogicalResourceId} has answered as the first phase does`);
      }
      if (result.IsComplete) {
        return result;
      }
      const end = event.Since + this.limits.total;
      const now = invocation.now();
      if (now >= end) {
        throw new Error(`nothing has ended the wait for ${result.For ?? 'the work'} within ${this.limits.total / 60_000} minutes`);
      }
      if (now >= logAt) {
        logWait(event, result.For, Math.min(result.Until ?? end, end));
        logAt = now + LOG_MS;
      }
      await invocation.sleep(INTERVAL_MS);
      if (invocation.remaining() < this.limits.phase(event.ResourceType) + MARGIN_MS) {
        await invocation.goOn(event);
        return undefined;
      }
    }
  }

  /** One phase within its time. Its calls are aborted then, so that nothing goes on behind the answer. */
  private phase(event: Request): Promise<Started | IsCompleteResult> {
    const plain: (ResourceEvent | PollEvent) & { ResponseURL?: string } = { ...event };
    delete plain.ResponseURL; // whoever has it can answer for the resource
    const ms = this.limits.phase(event.ResourceType);
    const end = this.invocation.now() + ms;
    return this.invocation.limit(
      (signal) => this.phases(plain, { signal, remaining: () => end - this.invocation.now() }),
      ms, `${event.ResourceType} ${event.LogicalResourceId}: a call was not answered within ${ms / 1000} seconds`,
    );
  }

  private failure(event: Request, error: unknown): object {
    log('failed', { logicalId: event.LogicalResourceId, error: error instanceof Error ? error.stack : String(error) });
    return {
      Status: 'FAILED', Reason: reasonOf(error),
      PhysicalResourceId: event.PhysicalResourceId ?? CREATE_FAILED, // only a Create comes without one
    };
  }

  private async answer({ StackId, RequestId, LogicalResourceId, ResponseURL }: Request, response: object): Promise<void> {
    await this.invocation.answer(ResponseURL, JSON.stringify({ StackId, RequestId, LogicalResourceId, ...response }));
    log('answered', { logicalId: LogicalResourceId, status: 'Status' in response ? String(response.Status) : '' });
  }
}

function success(id: string, data: object = {}): object {
  return { Status: 'SUCCESS', PhysicalResourceId: id, Data: data };
}

/** For people who wait for a deployment: identifiers and times alone. */
function logWait(event: PollEvent, what: string | undefined, until: number): void {
  log('waiting', {
    logicalId: event.LogicalResourceId,
    for: what,
    since: new Date(event.Since).toISOString(),
    until: new Date(until).toISOString(),
  });
}

/** Words of ours as they are; those of a service with the name of its error. */
function reasonOf(error: unknown): string {
  const isOurs = error instanceof Error && !('$metadata' in error);
  return (isOurs ? error.message : describeError(error)).slice(0, MAX_REASON);
}

/** Throws where it is no event of CloudFormation's. */
function requestOf(event: unknown): Request {
  checkEvent(event);
  return { ...event, ResponseURL: new PropertyReader(asRecord(event, 'the event')).text('ResponseURL') };
}
