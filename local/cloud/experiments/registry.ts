import * as fs from 'node:fs';
import * as path from 'node:path';
import { isRecord } from '../../service/validator';
import { inCheckout } from '../folder';
import { LocalProblem } from '../problem';
import type { ExperimentsRepository } from './repository';
import type { PipelineResult } from './run';

const PROGRAM = inCheckout('examples', 'dvc-experiments', 'register.py');

/** A version of a model in MLflow's registry. */
export interface RegisteredModel { readonly name: string; readonly version: string }

/**
 * Registers the winner by the example's own program, and compares what the registry has with what the pipeline says. `folder` is for the
 * output of the execution, as a user has it in a file. Throws where the registry has another model, commit or branch.
 */
export async function register(
  repository: Pick<ExperimentsRepository, 'runPython'>, folder: string, trackingUri: string, result: PipelineResult,
): Promise<RegisteredModel> {
  const file = path.join(folder, 'output.json');
  fs.writeFileSync(file, JSON.stringify(result));
  const printed = await repository.runPython('the registration of the winner', [PROGRAM, file], { MLFLOW_TRACKING_URI: trackingUri });
  return checkedModel(result.winner, JSON.parse(printed.split('\n').at(-1) ?? ''));
}

function checkedModel({ branch, commit, model }: PipelineResult['winner'], value: unknown): RegisteredModel {
  const { name, source, tags, version } = isRecord(value) ? value : {};
  const { data_commit_hash: gotCommit, dvc_branch: gotBranch } = isRecord(tags) ? tags : {};
  for (const [what, got, wanted] of [['model', source, model], ['commit', gotCommit, commit], ['branch', gotBranch, branch]] as const) {
    if (got !== wanted) {
      throw new LocalProblem(`the ${what} of the winner in MLflow's registry must be ${wanted}, got ${JSON.stringify(got)}`);
    }
  }
  return { name: String(name), version: String(version) };
}
