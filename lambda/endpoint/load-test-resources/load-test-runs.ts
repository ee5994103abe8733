import type { LoadTestRunsProperties } from '../../../lib/endpoint/private/load-test/resources';
import { DeclarativeHandler } from '../../shared/declarative-handler';
import { isTransient, serviceError } from '../../shared/errors';
import type { PollEvent } from '../../shared/events';
import type { PropertyReader } from '../../shared/properties';
import { done, waiting, type Outcome } from '../../shared/resource-handler';
import type { Dependencies } from './dependencies';

const REASON = 'the stack of the load test is deleted';
/** What there is no more has no runs. */
const GONE = new Set(['StateMachineDoesNotExist', 'StateMachineDeleting', 'ClusterNotFoundException']);

/** That no run outlives its load test: the Delete stops executions and tasks, and waits until they have ended. */
export class LoadTestRuns extends DeclarativeHandler<LoadTestRunsProperties> {
  public constructor(private readonly dependencies: Dependencies) {
    super(dependencies);
  }

  public override isRetryable(error: unknown, event: PollEvent): boolean {
    return super.isRetryable(error, event) || isTransient(error);
  }

  protected parse(properties: PropertyReader): LoadTestRunsProperties {
    return { StateMachineArn: properties.text('StateMachineArn'), ClusterArn: properties.text('ClusterArn') };
  }

  protected id({ StateMachineArn: arn }: LoadTestRunsProperties): string {
    return arn;
  }

  /** There is nothing to make. */
  protected apply(): Promise<Outcome> {
    return Promise.resolve(done());
  }

  protected async remove({ StateMachineArn: stateMachineArn, ClusterArn: cluster }: LoadTestRunsProperties): Promise<Outcome> {
    const executions = await this.stopExecutions(stateMachineArn);
    const tasks = await this.stopTasks(cluster);
    return executions + tasks === 0 ? done() : waiting(`${executions} executions and ${tasks} tasks to end`);
  }

  private async stopExecutions(stateMachineArn: string): Promise<number> {
    const { runs } = this.dependencies;
    const { executions = [] } = await unlessGone(() => runs.listExecutions({ stateMachineArn, statusFilter: 'RUNNING' })) ?? {};
    for (const { executionArn } of executions) {
      await runs.stopExecution({ executionArn, cause: REASON });
    }
    return executions.length;
  }

  /** Returns how many have not ended: a cluster cannot be deleted before. */
  private async stopTasks(cluster: string): Promise<number> {
    const { runs } = this.dependencies;
    const { taskArns: running = [] } = await unlessGone(() => runs.listTasks({ cluster, desiredStatus: 'RUNNING' })) ?? {};
    for (const task of running) {
      await runs.stopTask({ cluster, task, reason: REASON });
    }
    const { taskArns: stopping = [] } = await unlessGone(() => runs.listTasks({ cluster, desiredStatus: 'STOPPED' })) ?? {};
    if (stopping.length === 0) {
      return running.length;
    }
    const { tasks = [] } = await runs.describeTasks({ cluster, tasks: stopping.slice(0, 100) });
    return running.length + tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED').length;
  }
}

async function unlessGone<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (GONE.has(serviceError(error).name)) {
      return undefined;
    }
    throw error;
  }
}
