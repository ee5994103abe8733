import type { Dependencies } from '../../../lambda/jobs/dependencies';
import { RESOURCES } from '../../../lambda/jobs/resources';
import { handle } from '../../../lambda/shared/handle';
import { ProviderFramework } from '../cloudformation/provider-framework';
import { StackModel } from '../cloudformation/stack-model';
import { SimulatedTime } from '../cloudformation/time';
import { functionsOf } from '../functions';
import { FakeService } from './fake-service';

/** A stack of jobs, over the real handlers. */
export class JobsCloud {
  public readonly time = new SimulatedTime();
  public readonly service = new FakeService(this.time);
  private readonly functions = functionsOf((event) => handle(RESOURCES, this.dependencies(), event));
  private readonly framework = new ProviderFramework(this.time, this.functions, { functionTimeout: 60_000, totalTimeout: 3_600_000 });
  public readonly stack = new StackModel(this.time, () => this.framework);

  /** Everything that must not be: violations, and jobs and records that belong to no resource of the stack. */
  public faults(): string[] {
    const owned = new Set([...this.stack.live.values()].map(({ id }) => id.replace(/-\d+$/, '')));
    const stray = [...this.service.compilations.keys()].filter((name) => !owned.has(name.replace(/-\d+$/, '')));
    return [
      ...this.stack.violations, ...stray.map((name) => `orphan ${name}`), ...this.service.running().map((name) => `${name} runs`),
      ...(this.framework.timeouts > 0 ? ['the framework timed out'] : []),
    ];
  }

  private dependencies(): Dependencies {
    return {
      jobs: this.service, now: () => this.time.now, remaining: () => 60_000, write: () => undefined,
      stacks: { resourcePhase: (_, logicalId) => Promise.resolve(this.stack.phases.get(logicalId) ?? 'none') },
    };
  }
}
