import type { Run, StepErrors } from '../report/run';
import { spawnRate, usersOf, type Next, type RunContext } from './context';
import type { MasterState } from './master-state';
import { LoadTestProblem } from './problem';
import type { State } from './state';
import { describeTarget } from './target';
import { advice, type Described } from './tasks';
import { workersFor } from './wanted';

const START_POLL_SECONDS = 5;
/** For a master and workers that are busy, beyond what the step takes. */
const STEP_MARGIN_SECONDS = 120;
/** Too late, too many, and SageMaker's own for a container that failed. */
const NOT_OF_THE_PAYLOAD = new Set([408, 424, 429]);

/** Looks whether what is waited for is there. Throws where it cannot come any more. */
export async function poll(context: RunContext): Promise<Next> {
  const { state, run } = await context.load();
  const described = await context.tasks.describe([state.master, ...state.workers]);
  const master = described.find(({ arn }) => arn === state.master);
  const written = await context.store.master();
  if (written?.failure !== undefined) {
    throw new LoadTestProblem(written.state === 'FAILED' ? written.failure : `the master ended: ${written.failure}`);
  }
  if (master?.stopped !== undefined) {
    throw new LoadTestProblem(`the master's task ended${where(state)}: ${master.stopped}${advice(master.stopped)}`);
  }
  switch (state.phase) {
    case 'master': return pollMaster(context, state, run, master);
    case 'workers': return pollWorkers(context, state, run, described, written);
    default: return pollStep(context, state, run, described, written);
  }
}

/** Begins the next step, or first starts the workers that it lacks. */
export async function step(context: RunContext): Promise<Next> {
  const { state, run } = await context.load();
  const { settings } = context;
  const users = usersOf(state, run);
  const wantedWorkers = Math.max(state.wantedWorkers, workersFor(users, settings.workers));
  const described = await context.tasks.describe(state.workers);
  const alive = state.workers.filter((arn) => described.some((task) => task.arn === arn && task.stopped === undefined));
  const wanting = { ...state, wantedWorkers, workers: alive };
  if (alive.length < wantedWorkers) {
    return startWorkers(context, wanting, run, wantedWorkers - alive.length);
  }
  const seconds = users / spawnRate(users, wantedWorkers) + run.plan.settleSeconds + run.plan.holdSeconds + STEP_MARGIN_SECONDS;
  const next: State = {
    ...wanting, phase: 'hold', step: state.step + 1, deadline: context.now() + seconds * 1000,
    instancesFrom: undefined, instancesTo: undefined, lastMetrics: undefined,
  };
  return context.save(next, run, 'poll', pollSeconds(run));
}

async function pollMaster(context: RunContext, state: State, run: Run, master: Described | undefined): Promise<Next> {
  if (master?.isRunning === true && master.host !== undefined) {
    return startWorkers(context, { ...state, masterHost: master.host }, run, state.wantedWorkers);
  }
  requireTime(context, state, `the master's task did not run within ${context.settings.startSeconds} s: see its events in ECS, `
    + 'and whether its subnets reach ECR, S3 and CloudWatch Logs');
  return context.save(state, run, 'poll', START_POLL_SECONDS);
}

async function startWorkers(context: RunContext, state: State, run: Run, count: number): Promise<Next> {
  const environment = { RUN_ID: state.runId, LOCUST_MASTER_HOST: state.masterHost ?? '' };
  const workers = await context.tasks.startWorkers(state.runId, count, environment, state.started);
  const deadline = context.now() + context.settings.startSeconds * 1000;
  const next: State = { ...state, phase: 'workers', workers: [...state.workers, ...workers], started: state.started + count, deadline };
  return context.save(next, run, 'poll', START_POLL_SECONDS);
}

async function pollWorkers(
  context: RunContext, state: State, run: Run, described: readonly Described[], master: MasterState | undefined,
): Promise<Next> {
  const dead = described.find(({ arn, stopped }) => arn !== state.master && stopped !== undefined);
  if (dead?.stopped !== undefined) {
    throw new LoadTestProblem(`a worker's task ended before it reached the master: ${dead.stopped}${advice(dead.stopped)}. See the log of ${dead.arn}`);
  }
  const ready = master?.workers.length ?? 0;
  if (ready >= state.wantedWorkers) {
    return context.save(state, run, 'step', 0);
  }
  requireTime(context, state, `${state.wantedWorkers - ready} of ${state.wantedWorkers} workers did not come within `
    + `${context.settings.startSeconds} s: see their logs, and whether they may reach the master at port 5557`);
  return context.save(state, run, 'poll', START_POLL_SECONDS);
}

async function pollStep(
  context: RunContext, state: State, run: Run, described: readonly Described[], master: MasterState | undefined,
): Promise<Next> {
  const target = await describeTarget(context.dependencies.endpoint, run.endpointName, run.variantName);
  const workers = described.filter(({ arn }) => arn !== state.master);
  const [dead] = workers;
  if (dead !== undefined && workers.every(({ stopped }) => stopped !== undefined)) {
    throw new LoadTestProblem(`all workers ended${where(state)}: ${dead.stopped ?? ''}`);
  }
  const isOfStep = master?.step === state.step;
  if (isOfStep) {
    requireAccepted(master, state);
  }
  if (isOfStep && master.measured?.step === state.step) {
    const deadline = context.now() + context.settings.metricDelaySeconds * 1000;
    const from = state.instancesFrom ?? target.instances;
    const next: State = { ...state, phase: 'metrics', instancesFrom: from, instancesTo: target.instances, deadline };
    return context.save(next, run, 'measure', Math.ceil(context.settings.metricPeriodSeconds / 2));
  }
  requireTime(context, state, `the master did not finish step ${state.step} in time: it is ${master?.state ?? 'silent'}`);
  const isHeld = isOfStep && master.state !== 'SPAWNING' && master.state !== 'SETTLING';
  const next = isHeld && state.instancesFrom !== undefined ? state : { ...state, instancesFrom: target.instances };
  return context.save(next, run, 'poll', pollSeconds(run));
}

/** A request that is wrong is wrong each time: a step would only repeat it a thousand times. */
function requireAccepted({ progress }: MasterState, state: State): void {
  const [error] = progress.errors;
  if (error !== undefined && progress.errors.every(isRefusal) && progress.failures > 0 && progress.failures === progress.requests) {
    throw new LoadTestProblem(
      `${error.kind === 'model' ? 'the model' : 'InvokeEndpoint'} refused all of the first ${progress.requests} requests${where(state)}: ${error.code}`
      + `${error.status === undefined ? '' : ` (${error.status})`}: ${error.message}`,
    );
  }
}

/** By SageMaker, or by the container, which says what is wrong with the payload. One that is full or late may answer the next request. */
function isRefusal({ kind, status = 0 }: StepErrors): boolean {
  return kind === 'refused' || (kind === 'model' && status >= 400 && status < 500 && !NOT_OF_THE_PAYLOAD.has(status));
}

function requireTime(context: RunContext, { deadline }: State, otherwise: string): void {
  if (context.now() > deadline) {
    throw new LoadTestProblem(otherwise);
  }
}

function where({ step }: State): string {
  return step === 0 ? ' before the first step' : ` in step ${step}`;
}

/** Often enough to see a change of instances where it happens, and seldom enough for a long hold. */
function pollSeconds({ plan }: Run): number {
  return Math.min(15, Math.max(2, Math.round(plan.holdSeconds / 6)));
}
