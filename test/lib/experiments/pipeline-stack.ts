import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, aws_codecommit as codecommit, Stack } from 'aws-cdk-lib';
import { DvcStore, ExperimentObjective, ExperimentPipeline, ExperimentTracking, GitRepository, type ExperimentPipelineProps } from '../../../lib';

/** A folder of the test file's own, with three scripts. */
export const SCRIPTS = fs.mkdtempSync(path.join(os.tmpdir(), 'experiment-'));
for (const name of ['prepare.py', 'train.py', 'evaluate.py', 'requirements.txt']) {
  fs.writeFileSync(path.join(SCRIPTS, name), '');
}

afterAll(() => {
  fs.rmSync(SCRIPTS, { recursive: true });
});

export const TRAINING = { folder: SCRIPTS, entryPoint: 'train.py', metrics: { error: String.raw`error: ([0-9.]+)` } };
export const PROCESSING = { folder: SCRIPTS, entryPoint: 'prepare.py', outputs: ['data/train', 'data/test'] };

/** Two trials of a repository in CodeCommit, tracked in an MLflow app. */
export function stackWith(
  props: Partial<ExperimentPipelineProps> | ((stack: Stack) => Partial<ExperimentPipelineProps>) = {},
  env: { account?: string; region?: string } = { account: '111122223333', region: 'eu-west-1' },
): { stack: Stack; pipeline: ExperimentPipeline } {
  const stack = new Stack(new App(), 'Stack', { env });
  const repository = new codecommit.Repository(stack, 'Repository', { repositoryName: 'data' });
  const store = new DvcStore(stack, 'Store', { repository: GitRepository.fromCodeCommit(repository) });
  const pipeline = new ExperimentPipeline(stack, 'Houses', {
    store,
    tracking: new ExperimentTracking(stack, 'Tracking'),
    processing: PROCESSING,
    training: TRAINING,
    objective: ExperimentObjective.minimize('error'),
    trials: [
      { trialName: 'single-file', processingArguments: { 'train-test-split-ratio': '0.2' }, hyperparameters: { depth: '6' } },
      { trialName: 'multi-files', branch: 'trials/multi', processingArguments: { 'train-test-split-ratio': '0.1' } },
    ],
    ...typeof props === 'function' ? props(stack) : props,
  });
  return { stack, pipeline };
}
