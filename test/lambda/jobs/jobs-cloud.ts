import type { Dependencies } from '../../../lambda/jobs/dependencies';
import { LIMITS } from '../../../lambda/jobs/limits';
import { RESOURCES } from '../../../lambda/jobs/resources';
import { handle } from '../../../lambda/shared/handle';
import type { Phase } from '../../../lambda/shared/lifecycle';
import { HandlerFunction } from '../cloudformation/handler-function';
import { StackModel } from '../cloudformation/stack-model';
import { SimulatedTime } from '../cloudformation/time';
import { FakeService } from './fake-service';

/** A stack of jobs, over the real handlers. */
export class JobsCloud {
  public readonly time = new SimulatedTime();
  public readonly service = new FakeService(this.time);
  private readonly handler = new HandlerFunction(this.time, (event, phase) => handle(RESOURCES, this.dependencies(phase), event), LIMITS);
  public readonly stack = new StackModel(this.time, () => this.handler);

  /** Everything that must not be: violations, and jobs and records that belong to no resource of the stack. */
  public faults(): string[] {
    const owned = new Set([...this.stack.live.values()].map(({ id }) => id.replace(/-\d+$/, '')));
    const stray = [...this.service.compilations.keys()].filter((name) => !owned.has(name.replace(/-\d+$/, '')));
    return [
      ...this.stack.violations, ...stray.map((name) => `orphan ${name}`), ...this.service.running().map((name) => `${name} runs`),
      ...this.handler.faults(),
    ];
  }

  private dependencies(phase: Phase): Dependencies {
    return {
      jobs: this.service, now: () => this.time.now, remaining: () => phase.remaining(), write: () => undefined,
      stacks: { resourcePhase: (_, logicalId) => Promise.resolve(this.stack.phases.get(logicalId) ?? 'none') },
    };
  }
}
