import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { ExperimentObjective } from '../../lib';
import { LocalFolder } from '../../local/cloud/folder';
import { definition, SCRIPTS, stackWith } from '../lib/experiments/pipeline-stack';

interface Execution {
  readonly status: string;
  readonly cause: string | null;
  readonly output: unknown;
  readonly calls: { readonly integration: string; readonly asked: Readonly<Record<string, unknown>> }[];
}

/** Two executions of the pipeline in the engine of the emulator, one after the other. */
function executions(): Execution[] {
  const { stack } = stackWith({
    evaluation: { folder: SCRIPTS, entryPoint: 'evaluate.py', metrics: { score: 'score: (.*)' } }, objective: ExperimentObjective.maximize('score'),
  });
  const { stdout, stderr } = spawnSync(LocalFolder.at().python, [path.join(__dirname, 'pipeline_definition.py')], {
    input: JSON.stringify(definition(stack)).replaceAll('<Ref AWS Partition>', 'aws'), encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (stdout === '') {
    throw new Error(stderr);
  }
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Execution[];
}

describe('the definition of a pipeline, in the engine of the emulator', () => {
  const [first, second] = executions();
  const jobs = (execution: Execution | undefined): Readonly<Record<string, unknown>>[] => (
    (execution?.calls ?? []).filter(({ integration }) => integration.startsWith('sagemaker:')).map(({ asked }) => asked)
  );

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
