import type { IsCompleteResult, ResourceEvent } from '../shared/events';
import type { Started, WaitingEvent } from './events';

/** The two phases of an asynchronous custom resource, each a switch to three methods. */
export abstract class ResourceHandler {
  public onEvent(event: ResourceEvent): Promise<Started> {
    switch (event.RequestType) {
      case 'Create': return this.onCreate(event);
      case 'Update': return this.onUpdate(event);
      case 'Delete': return this.onDelete(event);
    }
  }

  public isComplete(event: WaitingEvent): Promise<IsCompleteResult> {
    switch (event.RequestType) {
      case 'Create': return this.isCreateComplete(event);
      case 'Update': return this.isUpdateComplete(event);
      case 'Delete': return this.isDeleteComplete(event);
    }
  }

  protected abstract onCreate(event: ResourceEvent): Promise<Started>;
  protected abstract onUpdate(event: ResourceEvent): Promise<Started>;
  protected abstract onDelete(event: ResourceEvent): Promise<Started>;
  protected abstract isCreateComplete(event: WaitingEvent): Promise<IsCompleteResult>;
  protected abstract isUpdateComplete(event: WaitingEvent): Promise<IsCompleteResult>;
  protected abstract isDeleteComplete(event: WaitingEvent): Promise<IsCompleteResult>;
}
