import type { PollEvent, Started } from '../shared/events';

/** What the first phase of a job answers. */
export interface JobStarted extends Started {
  /** The job that this event waits for. On Delete there may be several: the name is the physical id. */
  readonly JobName: string;
  /** What the second phase does. */
  readonly Next: Next;
  /**
   * On Update: the id that came is the id that goes, so the update may be a rollback. The events of later polls hold the answered id
   * alone, which always fits.
   */
  readonly KeepsId?: true;
}

export type Next =
  /** Polls the job. A fresh one was started by this event, so that there is nothing to see at once. */
  | { readonly Do: 'poll'; readonly Fresh: boolean }
  /**
   * Makes the start that was put off, as long as CloudFormation is in this phase with the resource. A create or update that was
   * cancelled in between would otherwise start a job that nobody deletes.
   */
  | { readonly Do: 'start'; readonly Phase: string }
  /**
   * Throws. Were it thrown by the first phase, a failed Create would be answered without an id, and the Delete that follows would
   * do nothing. The start may have been carried out all the same: then no job is left before it throws.
   */
  | { readonly Do: 'fail'; readonly Reason: string; readonly MayRun: boolean };

/** The event of a poll. */
export type JobEvent = PollEvent<JobStarted>;
