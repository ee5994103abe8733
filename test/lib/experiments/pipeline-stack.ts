import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, aws_codecommit as codecommit, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DvcStore, ExperimentObjective, ExperimentPipeline, ExperimentTracking, GitRepository, type ExperimentPipelineProps } from '../../../lib';
import { valueAt } from '../../../lib/private/objects';

/** A folder of the test file's own, with three scripts. */
export const SCRIPTS = fs.mkdtempSync(path.join(os.tmpdir(), 'experiment-'));
for (const name of ['prepare.py', 'train.py', 'evaluate.py', 'register.py', 'requirements.txt']) {
  fs.writeFileSync(path.join(SCRIPTS, name), '');
}

afterAll(() => {
  fs.rmSync(SCRIPTS, { recursive: true });
});

export const TRAINING = { folder: SCRIPTS, entryPoint: 'train.py', metrics: { error: String.raw`error: ([0-9.]+)` } };
export const REGISTRATION = { folder: SCRIPTS, entryPoint: 'register.py' };
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

/** The definition, with a word for each token. */
export function definition(stack: Stack): unknown {
  const [machine] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
  const text = valueAt(machine, '/Properties/DefinitionString');
  const parts = valueAt(text, '/Fn::Join/1');
  if (!Array.isArray(parts)) {
    throw new Error(`no definition: ${JSON.stringify(text)}`);
  }
  const name = (part: unknown): string => typeof part === 'string' ? part : `<${JSON.stringify(part).replace(/[^A-Za-z]+/g, ' ').trim()}>`;
  return JSON.parse(parts.map(name).join(''));
}

/** A state of the trials. */
export const trialState = (stack: Stack, name: string): unknown => valueAt(definition(stack), `/States/Trials/ItemProcessor/States/${name}`);
