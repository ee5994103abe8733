import { isRecord } from '../../service/validator';
import { inCheckout } from '../folder';
import { LocalProblem } from '../problem';
import type { ExperimentsRepository } from './repository';
import type { TrialResult } from './run';

/** A run, as MLflow has it. */
interface Run {
  readonly status: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/**
 * Reads the runs of all trials back from MLflow, by its own client, and compares them with the output of the pipeline: commit, branch and
 * metrics. Returns a line for each. Throws where MLflow says anything else.
 */
export async function readRuns(
  repository: Pick<ExperimentsRepository, 'runPython'>, trackingUri: string, trials: readonly TrialResult[],
): Promise<string[]> {
  const jobs = trials.map(({ trainingJob }) => trainingJob);
  const program = inCheckout('local', 'cloud', 'experiments', 'read_runs.py');
  const printed = await repository.runPython('the runs in MLflow', [program, ...jobs], { MLFLOW_TRACKING_URI: trackingUri });
  const runs: unknown = JSON.parse(printed.split('\n').at(-1) ?? '');
  return trials.map((trial) => checkedRun(trial, isRecord(runs) ? runs[trial.trainingJob] : undefined));
}

function checkedRun(trial: TrialResult, value: unknown): string {
  const { metrics, params, status } = readRun(value);
  const wanted = { data_commit_hash: trial.commit, dvc_branch: trial.branch };
  for (const [name, text] of Object.entries(wanted)) {
    demandSame(trial, name, params[name], text);
  }
  demandSame(trial, 'status', status, 'FINISHED');
  for (const [name, number] of Object.entries(trial.metrics)) {
    demandSame(trial, name, metrics[name], number);
  }
  const told = Object.entries(metrics).map(([name, number]) => `${name} ${String(number)}`).sort().join(', ');
  return `${trial.name}  data_commit_hash ${trial.commit}, ${told}`;
}

function readRun(value: unknown): Run {
  const { metrics, params, status } = isRecord(value) ? value : {};
  return { status, params: isRecord(params) ? params : {}, metrics: isRecord(metrics) ? metrics : {} };
}

function demandSame({ name: trial }: TrialResult, what: string, got: unknown, wanted: string | number): void {
  if (got !== wanted) {
    throw new LocalProblem(`${what} of the run of ${trial} must be ${wanted}, as the pipeline says, MLflow has ${JSON.stringify(got)}`);
  }
}
