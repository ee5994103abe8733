import type { IsCompleteResult, ResourceEvent } from '../shared/events';

/** What `onEvent` answers. CDK's framework puts all of it into the event of every `isComplete`: nothing else is remembered. */
export interface Started {
  readonly PhysicalResourceId: string;
  /** When the event came, in milliseconds since the epoch. */
  readonly Since: number;
  /** What is waited for; absent where there is nothing. */
  readonly Awaits?: 'removal' | 'devices' | 'uninstall';
  /** With `uninstall`: the empty revision. */
  readonly Revision?: string;
  /** A revision that a rollback gave back is still being taken away. */
  readonly Tidy?: true;
}

/** The event of `isComplete`. */
export type WaitingEvent = ResourceEvent & Started;

export function isWaiting(event: ResourceEvent | WaitingEvent): event is WaitingEvent {
  return 'Since' in event;
}

/** A custom resource type's side of both phases. */
export interface Handler {
  onEvent(event: ResourceEvent): Promise<Started>;
  isComplete(event: WaitingEvent): Promise<IsCompleteResult>;
}
