import { DeclarativeHandler } from './declarative-handler';
import type { ResourceEvent, Started } from './events';

export interface RevertingStarted extends Started {
  /** A rollback of an update that was not answered: no Delete comes for what that one did. */
  readonly RevertsUnanswered?: true;
}

/** A custom resource whose updates make something beside what was there before, which a rollback has to take back itself. */
export abstract class RevertingHandler<P> extends DeclarativeHandler<P> {
  public override async onEvent(event: ResourceEvent): Promise<RevertingStarted> {
    const started = await super.onEvent(event);
    const isUnanswered = event.RequestType === 'Update' && event.PhysicalResourceId === started.PhysicalResourceId;
    return isUnanswered ? { ...started, RevertsUnanswered: true } : started;
  }
}
