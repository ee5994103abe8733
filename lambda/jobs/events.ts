import type { ResourceEvent } from '../shared/events';

/** What `onEvent` answers. CDK's framework puts all of it into the event of every `isComplete`: nothing else is remembered. */
export interface Started {
  readonly PhysicalResourceId: string;
  /** When the event came, in milliseconds since the epoch. */
  readonly Since: number;
  /** The job that this event waits for; not on Delete. */
  readonly JobName?: string;
  /** On Update: the id that came is the id that goes. In later phases the event holds the answered id alone, which always fits. */
  readonly Unchanged?: true;
  /** This event started the job, so that there is nothing to see at once. */
  readonly Fresh?: true;
  /**
   * The start was put off, and `isComplete` makes it: as long as CloudFormation is in this phase with the resource.
   * A create or update that was cancelled in between would otherwise start a job that nobody deletes.
   */
  readonly Phase?: string;
  /**
   * Why there is nothing to wait for. `isComplete` throws it: were it thrown by `onEvent`, the framework would answer a
   * failed Create with a marker as physical id, and swallow the Delete that follows.
   */
  readonly Failure?: string;
  /** The failed start may have been carried out all the same: `isComplete` sees to it that no job is left before it throws. */
  readonly Unsure?: true;
}

/** The event of `isComplete`. */
export type WaitingEvent = ResourceEvent & Started;

export function isWaiting(event: ResourceEvent | WaitingEvent): event is WaitingEvent {
  return 'Since' in event;
}
