import type { IsCompleteResult, ResourceEvent } from '../shared/events';

/** What `onEvent` answers. CDK's framework puts all of it into the event of every `isComplete`: nothing else is remembered. */
export interface Started {
  readonly PhysicalResourceId: string;
  /** When the event came, in milliseconds since the epoch. */
  readonly Since: number;
  /** What is waited for; absent where there is nothing. */
  readonly Awaits?: 'devices' | 'uninstall';
  /** With `uninstall`: the empty revision. */
  readonly Revision?: string;
  /** A revision that a rollback gave back is still being taken away. */
  readonly Tidy?: true;
  /** Until when, in milliseconds since the epoch, a create that CloudFormation has cancelled can be at work: what it does is undone as long. */
  readonly SettleUntil?: number;
  /** A rollback of an update that was not answered: no Delete comes for what that one did. */
  readonly Revokes?: true;
}

/** The event of `isComplete`. */
export type WaitingEvent = ResourceEvent & Started;

/** This function's timeout. */
export const LONGEST_MS = 600_000;
/** A cancelled event may need as long to get to the function. */
const DELIVERY_MS = 30_000;

export function isWaiting(event: ResourceEvent | WaitingEvent): event is WaitingEvent {
  return 'Since' in event;
}

/**
 * What `onEvent` answers where the work is done in the second phase. Were it done in the first, a function that dies of it would leave the framework to
 * answer a Create with a marker as id, and to swallow the Delete that takes back what was done. A Delete under another id than the Create's is
 * CloudFormation's invention for a create that it has cancelled, and that can be at work for `longestMs`.
 */
export function begun(event: ResourceEvent, id: string, now: number, longestMs: number): Started {
  const given = event.RequestType === 'Delete' ? event.PhysicalResourceId ?? id : id;
  return { PhysicalResourceId: given, Since: now, ...(given === id ? {} : { SettleUntil: now + longestMs + DELIVERY_MS }) };
}

/** A custom resource type's side of both phases. */
export interface Handler {
  onEvent(event: ResourceEvent): Promise<Started>;
  isComplete(event: WaitingEvent): Promise<IsCompleteResult>;
}
