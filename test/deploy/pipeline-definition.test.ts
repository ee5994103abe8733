import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { ExperimentObjective, type ExperimentPipelineProps } from '../../lib';
import { valueAt } from '../../lib/private/objects';
import { LocalFolder } from '../../local/cloud/folder';
import { definition, REGISTRATION, SCRIPTS, stackWith } from '../lib/experiments/pipeline-stack';

interface Execution {
  readonly status: string;
  readonly error: string | null;
  readonly cause: string | null;
  readonly output: unknown;
  readonly calls: { readonly integration: string; readonly asked: Readonly<Record<string, unknown>> }[];
}

/** Executions of the pipeline in the engine of the emulator, one after the other, with what is different by then. */
function executions(changes: readonly string[], props: Partial<ExperimentPipelineProps> = {}): Execution[] {
  const { stack } = stackWith({
    evaluation: { folder: SCRIPTS, entryPoint: 'evaluate.py', metrics: { score: 'score: (.*)' } }, objective: ExperimentObjective.maximize('score'),
    ...props,
  });
  const { stdout, stderr } = spawnSync(LocalFolder.at().python, [path.join(__dirname, 'pipeline_definition.py'), ...changes], {
    input: JSON.stringify(definition(stack)).replaceAll('<Ref AWS Partition>', 'aws'), encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (stdout === '') {
    throw new Error(stderr);
  }
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Execution[];
}

const jobs = (execution: Execution | undefined): Readonly<Record<string, unknown>>[] => (
  (execution?.calls ?? []).filter(({ integration }) => integration.startsWith('sagemaker:')).map(({ asked }) => asked)
);

describe('the definition of a pipeline, in the engine of the emulator', () => {
  const [first, second] = executions(['-', '-']);

  test('runs each trial, and says which one won', () => {
    expect(first).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        winner: { name: 'multi-files', commit: 'commit-of-multi-files', metrics: { error: 1.5, score: 11 } },
        key: 'winner/model.tar.gz', objectVersion: 'v7', trials: [{ name: 'single-file' }, { name: 'multi-files' }],
      },
    });
  });

  test('gives each job of a trial its arguments', () => {
    expect(jobs(first)).toHaveLength(6);
    expect(jobs(first)).toContainEqual(expect.objectContaining({
      AppSpecification: expect.objectContaining({ ContainerArguments: ['job', '--train-test-split-ratio', '0.2'] }) as unknown,
    }));
    expect(jobs(first)).toContainEqual(expect.objectContaining({ HyperParameters: { depth: '6' } }));
  });

  test('gives jobs names that SageMaker takes', () => {
    const names = jobs(first).map(({ ProcessingJobName: processing, TrainingJobName: training }) => processing ?? training);
    expect(new Set(names).size).toBe(6);
    for (const name of names) {
      expect(name).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
    }
  });

  test('copies the model of the winner', () => {
    const copy = first?.calls.find(({ integration }) => integration === 'aws-sdk:s3:copyObject');
    expect(copy?.asked.CopySource).toMatch(/^b\/stack-houses-job-t-multi-files-[0-9a-f]{10}\/model\.tar\.gz$/);
  });

  test('starts no job where all is done, and says the same', () => {
    expect(jobs(second)).toEqual([]);
    expect(second?.output).toEqual(first?.output);
  });
});

describe('the definition of a pipeline with a registration, in the engine of the emulator', () => {
  const [first, second, other, back] = executions(['-', '-', 'winner', 'winner'], { registration: REGISTRATION });
  const registrations = (execution: Execution | undefined): unknown[] => (
    jobs(execution).map(({ Environment: environment }) => environment).filter((environment) => valueAt(environment, '/EXPERIMENT_STAGE') === 'register')
  );

  test('registers the winner, and says what the script says', () => {
    expect(registrations(first)).toEqual([expect.objectContaining({
      EXPERIMENT_TRIAL: 'multi-files', EXPERIMENT_OBJECT_VERSION: 'v7', DVC_BRANCH: 'trials/multi', DVC_COMMIT: 'commit-of-multi-files',
      EXPERIMENT_TRAINING_JOB: expect.stringMatching(/^stack-houses-job-t-multi-files-/) as unknown,
      EXPERIMENT_JOB_NAME: expect.stringMatching(/^stack-houses-job-r-multi-files-[0-9a-f]{10}$/) as unknown,
      EXPERIMENT_MODEL_URI: expect.stringMatching(/^s3:\/\/b\/.*\/model\.tar\.gz$/) as unknown,
    })]);
    expect(first).toMatchObject({ status: 'SUCCEEDED', output: { objectVersion: 'v7', registered: { version: 'of multi-files' } } });
  });

  test('does not register what it registered last, and says the same', () => {
    expect(jobs(second)).toEqual([]);
    expect(second?.output).toEqual(first?.output);
  });

  test('registers another winner, and the first one again when it wins again', () => {
    expect([other, back].map((execution) => registrations(execution).length)).toEqual([1, 1]);
    expect([other, back].map((execution) => valueAt(execution?.output, '/registered/version'))).toEqual(['of single-file', 'of multi-files']);
  });

  test('fails with the reason of the registration, after the winner was published', () => {
    const [broken] = executions(['registry'], { registration: REGISTRATION });
    expect(broken).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed', cause: expect.stringContaining('the registry is closed') as unknown });
    expect(broken?.calls.map(({ integration }) => integration)).toContain('aws-sdk:s3:copyObject');
  });
});
