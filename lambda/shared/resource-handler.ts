import type { Attributes, PollEvent, ResourceEvent, Started } from './events';

/** What a poll found: the work is done, or something is waited for. */
export type Outcome = Done | Waiting;

export interface Done {
  readonly state: 'done';
  readonly attributes?: Attributes;
}

export interface Waiting {
  readonly state: 'waiting';
  /** What is waited for, in words for the log. */
  readonly for: string;
  /** When waiting is given up, and what to say then. Without it, only the limit of all polls ends the wait. */
  readonly limit?: WaitLimit;
}

export interface WaitLimit {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The reason that CloudFormation shows: what did not happen, and what to do about it. */
  readonly reason: string;
}

export function done(attributes?: Attributes): Done {
  return { state: 'done', ...(attributes === undefined ? {} : { attributes }) };
}

export function waiting(what: string, limit?: WaitLimit): Waiting {
  return { state: 'waiting', for: what, ...(limit === undefined ? {} : { limit }) };
}

/** What every handler depends on. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** One type of custom resource. `Lifecycle` takes it through its two phases, by `handle`. */
export interface ResourceHandler<S extends Started = Started> {
  /**
   * First phase: answers the physical id. A handler does here only what can be done twice, and throws only where nothing was
   * done: the answer to a Create that failed here has no id, so that the Delete that follows does nothing.
   */
  onEvent(event: ResourceEvent): Promise<S>;
  /** Second phase, every few seconds until the work is done. */
  isComplete(event: PollEvent<S>): Promise<Outcome>;
  /** Whether a poll that failed so is left to the next one. */
  isRetryable(error: unknown, event: PollEvent<S>): boolean;
}

/** The handlers of one function, by resource type. One is made for each event. `D`: what they depend on. */
export type HandlerTable<Type extends string, D> = Readonly<Record<Type, (dependencies: D, event: ResourceEvent) => ResourceHandler>>;
