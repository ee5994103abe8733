import { serviceError } from '../../shared/errors';
import { RUN_VERSION, type Run } from '../report/run';
import type { Next, RunContext } from './context';
import { countPayloads } from './payloads';
import { LoadTestProblem } from './problem';
import { describeHardware, describeTarget, requireInService } from './target';
import { wantedOf, workersFor } from './wanted';

/** What SageMaker's and Locust's names in the tasks' environment may hold, and a folder in S3. */
const RUN_ID = /^[\w.-]{1,80}$/;

/** Checks all that can be checked before anything is started, takes the only place to run, and starts the master. */
export async function start(context: RunContext, input: unknown): Promise<Next> {
  const { settings, dependencies, runId, executionArn, store, tasks } = context;
  if (!RUN_ID.test(runId)) {
    throw new LoadTestProblem(`the execution's name is the run's folder: it must have letters, digits, dots, hyphens and underscores, got ${runId}`);
  }
  const wanted = wantedOf(settings, input);
  const other = await store.lock({ executionArn, runId }, (arn) => isOver(context, arn));
  if (other !== undefined) {
    throw new LoadTestProblem(`the run ${other.runId} is going on (${other.executionArn}): one run at a time. Wait until it has ended, or stop it`);
  }
  const begun = await store.state();
  if (begun !== undefined) { // this action is repeated
    const { state, run } = await context.load();
    return context.save(state, run, 'poll', 1);
  }
  const target = await describeTarget(dependencies.endpoint, settings.endpointName, settings.variantName);
  requireInService(target);
  const hardware = await describeHardware(dependencies.endpoint, target);
  const { users, targetTps, p99Ms, errorPercent, settleSeconds, holdSeconds } = wanted;
  const run: Run = {
    kind: 'endpoint',
    version: RUN_VERSION,
    runId,
    startedAt: new Date(context.now()).toISOString(),
    endpointName: target.endpointName,
    variantName: target.variantName,
    region: settings.region,
    instanceType: hardware.instanceType,
    instances: target.instances,
    vcpus: hardware.vcpus,
    ...(hardware.gpus === 0 ? {} : { gpus: hardware.gpus }),
    payloads: await countPayloads(dependencies.objects, settings),
    contentType: settings.contentType,
    limits: {
      ...(targetTps === undefined ? {} : { targetTps }),
      ...(p99Ms === undefined ? {} : { p99Ms }),
      errorPercent,
      maxUsers: users.at(-1) ?? 0,
    },
    plan: { users, settleSeconds, holdSeconds },
    status: 'RUNNING',
    steps: [],
  };
  await store.writeRun(run);
  await tasks.stopAll('left by an earlier run');
  const wantedWorkers = workersFor(users[0] ?? 1, settings.workers);
  const master = await tasks.startMaster(runId, { RUN_ID: runId, LOCUST_EXPECT_WORKERS: String(wantedWorkers) });
  const deadline = context.now() + settings.startSeconds * 1000;
  return context.save({
    runId, executionArn, phase: 'master', master, workers: [], wantedWorkers, started: 0, deadline, index: 0, step: 0, losses: 0,
  }, run, 'poll', 5);
}

/** Whether an execution has ended. Step Functions forgets one after 90 days. */
async function isOver({ dependencies }: RunContext, executionArn: string): Promise<boolean> {
  try {
    const { status } = await dependencies.executions.describeExecution({ executionArn });
    return status !== 'RUNNING' && status !== 'PENDING_REDRIVE';
  } catch (error) {
    if (serviceError(error).name === 'ExecutionDoesNotExist') {
      return true;
    }
    throw error;
  }
}
