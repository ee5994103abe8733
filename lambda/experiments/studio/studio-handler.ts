import { DeclarativeHandler } from '../../shared/declarative-handler';
import { isTransient, serviceError } from '../../shared/errors';
import type { PollEvent } from '../../shared/events';
import type { Dependencies, StudioCalls } from './dependencies';

/** What the handlers of Studio share. What changes at this moment, by somebody else's hand too, can be changed or deleted later. */
export abstract class StudioHandler<P extends object> extends DeclarativeHandler<P> {
  protected readonly studio: StudioCalls;

  public constructor(dependencies: Dependencies) {
    super(dependencies);
    this.studio = dependencies.studio;
  }

  public override isRetryable(error: unknown, event: PollEvent): boolean {
    return super.isRetryable(error, event) || isTransient(error) || serviceError(error).name === 'ResourceInUse';
  }
}
