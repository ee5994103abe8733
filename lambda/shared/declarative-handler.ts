import type { PollEvent, ResourceEvent, Started } from './events';
import { PropertyReader } from './properties';
import { waiting, type Clock, type Outcome, type ResourceHandler } from './resource-handler';
import { areRightsSpreading } from './rights';

/** A superseded event may need as long to get to the function, and from its first invocation to the second. */
const DELIVERY_MS = 60_000;

/**
 * A custom resource whose work can be repeated. Whatever is asked is computed from the properties, so that an id that CloudFormation
 * invented does no harm.
 *
 * All work is done in the second phase. Were it done in the first, a Create that fails in it would be answered without an id, and the
 * Delete that takes back what was done would do nothing.
 */
export abstract class DeclarativeHandler<P> implements ResourceHandler {
  /**
   * How long an event of this type may be at work, in milliseconds, where what it does may outlive the resource. CloudFormation
   * ignores the answer of an event that it has cancelled, but the event goes on: what it does is undone as long.
   */
  protected readonly longestMs: number | undefined = undefined;

  public constructor(private readonly clock: Clock) {}

  public async onEvent(event: ResourceEvent): Promise<Started> {
    const properties = this.read(event.ResourceProperties);
    const id = this.id(properties);
    const supersedes = await this.supersedes(event, id, properties);
    const since = this.clock.now();
    return {
      PhysicalResourceId: event.RequestType === 'Delete' ? event.PhysicalResourceId ?? id : id,
      Since: since,
      ...(supersedes ? { SettleUntil: since + (this.longestMs ?? 0) + DELIVERY_MS } : {}),
    };
  }

  public async isComplete(event: PollEvent): Promise<Outcome> {
    const properties = this.read(event.ResourceProperties);
    const outcome = event.RequestType === 'Delete' ? await this.remove(properties, event) : await this.apply(properties, event);
    if (outcome.state === 'waiting' || this.clock.now() >= (event.SettleUntil ?? 0)) {
      return outcome;
    }
    return waiting('a superseded event to have ended');
  }

  public isRetryable(error: unknown, event: PollEvent): boolean {
    return areRightsSpreading(error, this.clock.now() - event.Since);
  }

  /** The typed properties. Throws where one is not what it must be. */
  protected abstract parse(properties: PropertyReader): P;

  /** The physical id. */
  protected abstract id(properties: P): string;

  /** Create, and Update, which may be a rollback: both bring about what the properties say. */
  protected abstract apply(properties: P, event: PollEvent): Promise<Outcome>;

  /** Deletes what `apply` made. What is gone is deleted. */
  protected abstract remove(properties: P, event: PollEvent): Promise<Outcome>;

  /**
   * Whether an Update finds its work done before it begins. A rollback does, of an update that has yet to come.
   *
   * Known limits: an update that Lambda delivers a second time does so too, and then stands in a rollback's way. An update that was
   * carried out, and is repeated after its rollback, wins. Nothing tells these apart. Each needs a lost answer and a failed
   * deployment at once.
   */
  protected isDoneAlready?(properties: P, old: P): Promise<boolean>;

  protected read(properties: ResourceEvent['ResourceProperties']): P {
    return this.parse(new PropertyReader(properties));
  }

  private async isEarlyRollback({ OldResourceProperties: old }: ResourceEvent, properties: P): Promise<boolean> {
    return old !== undefined && await this.isDoneAlready?.(properties, this.read(old)) === true;
  }

  /** Whether an event that CloudFormation has cancelled may be at work still. */
  private async supersedes(event: ResourceEvent, id: string, properties: P): Promise<boolean> {
    if (this.longestMs === undefined) {
      return false;
    }
    switch (event.RequestType) {
      case 'Create': return false;
      case 'Update': return this.isEarlyRollback(event, properties);
      case 'Delete': return event.PhysicalResourceId !== id; // CloudFormation invents an id for a create that it cancelled
    }
  }
}
