import type { ControllerSettings } from '../../../lib/endpoint/private/load-test/contract';
import type { Run } from '../report/run';
import type { Dependencies } from './dependencies';
import { LoadTestProblem } from './problem';
import type { Control, State } from './state';
import { Store } from './store';
import { Tasks } from './tasks';

/** A master that hears nothing for so long ends by itself. It is renewed by each action, and waits are shorter. */
const LEASE_MS = 5 * 60_000;
/** A second for each worker's share of users is enough for a client that shares its connections. */
const SPAWN_PER_WORKER = 50;

/** What the controller answers: which action comes next, and when. */
export interface Next {
  readonly runId: string;
  readonly next: 'poll' | 'step' | 'measure' | 'decide' | 'stop';
  readonly waitSeconds: number;
  /** For a person who looks at the execution. */
  readonly step: number;
  readonly users: number;
  readonly workers: number;
}

/** One run, whatever is done to it. */
export class RunContext {
  public readonly store: Store;
  public readonly tasks: Tasks;

  public constructor(
    public readonly settings: ControllerSettings, public readonly dependencies: Dependencies,
    public readonly runId: string, public readonly executionArn: string,
  ) {
    this.store = new Store(dependencies.objects, settings.resultsBucket, runId);
    this.tasks = new Tasks(dependencies.tasks, settings);
  }

  public now(): number {
    return this.dependencies.now();
  }

  public async load(): Promise<{ readonly state: State; readonly run: Run }> {
    const [state, run] = await Promise.all([this.store.state(), this.store.run()]);
    if (state === undefined || run === undefined) {
      throw new LoadTestProblem(`the run ${this.runId} has no state in the results bucket: was its folder deleted?`);
    }
    return { state, run };
  }

  /** Keeps the state, and renews the master's lease with what it is to do. */
  public async save(state: State, run: Run, next: Next['next'], waitSeconds: number): Promise<Next> {
    await this.store.writeState(state);
    await this.store.writeControl(this.control(state, run, false));
    return { runId: this.runId, next, waitSeconds, step: state.step, users: usersOf(state, run), workers: state.wantedWorkers };
  }

  public control(state: State, run: Run, stop: boolean): Control {
    const users = usersOf(state, run);
    return {
      step: state.step, users, spawnRate: spawnRate(users, state.wantedWorkers), workers: state.wantedWorkers,
      settleSeconds: run.plan.settleSeconds, holdSeconds: run.plan.holdSeconds,
      leaseUntil: new Date(this.now() + LEASE_MS).toISOString(), stop,
    };
  }
}

/** Users a second: all within ten seconds, as fast as the workers can. */
export function spawnRate(users: number, workers: number): number {
  return Math.min(Math.max(1, users / 10), SPAWN_PER_WORKER * Math.max(1, workers));
}

export function usersOf(state: State, run: Run): number {
  return run.plan.users[state.index] ?? 0;
}
