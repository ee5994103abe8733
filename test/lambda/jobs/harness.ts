import type { Dependencies } from '../../../lambda/jobs/dependencies';
import { RESOURCES } from '../../../lambda/jobs/resources';
import type { IsCompleteResult, PollEvent, ResourceEvent } from '../../../lambda/shared/events';
import { handle } from '../../../lambda/shared/handle';
import { functionsOf } from '../functions';
import type { Resource } from '../cloudformation/template';
import { compilation } from './properties';
import { FakeService, ServiceFault, type Clock } from './fake-service';

export const STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Demo/5f2c';
export const TICK = 5_100;
/** What CloudFormation invents for a create that it did not wait for. */
export const INVENTED = 'Demo-Compile-1A2B3C4D5E6F';

/** One handler, one resource, and a service on a clock of the test's own. */
export class JobHarness {
  public readonly clock: Clock = { now: 1_800_000_000_000 };
  public readonly service = new FakeService(this.clock);
  public phase = 'CREATE_IN_PROGRESS 2027-01-15T08:00:00.000Z';
  public phaseError: Error | undefined;
  public remaining = 60_000;
  /** What the handler wrote to its log as it is. */
  public readonly lines: string[] = [];
  /** How often CloudFormation was asked. */
  public phaseReads = 0;
  private readonly functions = functionsOf((event) => handle(RESOURCES, this.dependencies(), event));

  public event(type: ResourceEvent['RequestType'], resource: Resource, more: Partial<ResourceEvent> = {}): ResourceEvent {
    return {
      RequestType: type, RequestId: 'request-1', StackId: STACK_ID, ResourceType: resource.type, LogicalResourceId: 'Compile',
      ResourceProperties: resource.properties, ...more,
    };
  }

  /** First phase; what comes back is the event of the second. */
  public async start(event: ResourceEvent): Promise<PollEvent> {
    const started = await this.functions.onEvent(structuredClone(event));
    return structuredClone({ ...event, ...started });
  }

  public poll(event: PollEvent): Promise<IsCompleteResult> {
    return this.functions.isComplete(structuredClone(event));
  }

  /** Polls until it is done or throws. */
  public async settle(event: PollEvent): Promise<IsCompleteResult> {
    for (let tick = 0; tick < 720; tick++) {
      const result = await this.poll(event);
      if (result.IsComplete) {
        return result;
      }
      this.clock.now += TICK;
    }
    throw new Error('Operation timed out');
  }

  /** Both phases. */
  public async run(event: ResourceEvent): Promise<{ id: string; data: Readonly<Record<string, string>> }> {
    const waiting = await this.start(event);
    const { Data: data } = await this.settle(waiting);
    return { id: waiting.PhysicalResourceId, data: data ?? {} };
  }

  public create(resource: Resource): Promise<{ id: string; data: Readonly<Record<string, string>> }> {
    return this.run(this.event('Create', resource));
  }

  public update(id: string, from: Resource, to: Resource): ResourceEvent {
    return this.event('Update', to, { PhysicalResourceId: id, OldResourceProperties: from.properties });
  }

  public delete(id: string, resource: Resource): ResourceEvent {
    return this.event('Delete', resource, { PhysicalResourceId: id });
  }

  /** Seconds from now until this settles. */
  public async seconds(work: () => Promise<unknown>): Promise<number> {
    const begin = this.clock.now;
    await work();
    return (this.clock.now - begin) / 1000;
  }

  private dependencies(): Dependencies {
    return {
      jobs: this.service, now: () => this.clock.now, remaining: () => this.remaining, write: (line) => { this.lines.push(line); },
      stacks: {
        resourcePhase: () => {
          this.phaseReads += 1;
          return this.phaseError ? Promise.reject(this.phaseError) : Promise.resolve(this.phase);
        },
      },
    };
  }
}

export const denied = (action: string) => () => new ServiceFault(
  'AccessDeniedException',
  `User: arn:aws:sts::111122223333:assumed-role/Handler is not authorized to perform: ${action}`,
);

/** Seconds between the end of a compilation that takes so long and its resource's, and the calls made. */
export async function jobOf(seconds: number): Promise<{ lag: number; calls: number }> {
  const harness = new JobHarness();
  harness.service.plan = () => ({ runs: seconds * 1000 - 2_000 });
  const waiting = await harness.start(harness.event('Create', compilation()));
  const begin = harness.clock.now;
  await harness.settle(waiting);
  return { lag: (harness.clock.now - begin) / 1000 - seconds, calls: harness.service.calls.length };
}
