import { isRecord } from '../../service/validator';
import { inCheckout } from '../folder';
import { LocalProblem } from '../problem';
import type { ExperimentsRepository } from './repository';
import type { PipelineResult } from './run';

/** What the registry has of a model. */
export interface RegisteredModel {
  readonly name: string;
  readonly version: string;
  /** The run of the training that made it. */
  readonly run: string;
  /** How many versions the model has. */
  readonly versions: number;
}

/**
 * Reads the version that the execution says it has registered from MLflow's registry, by MLflow's own client, and compares it with the
 * winner. Throws where the registry has another version, model, commit or branch.
 */
export async function readRegistered(
  repository: Pick<ExperimentsRepository, 'runPython'>, trackingUri: string, { registered, winner }: PipelineResult,
): Promise<RegisteredModel> {
  const program = inCheckout('local', 'cloud', 'experiments', 'read_registry.py');
  const printed = await repository.runPython('the winner in MLflow\'s registry', [program, registered.name, registered.alias], {
    MLFLOW_TRACKING_URI: trackingUri,
  });
  const found: unknown = JSON.parse(printed.split('\n').at(-1) ?? '');
  const { run, source, tags, version, versions } = isRecord(found) ? found : {};
  const { data_commit_hash: commit, dvc_branch: branch } = isRecord(tags) ? tags : {};
  for (const [what, got, wanted] of [
    ['version', version, registered.version], ['model', source, winner.model], ['commit', commit, winner.commit], ['branch', branch, winner.branch],
  ] as const) {
    if (got !== wanted) {
      throw new LocalProblem(`the ${what} of the winner in MLflow's registry must be ${wanted}, got ${JSON.stringify(got)}`);
    }
  }
  return { name: registered.name, version: registered.version, run: String(run), versions: Number(versions) };
}
